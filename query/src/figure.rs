//! What an indicator says: figures with their lights, checked on the way. A figure that breaks its own arithmetic is a defect of the
//! indicator and is shown as one, never cut to fit.

use crate::{Error, Indicator, Light, light};
use arrow_array::{Array as _, Float64Array, RecordBatch, StringArray, cast::AsArray as _, types::Float64Type};
use arrow_cast::cast;
use arrow_schema::DataType;
use serde::Serialize;
use wuwei_schema::Label;

/// One value of an indicator, for one department (and counterpart) or for all together.
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
    /// Whom it judges; `None` for all departments together.
    pub department: Option<String>,
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

/// The figures that the rows of an indicator's answer hold, those of all departments together first.
pub(crate) fn figures(indicator: &Indicator, batches: &[RecordBatch]) -> Result<Vec<Figure>, Error> {
    let mut figures = Vec::new();
    for batch in batches {
        let (department, counterpart) = (text(indicator, batch, "department")?, text(indicator, batch, "counterpart")?);
        let [numerator, denominator, value] = ["numerator", "denominator", "value"].map(|name| number(indicator, batch, name));
        let (numerator, denominator, value) = (numerator?, denominator?, value?);
        for row in 0..batch.num_rows() {
            let found = |numbers: &Float64Array| numbers.is_valid(row).then(|| numbers.value(row));
            let counted = (found(&numerator).unwrap_or(0.0), found(&denominator).unwrap_or(0.0), found(&value));
            let named = |texts: &StringArray| texts.is_valid(row).then(|| texts.value(row).to_owned());
            figures.push(figure(indicator, named(&department), named(&counterpart), counted)?);
        }
    }
    figures.sort_by(|left, right| (&left.department, &left.counterpart).cmp(&(&right.department, &right.counterpart)));
    Ok(figures)
}

fn figure(
    indicator: &Indicator,
    department: Option<String>,
    counterpart: Option<String>,
    counted: (f64, f64, Option<f64>),
) -> Result<Figure, Error> {
    check(indicator, counted).map_err(|detail| Error::Figure { indicator: indicator.name.clone(), detail })?;
    let (numerator, denominator, value) = counted;
    let scale = indicator.scale.as_ref();
    Ok(Figure {
        indicator: indicator.name.clone(),
        label: indicator.label.clone(),
        unit: indicator.unit.clone(),
        dimension: indicator.dimension.clone(),
        kind: indicator.kind.clone(),
        department,
        counterpart,
        numerator,
        denominator,
        value,
        light: scale.map_or(Light::Grey, |scale| light(value, scale)),
        target_met: scale.zip(value).is_some_and(|(scale, value)| scale.target_met(value)),
        baseline: scale.map(|scale| scale.baseline()),
        target: scale.map(|scale| scale.target()),
        challenge: scale.map(|scale| scale.challenge()),
        version: indicator.version,
    })
}

fn check(indicator: &Indicator, (numerator, denominator, value): (f64, f64, Option<f64>)) -> Result<(), &'static str> {
    if !(0.0..=denominator).contains(&numerator) {
        return Err("its numerator is greater than its denominator, or negative");
    }
    match value {
        None if denominator == 0.0 => Ok(()),
        None => Err("it has a denominator and no value"),
        Some(_) if denominator == 0.0 => Err("it has a value and no denominator"),
        Some(value) if indicator.unit == "%" && !(0.0..=100.0).contains(&value) => Err("it is more than 100 %, or negative"),
        Some(value) if indicator.unit == "%" && (value - 100.0 * numerator / denominator).abs() > 1e-6 => {
            Err("its value is not the numerator out of the denominator in per cent")
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

    fn judge(counted: (f64, f64, Option<f64>)) -> Result<Figure, Error> {
        figure(&Indicator::embedded().unwrap()[0], None, None, counted)
    }

    #[test]
    fn a_figure_has_its_light() {
        let half = judge((2.0, 4.0, Some(50.0))).unwrap();
        assert_eq!((half.light, half.target_met, half.target), (Light::Yellow, false, Some(100.0)));
        assert_eq!(judge((0.0, 0.0, None)).unwrap().light, Light::Grey);
        assert_eq!(judge((4.0, 4.0, Some(100.0))).unwrap().light, Light::Green);
    }

    #[test]
    fn a_figure_that_breaks_its_own_arithmetic_is_an_error() {
        for counted in [(5.0, 4.0, Some(125.0)), (4.0, 4.0, Some(101.0)), (1.0, 4.0, None), (0.0, 0.0, Some(0.0)), (2.0, 4.0, Some(60.0))] {
            assert!(judge(counted).is_err(), "{counted:?}");
        }
    }
}
