//! The drawing of an answer: bars, a line or points, one column against another, as shapes with their places. It is drawn from the first rows
//! of the answer, in its order, and the page says of how many. What counts as a number is decided here: an identifier never does, be it kept
//! in a column of numbers. How shapes look is `chart.html`'s.

mod axis;

use super::{api::Column, kept::Leaf, page::grouped};
use axis::{Axis, Side};

/// Kinds of drawings; the first is drawn where none is chosen.
pub(crate) const KINDS: [&str; 3] = ["bar", "line", "scatter"];
/// Rows that are drawn, of bars and of points.
const BARS: usize = 60;
pub(crate) const POINTS: usize = 500;
/// Digits from which on a whole number is no amount: a double holds fifteen of any.
const DIGITS: usize = 15;

/// Width of a drawing, and its margins, in pixels.
const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 340.0;
const LEFT: f64 = 84.0;
const RIGHT: f64 = 24.0;
const TOP: f64 = 12.0;
const FOOT: f64 = 30.0;
/// Of bars: room for what they are called, and for their values; height of one.
const NAMES: f64 = 220.0;
const VALUES: f64 = 96.0;
const BAR: f64 = 20.0;

/// What may be drawn of an answer.
#[derive(Debug)]
pub(crate) struct Drawable {
    pub(crate) xs: Vec<(usize, String)>,
    pub(crate) ys: Vec<(usize, String)>,
}

/// What somebody chose.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Chosen {
    pub(crate) kind: &'static str,
    pub(crate) x: usize,
    pub(crate) y: usize,
}

/// A drawing.
#[derive(Debug, Default)]
pub(crate) struct Drawing {
    pub(crate) x: String,
    pub(crate) y: String,
    pub(crate) width: String,
    pub(crate) height: String,
    pub(crate) grid: Vec<Tick>,
    pub(crate) names: Vec<Tick>,
    pub(crate) bars: Vec<Bar>,
    pub(crate) path: String,
    pub(crate) points: Vec<Point>,
    /// Rows that are drawn, those of them without a number, and the least and greatest of these.
    pub(crate) drawn: u64,
    pub(crate) blank: u64,
    pub(crate) least: String,
    pub(crate) most: String,
}

/// A line across or down with what it says.
#[derive(Debug)]
pub(crate) struct Tick {
    pub(crate) x1: String,
    pub(crate) y1: String,
    pub(crate) x2: String,
    pub(crate) y2: String,
    pub(crate) text_x: String,
    pub(crate) text_y: String,
    pub(crate) anchor: &'static str,
    pub(crate) text: String,
}

#[derive(Debug)]
pub(crate) struct Bar {
    pub(crate) x: String,
    pub(crate) y: String,
    pub(crate) width: String,
    pub(crate) text_x: String,
    pub(crate) text_y: String,
    pub(crate) name: String,
    pub(crate) value: String,
}

#[derive(Debug)]
pub(crate) struct Point {
    pub(crate) x: String,
    pub(crate) y: String,
    pub(crate) name: String,
    pub(crate) value: String,
}

/// A row that has a number.
struct Row<'a> {
    name: &'a str,
    value: f64,
    text: &'a str,
}

impl Drawable {
    /// The columns that can be chosen; none where no column holds amounts.
    pub(crate) fn of(head: &Leaf) -> Option<Drawable> {
        let named = |(at, column): (usize, &Column)| (at, column.name.clone());
        let ys: Vec<_> = head.columns.iter().enumerate().filter(|(at, _)| is_amount(head, *at)).map(named).collect();
        let xs = head.columns.iter().enumerate().map(named).collect();
        Some(Drawable { xs, ys }).filter(|drawable| !drawable.ys.is_empty())
    }

    /// What was chosen, where it can be drawn: what was left open is chosen here.
    pub(crate) fn chosen(&self, kind: &str, x: Option<usize>, y: Option<usize>) -> Chosen {
        let y = y.filter(|y| self.ys.iter().any(|(at, _)| at == y)).or_else(|| self.ys.first().map(|(at, _)| *at)).unwrap_or_default();
        let is_word = |at: &usize| self.ys.iter().all(|(known, _)| known != at);
        let first = || self.xs.iter().map(|(at, _)| *at).find(is_word).or_else(|| self.xs.iter().map(|(at, _)| *at).find(|at| *at != y));
        let x = x.filter(|x| *x < self.xs.len()).or_else(first).unwrap_or(y);
        Chosen { kind: KINDS.into_iter().find(|known| *known == kind).unwrap_or(KINDS[0]), x, y }
    }
}

/// Whether a column holds amounts: numbers, none of which has more digits than an amount, and none of which is called an identifier.
fn is_amount(head: &Leaf, at: usize) -> bool {
    let Column { name, kind } = &head.columns[at];
    let lower = name.to_lowercase();
    let is_called_one = ["id", "no"].iter().any(|end| lower == *end || lower.ends_with(&format!("_{end}")));
    let digits =
        |text: &str| text.chars().take_while(|character| *character != '.' && *character != 'e').filter(char::is_ascii_digit).count();
    let mut cells = head.rows.iter().filter_map(|row| row.get(at)?.as_deref()).peekable();
    kind == "number" && !is_called_one && cells.peek().is_some() && cells.all(|cell| digits(cell) <= DIGITS && number(cell).is_some())
}

fn number(text: &str) -> Option<f64> {
    text.parse::<f64>().ok().filter(|number| number.is_finite())
}

