//! Indicators: what each file in `indicators/` states of itself, with the levels, the rule of stars and the notes that stand beside them. Their
//! SQL is run by the session like any question, over the same tables.
//!
//! A file opens with comment lines `-- key: value`; below them stands one SELECT that returns `department` (text, NULL for all of them
//! together), `area` (nine digits of a township, or NULL), `counterpart` (text or NULL), `numerator`, `denominator` and `value` (NULL when
//! the denominator is 0). One that is handed in has no SELECT: what the extract of reported figures says of it is all. Besides the catalogue's tables it may use the one-row relation `p`: `asof` TIMESTAMP, the time it is asked for,
//! `win_days` BIGINT, the days that count as recent, and as ISO 8601 text `today` and `year_ago` of Beijing, `before_from` and
//! `before_until`, the days before the pilot, or NULL.

mod document;
mod header;
mod levels;
mod star;

use crate::{Direction, Error, Figure, Scale, barrier::tells_of_few};
pub use document::Document;
pub(crate) use levels::Before;
use levels::Levels;
use serde::Serialize;
pub use star::{Rating, Reason, Stars};
use std::{
    collections::BTreeSet,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::Arc,
};
use wuwei_schema::{Label, SourceFile};

include!(concat!(env!("OUT_DIR"), "/indicators.rs"));

/// Days of the window in which use counts.
pub(crate) const WINDOW_DAYS: i64 = 90;

/// The columns of every indicator.
pub(crate) const COLUMNS: [&str; 6] = ["department", "area", "counterpart", "numerator", "denominator", "value"];

/// The four dimensions of the source document, in its order: 治理效能、资源配置、协同机制、群众参与.
pub const DIMENSIONS: [&str; 4] = ["effectiveness", "resources", "coordination", "participation"];

/// A figure that a bureau is judged on, from `indicators/<name>.sql`.
#[derive(Debug, Clone, Serialize)]
pub struct Indicator {
    /// The file's name without ending; it is also the view `indicator.<name>`.
    pub name: String,
    /// How people call it.
    pub label: Label,
    /// Its number in section 3.4 of the source document, if it is there.
    pub number: Option<u32>,
    /// effectiveness 治理效能, resources 资源配置, coordination 协同机制 or participation 群众参与.
    pub dimension: String,
    /// binding 约束性 or guiding 引导性.
    pub kind: String,
    /// What the value is of numerator and denominator.
    pub measure: Measure,
    /// Unit of the value, e.g. `%`.
    pub unit: String,
    /// Which way is better.
    pub direction: Direction,
    /// What is asked for.
    pub target: Option<f64>,
    /// What the source document says of the present, with the place.
    pub present: Option<String>,
    /// Over which time it counts.
    pub window: String,
    /// Whether it is computed from records or handed in.
    pub origin: Origin,
    /// Changes with the definition, so that a change of formula cannot pass as progress.
    pub version: u32,
    /// Where the definition comes from.
    pub source: String,
    /// What else the source document says of it.
    pub also: Option<String>,
    /// Baseline, target, challenge and policy; `None` when there is no light.
    pub scale: Option<Scale>,
    /// Why there is no light.
    pub unjudged: Option<String>,
    /// Changes with the SELECT.
    pub definition: String,
    /// Its SELECT, with the comments of the file.
    #[serde(skip)]
    pub sql: String,
}

/// What a value is of its numerator and denominator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// A part of the whole, in per cent.
    Rate,
    /// So much a piece.
    Mean,
    /// By how much it changed, in per cent of what was.
    Change,
}

impl Measure {
    /// What numerator out of denominator is multiplied by.
    pub(crate) fn each(self) -> f64 {
        if self == Measure::Mean { 1.0 } else { 100.0 }
    }
}

/// Where a figure comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Computed from records.
    Computed,
    /// Handed in with the extract of reported figures.
    Reported,
}

/// All indicators, and what stands beside them.
#[derive(Debug, Clone)]
pub struct Indicators {
    /// By name.
    pub list: Vec<Arc<Indicator>>,
    /// By which areas get stars, if there is a rule.
    pub stars: Option<Arc<Stars>>,
    /// The document that they are from, and its contradictions.
    pub document: Document,
    pub(crate) before: Before,
}

impl Indicators {
    /// The indicators the program carries.
    ///
    /// # Errors
    /// A file is not in order.
    pub fn embedded() -> Result<Indicators, Error> {
        let file = |&(name, text): &(&str, &str)| SourceFile { name: name.to_owned(), text: text.to_owned() };
        Indicators::parse(&INDICATORS.iter().map(file).collect::<Vec<_>>())
    }

    /// No indicator at all.
    pub(crate) fn none() -> Indicators {
        Indicators { list: Vec::new(), stars: None, document: Document::default(), before: Before::default() }
    }

    /// The indicators of these files; without `levels.toml` none has a light, without `stars.toml` no area stars.
    ///
    /// # Errors
    /// A key is missing, unknown or without sense, levels are not in order, or a rule names what there is not.
    pub fn parse(files: &[SourceFile]) -> Result<Indicators, Error> {
        let named = |name: &str| files.iter().find(|file| file.name == name);
        let mut list = files.iter().filter(|file| file.name.ends_with(".sql")).map(header::parse).collect::<Result<Vec<_>, _>>()?;
        let levels = named(levels::FILE).map(Levels::parse).transpose()?.unwrap_or_default();
        levels.give(&mut list)?;
        let stars = named(star::FILE).map(|file| Stars::parse(file, &list)).transpose()?.map(Arc::new);
        let document = named(document::FILE).map(document::parse).transpose()?.unwrap_or_default();
        Ok(Indicators { list: list.into_iter().map(Arc::new).collect(), stars, document, before: levels.before })
    }

