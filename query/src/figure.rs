//! What an indicator says: figures with their lights, checked on the way. A figure that breaks its own arithmetic is a defect of the
//! indicator and is shown as one, never cut to fit.

use crate::{Error, Indicator, Light, Measure, Origin, Scale, light};
use arrow_array::{Array as _, Float64Array, RecordBatch, StringArray, cast::AsArray as _, types::Float64Type};
use arrow_cast::cast;
use arrow_schema::DataType;
use serde::Serialize;
use wuwei_schema::Label;

/// One value of an indicator, for one department (and counterpart), one area, or for all together.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Figure {
    /// The indicator's name.
    pub indicator: String,
    /// How people call it.
    pub label: Label,
    /// Unit of the value.
    pub unit: String,
    /// effectiveness, resources, coordination or participation.
    pub dimension: String,
    /// binding or guiding.
    pub kind: String,
    /// Whether it is computed from records or handed in.
    pub origin: Origin,
    /// Whom it judges; `None` for all departments together.
    pub department: Option<String>,
    /// Which township, by its code; `None` for all together.
    pub area: Option<String>,
    /// Towards whom, where the indicator is of pairs.
    pub counterpart: Option<String>,
    /// What is reached.
    pub numerator: f64,
    /// Out of what.
    pub denominator: f64,
    /// The value; `None` when the denominator is 0, which is neither 0 nor 100.
    pub value: Option<f64>,
    /// Its colour.
    pub light: Light,
    /// Why it has none.
    pub reason: Option<String>,
    /// Whether it is at least as good as the target.
    pub target_met: bool,
    /// Below this is red.
    pub baseline: Option<f64>,
    /// What is asked for.
    pub target: Option<f64>,
    /// From this on is green.
    pub challenge: Option<f64>,
    /// Version of the definition.
    pub version: u32,
}

/// The figures that the rows of an indicator's answer hold, those of all departments together first; where there is none of these, one
/// without a value stands for it, so that what is not known is seen.
pub(crate) fn figures(indicator: &Indicator, batches: &[RecordBatch]) -> Result<Vec<Figure>, Error> {
    let mut figures = Vec::new();
    for batch in batches {
        let places = ["department", "area", "counterpart"].map(|name| text(indicator, batch, name));
        let [department, area, counterpart] = places;
        let (department, area, counterpart) = (department?, area?, counterpart?);
        let [numerator, denominator, value] = ["numerator", "denominator", "value"].map(|name| number(indicator, batch, name));
        let (numerator, denominator, value) = (numerator?, denominator?, value?);
        for row in 0..batch.num_rows() {
            let found = |numbers: &Float64Array| numbers.is_valid(row).then(|| numbers.value(row));
            let counted = (found(&numerator).unwrap_or(0.0), found(&denominator).unwrap_or(0.0), found(&value));
            let named = |texts: &StringArray| texts.is_valid(row).then(|| texts.value(row).to_owned());
            figures.push(figure(indicator, [named(&department), named(&area), named(&counterpart)], counted)?);
        }
    }
    Ok(whole_first(indicator, figures))
}

/// The figures of an indicator that is handed in, from rows of `contract.reported_figure`: what its view says of them.
pub(crate) fn reported(indicator: &Indicator, rows: &[RecordBatch]) -> Result<Vec<Figure>, Error> {
    let mut figures = Vec::new();
    for batch in rows {
        let (name, area) = (text(indicator, batch, "indicator")?, text(indicator, batch, "area")?);
        let [numerator, part, denominator] = ["numerator", "part", "denominator"].map(|name| number(indicator, batch, name));
        let (numerator, part, denominator) = (numerator?, part?, denominator?);
        for row in (0..batch.num_rows()).filter(|row| name.value(*row) == indicator.name) {
            let all = if denominator.is_valid(row) { denominator.value(row) } else { 0.0 };
            let reached = match indicator.measure {
                Measure::Rate => part.value(row),
                Measure::Mean => numerator.value(row),
                Measure::Change => numerator.value(row) - all,
            };
            let value = (all != 0.0).then(|| indicator.measure.each() * reached / all);
            let area = area.is_valid(row).then(|| area.value(row).to_owned());
            figures.push(figure(indicator, [None, area, None], (reached, all, value))?);
        }
    }
    Ok(whole_first(indicator, figures))
}

/// In their order, with a figure of the whole in any case.
fn whole_first(indicator: &Indicator, mut figures: Vec<Figure>) -> Vec<Figure> {
    if !figures.iter().any(Figure::is_whole) {
        let what = match indicator.origin {
            Origin::Computed => "nothing is known that it is computed from",
            Origin::Reported => "no figure of this time was handed in",
        };
        figures.push(Figure::unknown(indicator, what));
    }
    figures.sort_by_cached_key(|figure| (figure.department.clone(), figure.area.clone(), figure.counterpart.clone()));
    figures
}

impl Figure {
    /// Whether it is of all departments, areas and counterparts together.
    pub fn is_whole(&self) -> bool {
        self.department.is_none() && self.area.is_none() && self.counterpart.is_none()
    }

    /// A figure without a value, and why.
    pub(crate) fn unknown(indicator: &Indicator, reason: &str) -> Figure {
        Figure { reason: Some(reason.to_owned()), ..Figure::known(indicator, [None, None, None], 0.0, 0.0, None) }
    }