/// Draws the first rows of an answer.
pub(crate) fn drawn(head: &Leaf, chosen: Chosen) -> Drawing {
    let most = if chosen.kind == KINDS[0] { BARS } else { POINTS };
    let cell = |row: &'_ [Option<String>], at: usize| row.get(at).and_then(Option::as_deref).unwrap_or_default().to_owned();
    let cells: Vec<(String, String)> = head.rows.iter().take(most).map(|row| (cell(row, chosen.x), cell(row, chosen.y))).collect();
    let row = |(name, text): &'_ (String, String)| number(text).map(|value| (name.clone(), value, text.clone()));
    let found: Vec<(String, f64, String)> = cells.iter().filter_map(row).collect();
    let rows: Vec<Row<'_>> = found.iter().map(|(name, value, text)| Row { name, value: *value, text }).collect();
    let shapes = if chosen.kind == KINDS[0] { bars(&rows) } else { points(&rows, head.columns.get(chosen.x), chosen.kind == KINDS[1]) };
    let by = |least: fn(f64, f64) -> bool| {
        let found = rows.iter().reduce(|best, row| if least(row.value, best.value) { row } else { best });
        found.map(|row| amount(row.text)).unwrap_or_default()
    };
    let name = |at: usize| head.columns.get(at).map(|column| column.name.clone()).unwrap_or_default();
    Drawing {
        x: name(chosen.x),
        y: name(chosen.y),
        drawn: cells.len() as u64,
        blank: (cells.len() - rows.len()) as u64,
        least: by(|one, other| one < other),
        most: by(|one, other| one > other),
        ..shapes
    }
}

/// Bars from left to right, one below the other, since names are long.
fn bars(rows: &[Row<'_>]) -> Drawing {
    let height = TOP + BAR * rows.len() as f64;
    let axis = Axis::of_amounts(rows.iter().map(|row| row.value).chain([0.0]), NAMES, WIDTH - VALUES);
    let zero = axis.place(0.0);
    let bar = |(at, row): (usize, &Row<'_>)| {
        let (end, y) = (axis.place(row.value), TOP + BAR * at as f64);
        Bar {
            x: pixels(zero.min(end)),
            y: pixels(y + 2.0),
            width: pixels((end - zero).abs().max(1.0)),
            text_x: pixels(zero.max(end) + 6.0),
            text_y: pixels(y + BAR - 6.0),
            name: row.name.to_owned(),
            value: amount(row.text),
        }
    };
    let name = |(at, row): (usize, &Row<'_>)| Tick {
        text: short(row.name),
        text_x: pixels(NAMES - 8.0),
        text_y: pixels(TOP + BAR * (at + 1) as f64 - 6.0),
        ..Tick::none("end")
    };
    Drawing {
        width: pixels(WIDTH),
        height: pixels(height + FOOT),
        grid: axis.ticks(&Side { from: TOP, to: height, is_down: true }),
        names: rows.iter().enumerate().map(name).collect(),
        bars: rows.iter().enumerate().map(bar).collect(),
        ..Drawing::default()
    }
}

/// Points, and the line through them.
fn points(rows: &[Row<'_>], column: Option<&Column>, is_line: bool) -> Drawing {
    let (right, foot) = (WIDTH - RIGHT, HEIGHT - FOOT);
    let up = Axis::of_amounts(rows.iter().map(|row| row.value), foot, TOP);
    let along = Axis::of_names(rows.iter().map(|row| row.name), column.map(|column| column.kind.as_str()), LEFT + 8.0, right - 8.0);
    let mut places: Vec<(f64, f64, &Row<'_>)> =
        rows.iter().enumerate().map(|(at, row)| (along.place_of(at, row.name), up.place(row.value), row)).collect();
    if is_line {
        places.sort_by(|left, right| left.0.total_cmp(&right.0));
    }
    let step =
        |(at, (x, y, _)): (usize, &(f64, f64, &Row<'_>))| format!("{}{} {}", if at == 0 { "M" } else { "L" }, pixels(*x), pixels(*y));
    let point =
        |(x, y, row): &(f64, f64, &Row<'_>)| Point { x: pixels(*x), y: pixels(*y), name: row.name.to_owned(), value: amount(row.text) };
    Drawing {
        width: pixels(WIDTH),
        height: pixels(HEIGHT),
        grid: up.ticks(&Side { from: LEFT, to: right, is_down: false }),
        names: along.ticks(&Side { from: TOP, to: foot, is_down: true }),
        path: if is_line { places.iter().enumerate().map(step).collect::<Vec<_>>().join(" ") } else { String::new() },
        points: places.iter().map(point).collect(),
        ..Drawing::default()
    }
}

impl Tick {
    fn none(anchor: &'static str) -> Tick {
        let none = String::new;
        Tick { x1: none(), y1: none(), x2: none(), y2: none(), text_x: none(), text_y: none(), anchor, text: none() }
    }
}

/// A place, to a tenth of a pixel.
fn pixels(place: f64) -> String {
    let text = format!("{place:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

/// A number with its thousands.
fn amount(text: &str) -> String {
    let (sign, rest) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    let (whole, part) = rest.split_once('.').map_or((rest, None), |(whole, part)| (whole, Some(part)));
    let (Ok(whole), false) = (whole.parse::<u64>(), rest.contains('e')) else { return text.to_owned() };
    match part.map(|part| &part[..part.len().min(if whole == 0 { 8 } else { 4 })]).filter(|part| !part.bytes().all(|digit| digit == b'0')) {
        Some(part) => format!("{sign}{}.{part}", grouped(whole)),
        None => format!("{sign}{}", grouped(whole)),
    }
}

/// A name that fits beside its bar; a wide character takes the room of two.
fn short(name: &str) -> String {
    const ROOM: usize = 30;
    let mut room = 0;
    let fits = |character: &char| {
        room += if character.is_ascii() { 1 } else { 2 };
        room <= ROOM
    };
    let kept: String = name.chars().take_while(fits).collect();
    if kept.len() < name.len() { format!("{kept}…") } else { kept }
}

#[cfg(test)]
mod tests;