    /// Figures as they may be kept where whoever sees indicators sees them: of those that count people, what tells of fewer than ten is not
    /// among them, nor the whole from which it could be found.
    pub fn to_keep<'f>(&self, figures: &'f [Figure]) -> Vec<&'f Figure> {
        let counts_people = |name: &str| {
            let found = self.list.iter().find(|one| one.name == name)?;
            let is_of_people =
                ["record.", "entity.", "graph.", "contract.handled_incident"].iter().any(|namespace| found.sql.contains(namespace));
            Some(found.measure).filter(|_| is_of_people)
        };
        let tells = |figure: &Figure| {
            counts_people(&figure.indicator).is_some_and(|measure| tells_of_few(measure, figure.numerator, figure.denominator))
        };
        let some: BTreeSet<&str> = figures.iter().filter(|figure| tells(figure)).map(|figure| figure.indicator.as_str()).collect();
        figures.iter().filter(|figure| !(tells(figure) || figure.is_whole() && some.contains(figure.indicator.as_str()))).collect()
    }

    /// A number that changes when a definition, a level or the rule of stars does.
    pub fn fingerprint(&self) -> i64 {
        let mut hasher = DefaultHasher::new();
        format!("{:?} {:?} {:?}", self.list, self.stars, self.before).hash(&mut hasher);
        hasher.finish().cast_signed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The carried files, with a piece of one replaced.
    fn parse(name: &str, from: &str, to: &str) -> Result<Indicators, Error> {
        let file = |&(known, text): &(&str, &str)| {
            let text = if known == name { text.replacen(from, to, 1) } else { text.to_owned() };
            SourceFile { name: known.to_owned(), text }
        };
        Indicators::parse(&INDICATORS.iter().map(file).collect::<Vec<_>>())
    }

    #[test]
    fn the_carried_indicators_are_those_of_the_document_and_five_more() {
        let carried = Indicators::embedded().unwrap();
        let mut numbers: Vec<u32> = carried.list.iter().filter_map(|indicator| indicator.number).collect();
        numbers.sort_unstable();
        assert_eq!(numbers, (1..=29).collect::<Vec<_>>(), "each of the 29 once");
        let of_document = || carried.list.iter().filter(|indicator| indicator.number.is_some());
        let count = |dimension: &str, kind: &str| of_document().filter(|one| one.dimension == dimension && one.kind == kind).count();
        let counts = DIMENSIONS.map(|dimension| (count(dimension, "binding"), count(dimension, "guiding")));
        assert_eq!(counts, [(3, 5), (3, 4), (3, 4), (3, 4)], "as section 3.4 lists them, whatever it announces");
        let lower: Vec<u32> = of_document().filter(|one| one.direction == Direction::Lower).filter_map(|one| one.number).collect();
        assert_eq!(lower.iter().collect::<BTreeSet<_>>(), [1, 12, 14].iter().collect());
        assert_eq!(carried.list.len(), 34);
        assert_eq!((carried.document.claimed, carried.document.listed), (30, 29));
        assert!(carried.list.iter().all(|one| one.scale.is_some() != one.unjudged.is_some()), "a light, or the reason why there is none");
    }

    #[test]
    fn a_slip_is_named() {
        for (name, from, to, says) in [
            ("data_sharing_rate.sql", "-- unit", "-- untit", "did you mean `unit`?"),
            ("data_sharing_rate.sql", "-- unit: %\n", "", "`unit` is missing"),
            ("data_sharing_rate.sql", "direction: higher", "direction: up", "`direction` is `up`"),
            ("data_sharing_rate.sql", "-- target: 100", "-- target: some", "`some` is no number"),
            ("data_sharing_rate.sql", "-- version: 2", "-- version: two", "count up from 1"),
            ("programme_awareness.sql", "-- Of those asked", "SELECT 1\n-- Of those asked", "handed in and has a SELECT"),
            ("levels.toml", "{ baseline = 30, challenge = 100 }", "{ baseline = 130, challenge = 100 }", "not in order"),
            ("levels.toml", "timeliness   ", "timelines   ", "did you mean `timeliness`?"),
            ("levels.toml", "2024-12-31", "2023-12-31", "no span of days"),
            ("levels.toml", "\"monotone\"", "\"monotonous\"", "unknown variant"),
            ("levels.toml", "timeliness   ", "duplicate_registration   ", "has levels and no target"),
        ] {
            let error = parse(name, from, to).unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
        }
        assert!(parse("levels.toml", "", "").is_ok());
    }

    #[test]
    fn an_indicator_without_levels_says_so() {
        let files = [SourceFile {
            name: "timeliness.sql".to_owned(),
            text: INDICATORS.iter().find(|file| file.0 == "timeliness.sql").unwrap().1.to_owned(),
        }];
        let one = &Indicators::parse(&files).unwrap().list[0];
        assert!(one.scale.is_none() && one.unjudged.as_deref().is_some_and(|reason| reason.contains("levels.toml")), "{one:?}");
    }

    #[test]
    fn a_changed_formula_changes_the_fingerprint_and_a_comment_does_not() {
        let of = |all: Indicators| all.list.iter().find(|one| one.name == "timeliness").unwrap().definition.clone();
        let carried = of(Indicators::embedded().unwrap());
        assert_eq!(carried, of(parse("timeliness.sql", "-- Days of Beijing", "-- The days of Beijing").unwrap()));
        assert_ne!(carried, of(parse("timeliness.sql", "r.cycle_days * 0.2", "r.cycle_days * 0.3").unwrap()));
    }
}
