//! Figures, laid out: the two heads with their scales, a row a department, the matrix of who shares with whom, and all indicators by
//! dimension. A light is told by its word and sign, never by its colour alone.

use super::{Figure, Figures, HEADS, Volume};
use crate::console::{
    guest::Visit,
    page::{Page, grouped},
    words::Language,
};

/// What stands in the row of a department.
const RATES: [&str; 4] = ["data_sharing_rate", "data_utilization_rate", "timeliness", "reply_on_time"];
const MATRIX: &str = "sharing_matrix";
const DIMENSIONS: [&str; 4] = ["effectiveness", "resources", "coordination", "participation"];
/// Width of a scale, in its own units.
const WIDTH: f64 = 400.0;

#[derive(Debug)]
pub(crate) struct Board {
    pub(crate) heads: Vec<Head>,
    pub(crate) totals: Option<Totals>,
    pub(crate) rates: Vec<String>,
    pub(crate) departments: Vec<Department>,
    pub(crate) matrix: Option<Matrix>,
    pub(crate) groups: Vec<Group>,
    pub(crate) notes: Vec<String>,
}

#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) line: Line,
    pub(crate) scale: Option<Scale>,
}

/// Where marks stand on a scale, in units of its width.
#[derive(Debug)]
pub(crate) struct Scale {
    pub(crate) value: String,
    /// Each level with its place.
    pub(crate) marks: Vec<Mark>,
}

#[derive(Debug)]
pub(crate) struct Mark {
    pub(crate) name: &'static str,
    pub(crate) at: String,
}

/// An indicator with its levels.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) number: String,
    pub(crate) label: String,
    pub(crate) value: String,
    pub(crate) light: String,
    pub(crate) met: bool,
    pub(crate) of: String,
    pub(crate) baseline: String,
    pub(crate) target: String,
    pub(crate) challenge: String,
    pub(crate) origin: String,
    pub(crate) source: String,
    pub(crate) reason: String,
}

#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) dimension: &'static str,
    pub(crate) lines: Vec<Line>,
}

#[derive(Debug)]
pub(crate) struct Totals {
    pub(crate) departments: String,
    pub(crate) resources: String,
    pub(crate) files: String,
    pub(crate) read: String,
    pub(crate) accepted: String,
}

#[derive(Debug)]
pub(crate) struct Department {
    pub(crate) code: String,
    pub(crate) name: String,
    /// One of each of the rates, where there is one.
    pub(crate) rates: Vec<Option<Rate>>,
    pub(crate) volume: Option<Delivered>,
}

#[derive(Debug)]
pub(crate) struct Rate {
    pub(crate) value: String,
    pub(crate) light: String,
    pub(crate) of: String,
}

#[derive(Debug)]
pub(crate) struct Delivered {
    pub(crate) files: u64,
    pub(crate) read: String,
    pub(crate) accepted: String,
    pub(crate) fresh: String,
    pub(crate) last: String,
}

/// Who can really use what they need of whom.
#[derive(Debug)]
pub(crate) struct Matrix {
    pub(crate) whole: String,
    /// Code and name, in the order of rows and columns.
    pub(crate) names: Vec<(String, String)>,
    pub(crate) rows: Vec<(String, String, Vec<Cell>)>,
}

#[derive(Debug)]
pub(crate) struct Cell {
    /// A department does not share with itself.
    pub(crate) is_own: bool,
    pub(crate) value: String,
    pub(crate) of: String,
    /// 0 to 5, by fifths.
    pub(crate) step: u8,
}

impl Board {
    pub(crate) fn of(page: &Page, visit: &Visit, figures: &Figures) -> Board {
        let hub = visit.guest.console.state.hub();
        let names: Vec<(String, String)> = hub
            .definitions
            .departments
            .list
            .iter()
            .map(|department| (department.code.clone(), page.language.label(&department.label).to_owned()))
            .collect();
        let label = |name: &&str| figures.whole(name).map_or_else(|| (*name).to_owned(), |figure| page.said(&figure.label).to_owned());
        Board {
            heads: HEADS.iter().filter_map(|name| figures.whole(name)).map(|figure| head(page, figures, figure)).collect(),
            totals: totals(&figures.volumes),
            rates: RATES.iter().map(label).collect(),
            departments: names.iter().map(|(code, name)| department(page, figures, code, name)).collect(),
            matrix: matrix(page, figures, names),
            groups: groups(page, figures),
            notes: figures.notes.iter().map(|note| page.said(note).to_owned()).collect(),
        }
    }
}

/// The value of a figure with its unit; a dash when there is none.
pub(super) fn value(language: Language, figure: &Figure) -> String {
    let unit = if figure.unit == "%" { "%".to_owned() } else { format!(" {}", language.known("unit", &figure.unit)) };
    figure.value.map_or_else(|| "—".to_owned(), |value| format!("{value:.1}{unit}"))
}

/// The light of a figure. Grey is what has no value; what has one and no target to be held against has none to show.
pub(super) fn light(figure: &Figure) -> String {
    let is_untargeted = figure.light == "grey" && figure.value.is_some();
    if is_untargeted { "untargeted".to_owned() } else { figure.light.clone() }
}

fn number(value: f64) -> String {
    // What is rounded to nothing has no sign.
    if value.fract() == 0.0 || value.abs() < 0.05 { format!("{}", value.round() + 0.0) } else { format!("{value:.1}") }
}

