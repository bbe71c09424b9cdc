//! Where values stand along one side of a drawing, and which of them are written there: amounts at round steps, times at even ones, words one
//! beside the other.

use super::{Tick, amount, number, pixels, short};
use crate::clock;

/// Steps that an axis has about, and words that are written along one.
const STEPS: f64 = 5.0;
const WORDS: usize = 8;

/// One side of a drawing, from a place to another, in pixels.
pub(super) struct Axis {
    /// Values at both ends; of words how many there are.
    least: f64,
    most: f64,
    from: f64,
    to: f64,
    marks: Marks,
}

enum Marks {
    /// Amounts, a step apart.
    Amounts(f64),
    /// Milliseconds.
    Times,
    Words(Vec<String>),
}

/// What marks run through: places of their lines, and whether these go down.
pub(super) struct Side {
    pub(super) from: f64,
    pub(super) to: f64,
    pub(super) is_down: bool,
}

impl Axis {
    /// For amounts: it ends at round ones.
    pub(super) fn of_amounts(values: impl Iterator<Item = f64>, from: f64, to: f64) -> Axis {
        let (least, most) = ends(values);
        let step = round((most - least) / STEPS);
        Axis { least: (least / step).floor() * step, most: (most / step).ceil() * step, from, to, marks: Marks::Amounts(step) }
    }

    /// For whatever a column of that kind holds: amounts and times by their value, where all are some; else words in their order.
    pub(super) fn of_names<'a>(names: impl Iterator<Item = &'a str> + Clone, kind: Option<&str>, from: f64, to: f64) -> Axis {
        let valued = |value: fn(&str) -> Option<f64>| names.clone().map(value).collect::<Option<Vec<f64>>>().filter(|all| !all.is_empty());
        match kind {
            Some("number") => valued(number).map(|values| Axis::of_amounts(values.into_iter(), from, to)),
            Some("date" | "time") => valued(time).map(|values| {
                let (least, most) = ends(values.into_iter());
                Axis { least, most, from, to, marks: Marks::Times }
            }),
            _ => None,
        }
        .unwrap_or_else(|| {
            let words: Vec<String> = names.map(str::to_owned).collect();
            Axis { least: 0.0, most: words.len().saturating_sub(1).max(1) as f64, from, to, marks: Marks::Words(words) }
        })
    }

    pub(super) fn place(&self, value: f64) -> f64 {
        self.from + (value - self.least) / (self.most - self.least) * (self.to - self.from)
    }

    /// The place of the name of a row.
    pub(super) fn place_of(&self, row: usize, name: &str) -> f64 {
        let value = match self.marks {
            Marks::Amounts(_) => number(name),
            Marks::Times => time(name),
            Marks::Words(_) => Some(row as f64),
        };
        self.place(value.unwrap_or(self.least))
    }

    /// Its marks, each with its line.
    pub(super) fn ticks(&self, side: &Side) -> Vec<Tick> {
        self.marks().into_iter().map(|(value, text)| side.tick(self.place(value), text)).collect()
    }

    fn marks(&self) -> Vec<(f64, String)> {
        match &self.marks {
            Marks::Amounts(step) => {
                let count = ((self.most - self.least) / step).round();
                let values =
                    (0..).map(|at| self.least + f64::from(at) * step).take_while(|value| *value <= self.least + (count + 0.5) * step);
                values.map(|value| (value, written(value, *step))).collect()
            }
            Marks::Times => {
                let is_of_days = self.most - self.least > 2.0 * DAY_MS;
                let values = (0..=4).map(|at| self.least + (self.most - self.least) * f64::from(at) / 4.0);
                values.map(|value| (value, moment(value, is_of_days))).collect()
            }
            Marks::Words(words) => {
                let each = words.len().div_ceil(WORDS).max(1);
                words.iter().enumerate().step_by(each).map(|(at, word)| (at as f64, short(word))).collect()
            }
        }
    }
}

impl Side {
    fn tick(&self, at: f64, text: String) -> Tick {
        let [at, from, to] = [at, self.from, self.to].map(pixels);
        match self.is_down {
            true => {
                let text_y = pixels(self.to + 18.0);
                Tick { x1: at.clone(), y1: from, x2: at.clone(), y2: to, text_x: at, text_y, anchor: "middle", text }
            }
            false => {
                let (text_x, text_y) = (pixels(self.from - 8.0), at.clone());
                Tick { x1: from, y1: at.clone(), x2: to, y2: at, text_x, text_y, anchor: "end", text }
            }
        }
    }
}

const DAY_MS: f64 = 86_400_000.0;

/// The least and the greatest, made to differ.
fn ends(values: impl Iterator<Item = f64>) -> (f64, f64) {
    let (least, most) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(least, most), value| (least.min(value), most.max(value)));
    match least.is_finite() {
        true if least < most => (least, most),
        true => (least - least.abs().max(1.0) / 2.0, most + most.abs().max(1.0) / 2.0),
        false => (0.0, 1.0),
    }
}

/// The next of 1, 2 and 5 times a power of ten.
fn round(step: f64) -> f64 {
    let power = 10f64.powf(step.log10().floor());
    [1.0, 2.0, 5.0].into_iter().map(|times| times * power).find(|round| *round >= step * 0.999).unwrap_or(10.0 * power)
}

/// An amount at a mark, with as many places as the step has.
fn written(value: f64, step: f64) -> String {
    let places = (0..9).find(|places| (step * 10f64.powi(*places)).fract().abs() < 1e-9).unwrap_or(9);
    let text = format!("{:.*}", usize::try_from(places).unwrap_or_default(), if value.abs() < step / 2.0 { 0.0 } else { value });
    amount(&text)
}

/// Milliseconds since 1970 of a date or time as the page shows it.
fn time(text: &str) -> Option<f64> {
    let at_ms = clock::date_ms(text).or_else(|| clock::date_ms(&format!("{text}Z")))?;
    Some(at_ms as f64)
}

#[expect(clippy::cast_possible_truncation, reason = "a time lies between two that were whole milliseconds")]
fn moment(at_ms: f64, is_of_days: bool) -> String {
    let (date, time) = (clock::date(at_ms as i64), clock::time(at_ms as i64));
    if is_of_days { date } else { time.get(5..16).unwrap_or(&date).replace('T', " ") }
}
