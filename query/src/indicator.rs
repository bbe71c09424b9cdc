//! Indicators: what each file in `indicators/` states of itself. Their SQL is run by the session like any question, over the same tables.
//!
//! A file opens with comment lines `-- key: value`; below them stands one SELECT that returns `department` (text, NULL for all of them
//! together), `counterpart` (text or NULL), `numerator`, `denominator` and `value` (NULL when the denominator is 0). Besides the
//! catalogue's tables it may use the one-row relation `p(asof TIMESTAMP, win_days BIGINT)`: the time it is asked for, and the days that
//! count as recent.

use crate::{Direction, Error, Scale};
use std::collections::BTreeMap;
use wuwei_schema::{Label, SourceFile, nearest};

include!(concat!(env!("OUT_DIR"), "/indicators.rs"));

/// Days of the window in which use counts.
pub(crate) const WINDOW_DAYS: i64 = 90;

/// The columns of every indicator.
pub(crate) const COLUMNS: [&str; 5] = ["department", "counterpart", "numerator", "denominator", "value"];

const KEYS: [&str; 11] =
    ["label_zh", "label_en", "unit", "direction", "baseline", "target", "challenge", "dimension", "kind", "version", "source"];

/// A figure that a bureau is judged on, from `indicators/<name>.sql`.
#[derive(Debug, Clone)]
pub struct Indicator {
    /// The file's name without ending; it is also the view `indicator.<name>`.
    pub name: String,
    /// How people call it.
    pub label: Label,
    /// Unit of the value, e.g. `%`.
    pub unit: String,
    /// Baseline, target and challenge; `None` when nothing is demanded, so that there is no light.
    pub scale: Option<Scale>,
    /// effectiveness 治理效能, resources 资源配置, coordination 协同机制 or participation 群众参与.
    pub dimension: String,
    /// binding 约束性 or guiding 引导性.
    pub kind: String,
    /// Changes with the definition, so that a change of formula cannot pass as progress.
    pub version: u32,
    /// Where the definition and its marks come from.
    pub source: String,
    /// The SELECT.
    pub sql: String,
}

impl Indicator {
    /// The indicators the program carries, by name.
    ///
    /// # Errors
    /// A file is not in order.
    pub fn embedded() -> Result<Vec<Indicator>, Error> {
        let file = |&(name, text): &(&str, &str)| SourceFile { name: name.to_owned(), text: text.to_owned() };
        INDICATORS.iter().map(file).map(|file| Indicator::parse(&file)).collect()
    }

    /// The indicator that a file defines.
    ///
    /// # Errors
    /// A key is missing, unknown or without sense, or the marks are not in order.
    pub fn parse(file: &SourceFile) -> Result<Indicator, Error> {
        let wrong = |detail: String, hint: &str| Error::Indicator { file: file.name.clone(), detail, hint: hint.to_owned() };
        let header = header(file)?;
        let text = |key: &str| header.get(key).cloned().ok_or_else(|| wrong(format!("`{key}` is missing"), "add the line `-- key: value`"));
        let one_of = |key: &str, known: &[&str]| {
            let given = text(key)?;
            let is_known = known.contains(&given.as_str());
            if is_known { Ok(given) } else { Err(wrong(format!("`{key}` is `{given}`"), &nearest(&given, known.iter().copied()))) }
        };
        let direction = match one_of("direction", &["higher", "lower"])?.as_str() {
            "higher" => Direction::Higher,
            _ => Direction::Lower,
        };
        let marks = [text("baseline")?, text("target")?, text("challenge")?];
        Ok(Indicator {
            name: file.name.trim_end_matches(".sql").to_owned(),
            label: Label { zh: text("label_zh")?, en: text("label_en")? },
            unit: text("unit")?,
            scale: scale(direction, &marks)
                .map_err(|detail| wrong(detail, "three numbers, each at least as good as the one before, or none"))?,
            dimension: one_of("dimension", &["effectiveness", "resources", "coordination", "participation"])?,
            kind: one_of("kind", &["binding", "guiding"])?,
            version: text("version")?.parse().map_err(|_| wrong("`version` is no number".to_owned(), "count up from 1"))?,
            source: text("source")?,
            sql: file.text.clone(),
        })
    }
}

/// The `-- key: value` lines that a file opens with.
fn header(file: &SourceFile) -> Result<BTreeMap<&str, String>, Error> {
    let mut header = BTreeMap::new();
    for line in file.text.lines().map_while(|line| line.strip_prefix("-- ")) {
        let (key, value) = line.split_once(':').unwrap_or((line, ""));
        if !KEYS.contains(&key) {
            let hint = nearest(key, KEYS.into_iter());
            return Err(Error::Indicator { file: file.name.clone(), detail: format!("`{key}` is no key"), hint });
        }
        header.insert(key, value.trim().to_owned());
    }
    Ok(header)
}

fn scale(direction: Direction, marks: &[String; 3]) -> Result<Option<Scale>, String> {
    if marks.iter().all(|mark| mark == "none") {
        return Ok(None);
    }
    let number = |mark: &String| mark.parse::<f64>().map_err(|_| format!("`{mark}` is no number"));
    let scale = Scale::new(direction, number(&marks[0])?, number(&marks[1])?, number(&marks[2])?);
    scale.map(Some).ok_or_else(|| "baseline, target and challenge are not in order".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(change: (&str, &str)) -> Result<Indicator, Error> {
        let (name, text) = INDICATORS[0];
        Indicator::parse(&SourceFile { name: name.to_owned(), text: text.replacen(change.0, change.1, 1) })
    }

    #[test]
    fn the_carried_indicators_are_in_order() {
        let carried = Indicator::embedded().unwrap();
        let names: Vec<&str> = carried.iter().map(|indicator| indicator.name.as_str()).collect();
        let of_a_bureau = ["data_sharing_rate", "data_utilization_rate", "duplicate_registration", "interconnection_rate"];
        assert_eq!(names, [of_a_bureau.as_slice(), &["reply_on_time", "sharing_matrix", "timeliness"]].concat());
    }

    #[test]
    fn a_slip_in_a_header_is_named() {
        for (change, says) in [
            (("-- unit", "-- untit"), "did you mean `unit`?"),
            (("-- unit: %\n", ""), "`unit` is missing"),
            (("higher", "up"), "`direction` is `up`"),
            (("-- baseline: 30", "-- baseline: 130"), "not in order"),
            (("-- baseline: 30", "-- baseline: some"), "`some` is no number"),
            (("-- version: 1", "-- version: one"), "count up from 1"),
        ] {
            let error = parse(change).unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
        }
        assert!(parse(("-- unit", "-- unit")).is_ok());
    }
}