fn of(figure: &Figure) -> String {
    format!("{} / {}", number(figure.numerator), number(figure.denominator))
}

fn head(page: &Page, figures: &Figures, figure: &Figure) -> Head {
    Head { line: line(page, figures, figure), scale: scale(figure) }
}

/// A scale from 0 to 100 or the farthest level.
fn scale(figure: &Figure) -> Option<Scale> {
    let levels = [("baseline", figure.baseline), ("target", figure.target), ("challenge", figure.challenge)];
    let end = levels.iter().filter_map(|(_, level)| *level).chain(figure.value).fold(100.0, f64::max);
    let place = |value: f64| format!("{:.1}", WIDTH * value / end);
    let mark = |(name, level): (&'static str, Option<f64>)| Some(Mark { name, at: place(level?) });
    Some(Scale { value: place(figure.value?), marks: levels.into_iter().filter_map(mark).collect() })
}

fn line(page: &Page, figures: &Figures, figure: &Figure) -> Line {
    let known = figures.indicators.iter().find(|known| known.name == figure.indicator);
    let level = |level: Option<f64>| level.map(number).unwrap_or_default();
    Line {
        number: known.and_then(|known| known.number).map(|number| number.to_string()).unwrap_or_default(),
        label: page.said(&figure.label).to_owned(),
        value: value(page.language, figure),
        light: light(figure),
        met: figure.target_met,
        of: of(figure),
        baseline: level(figure.baseline),
        target: level(figure.target),
        challenge: level(figure.challenge),
        origin: figure.origin.clone(),
        source: known.map(|known| known.source.clone()).unwrap_or_default(),
        reason: figure.reason.as_deref().map(|reason| page.of_key("reason", reason)).unwrap_or_default(),
    }
}

/// The whole of each indicator, those of the document in its order, the others behind them.
fn groups(page: &Page, figures: &Figures) -> Vec<Group> {
    let place = |figure: &&Figure| {
        let number = figures.indicators.iter().find(|known| known.name == figure.indicator).and_then(|known| known.number);
        (number.unwrap_or(u32::MAX), figure.indicator.clone())
    };
    let group = |dimension: &'static str| {
        let mut of_it: Vec<&Figure> = figures.figures.iter().filter(|figure| figure.dimension == dimension && figure.is_whole()).collect();
        of_it.sort_by_cached_key(place);
        Group { dimension, lines: of_it.into_iter().map(|figure| line(page, figures, figure)).collect() }
    };
    DIMENSIONS.into_iter().map(group).filter(|group| !group.lines.is_empty()).collect()
}

fn totals(volumes: &[Volume]) -> Option<Totals> {
    let sum = |of: fn(&Volume) -> u64| grouped(volumes.iter().map(of).sum());
    (!volumes.is_empty()).then(|| Totals {
        departments: volumes.len().to_string(),
        resources: sum(|volume| volume.resources),
        files: sum(|volume| volume.files),
        read: sum(|volume| volume.read),
        accepted: sum(|volume| volume.accepted),
    })
}

fn department(page: &Page, figures: &Figures, code: &str, name: &str) -> Department {
    let is_its = |figure: &&Figure| figure.department.as_deref() == Some(code) && figure.counterpart.is_none() && figure.area.is_none();
    let rate = |figure: &Figure| Rate { value: value(page.language, figure), light: light(figure), of: of(figure) };
    let rates = RATES.iter().map(|name| figures.figures.iter().filter(is_its).find(|figure| figure.indicator == *name).map(rate));
    let delivered = |volume: &Volume| Delivered {
        files: volume.files,
        read: grouped(volume.read),
        accepted: grouped(volume.accepted),
        fresh: format!("{} / {}", volume.fresh, volume.resources),
        last: volume.last.clone(),
    };
    let volume = figures.volumes.iter().find(|volume| volume.department == code).map(delivered);
    Department { code: code.to_owned(), name: name.to_owned(), rates: rates.collect(), volume }
}

fn matrix(page: &Page, figures: &Figures, names: Vec<(String, String)>) -> Option<Matrix> {
    let of_it: Vec<&Figure> = figures.figures.iter().filter(|figure| figure.indicator == MATRIX).collect();
    let whole = of_it.iter().find(|figure| figure.is_whole()).map(|figure| value(page.language, figure))?;
    if of_it.len() < 2 {
        return None;
    }
    let cell = |from: &str, to: &str| {
        let is_its = |figure: &&&Figure| figure.department.as_deref() == Some(from) && figure.counterpart.as_deref() == Some(to);
        let figure = of_it.iter().find(is_its);
        let share = figure.and_then(|figure| figure.value);
        let step = share.map_or(0, |share| (1..=5_u8).filter(|step| share >= f64::from(*step) * 20.0).count());
        Cell {
            is_own: from == to,
            value: share.map(|share| format!("{share:.0}")).unwrap_or_default(),
            of: figure.map(|figure| of(figure)).unwrap_or_default(),
            step: u8::try_from(step).unwrap_or(5),
        }
    };
    let rows =
        names.iter().map(|(from, name)| (from.clone(), name.clone(), names.iter().map(|(to, _)| cell(from, to)).collect())).collect();
    Some(Matrix { whole, names, rows })
}