    /// A figure with its light; `whom` are department, area and counterpart.
    pub(crate) fn known(indicator: &Indicator, whom: [Option<String>; 3], numerator: f64, denominator: f64, value: Option<f64>) -> Figure {
        let [department, area, counterpart] = whom;
        let scale = indicator.scale.as_ref();
        let reason = match value {
            None => Some("there is nothing to be counted: the denominator is 0".to_owned()),
            Some(_) => indicator.unjudged.clone(),
        };
        Figure {
            indicator: indicator.name.clone(),
            label: indicator.label.clone(),
            unit: indicator.unit.clone(),
            dimension: indicator.dimension.clone(),
            kind: indicator.kind.clone(),
            origin: indicator.origin,
            department,
            area,
            counterpart,
            numerator,
            denominator,
            value,
            light: scale.map_or(Light::Grey, |scale| light(value, scale)),
            reason,
            target_met: scale.zip(value).is_some_and(|(scale, value)| scale.target_met(value)),
            baseline: scale.map(Scale::baseline),
            target: indicator.target,
            challenge: scale.map(Scale::challenge),
            version: indicator.version,
        }
    }
}

fn figure(indicator: &Indicator, whom: [Option<String>; 3], counted: (f64, f64, Option<f64>)) -> Result<Figure, Error> {
    check(indicator, counted).map_err(|detail| Error::Figure { indicator: indicator.name.clone(), detail })?;
    let (numerator, denominator, value) = counted;
    Ok(Figure::known(indicator, whom, numerator, denominator, value))
}

fn check(indicator: &Indicator, (numerator, denominator, value): (f64, f64, Option<f64>)) -> Result<(), &'static str> {
    if denominator < 0.0 || !denominator.is_finite() || !numerator.is_finite() {
        return Err("its numerator or denominator is no count");
    }
    match indicator.measure {
        Measure::Rate if !(0.0..=denominator).contains(&numerator) => Err("its numerator is greater than its denominator, or negative"),
        Measure::Mean if numerator < 0.0 => Err("its numerator is negative"),
        _ => Ok(()),
    }?;
    let each = indicator.measure.each();
    match value {
        None if denominator == 0.0 => Ok(()),
        None => Err("it has a denominator and no value"),
        Some(_) if denominator == 0.0 => Err("it has a value and no denominator"),
        Some(value) if indicator.measure == Measure::Rate && !(0.0..=100.0).contains(&value) => Err("it is more than 100 %, or negative"),
        Some(value) if (value - each * numerator / denominator).abs() > 1e-6 * value.abs().max(1.0) => {
            Err("its value is not the numerator out of the denominator")
        }
        Some(_) => Ok(()),
    }
}

fn text(indicator: &Indicator, batch: &RecordBatch, name: &str) -> Result<StringArray, Error> {
    Ok(column(indicator, batch, name, &DataType::Utf8)?.as_string::<i32>().clone())
}

fn number(indicator: &Indicator, batch: &RecordBatch, name: &str) -> Result<Float64Array, Error> {
    Ok(column(indicator, batch, name, &DataType::Float64)?.as_primitive::<Float64Type>().clone())
}

fn column(indicator: &Indicator, batch: &RecordBatch, name: &str, kind: &DataType) -> Result<arrow_array::ArrayRef, Error> {
    let found = batch.column_by_name(name).and_then(|column| cast(column, kind).ok());
    found.ok_or_else(|| Error::Indicator {
        file: format!("{}.sql", indicator.name),
        detail: format!("column `{name}` is missing or of another kind"),
        hint: format!("SELECT must return {}", crate::indicator::COLUMNS.join(", ")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Indicators;

    fn judge(name: &str, counted: (f64, f64, Option<f64>)) -> Result<Figure, Error> {
        let all = Indicators::embedded().unwrap();
        figure(all.list.iter().find(|one| one.name == name).unwrap(), [None, None, None], counted)
    }

    #[test]
    fn a_figure_has_its_light_or_says_why_it_has_none() {
        let shared = |counted| judge("data_sharing_rate", counted).unwrap();
        let half = shared((2.0, 4.0, Some(50.0)));
        assert_eq!((half.light, half.target_met, half.target, half.reason), (Light::Yellow, false, Some(100.0), None));
        let none = shared((0.0, 0.0, None));
        assert_eq!((none.light, none.reason.is_some()), (Light::Grey, true));
        assert_eq!(shared((4.0, 4.0, Some(100.0))).light, Light::Green);
        let unjudged = judge("duplicate_registration", (1.0, 4.0, Some(25.0))).unwrap();
        assert_eq!((unjudged.light, unjudged.reason.as_deref()), (Light::Grey, Some("no target is set")));
    }

    #[test]
    fn a_figure_that_breaks_its_own_arithmetic_is_an_error() {
        for counted in [
            (5.0, 4.0, Some(125.0)),
            (4.0, 4.0, Some(101.0)),
            (1.0, 4.0, None),
            (0.0, 0.0, Some(0.0)),
            (2.0, 4.0, Some(60.0)),
            (f64::NAN, 4.0, Some(1.0)),
        ] {
            assert!(judge("data_sharing_rate", counted).is_err(), "{counted:?}");
        }
        for (name, counted, holds) in [
            ("emergency_response_minutes", (900.0, 30.0, Some(30.0)), true),
            ("emergency_response_minutes", (900.0, 30.0, Some(3000.0)), false),
            ("emergency_response_minutes", (-9.0, 3.0, Some(-3.0)), false),
            ("volunteer_growth_rate", (250.0, 100.0, Some(250.0)), true),
            ("volunteer_growth_rate", (-60.0, 100.0, Some(-60.0)), true),
            ("volunteer_growth_rate", (-60.0, 100.0, Some(60.0)), false),
        ] {
            assert_eq!(judge(name, counted).is_ok(), holds, "{name} {counted:?}");
        }
    }
}
