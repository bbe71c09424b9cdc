//! The steps of tier 1 as functions of Arrow arrays: features, keys, pattern, weight. They are the engine's own over two rows at a time, so that
//! a plan in SQL comes to the same pairs and the same bits; what SQL is, is not known here.
//!
//! *Features* are what is compared of a record, one field a property. Which of two records is the left one decides nothing.

use crate::{
    Compared, Error,
    column::{Column, NONE, Table, narrow, read},
    compare::{Comparisons, Measure, measures},
    explain::Terms,
    guard::Guard,
    key,
    model::MatchModel,
    resolve::{mute_hubs, names},
};
use arrow_array::{
    Array as _, ArrayRef, BooleanArray, Float64Array, Int64Array, ListArray, RecordBatch, StringArray, StructArray, UInt64Array,
    builder::{ListBuilder, UInt64Builder},
    cast::AsArray as _,
    types::UInt64Type,
};
use arrow_buffer::OffsetBuffer;
use arrow_schema::{DataType, Field, Fields, Schema};
use std::sync::Arc;
use wuwei_schema::{EntityType, Matching};

/// The fields of the features of a type, each a text.
pub fn feature_fields(entity: &EntityType) -> Fields {
    let names = entity.matching.as_ref().map(names).unwrap_or_default();
    names.into_iter().map(|name| Field::new(name, DataType::Utf8, true)).collect()
}

/// The features of records, of which [`feature_fields`] are read: what one value contains of another is said twice, and what too many carry
/// is left out, as the model knows it; without one nothing is.
///
/// # Errors
/// A field is missing, or the type has no matching.
pub fn features(entity: &EntityType, model: Option<&MatchModel>, records: &StructArray) -> Result<StructArray, Error> {
    let matching = matching(entity)?;
    let mut table = table(entity, matching, &[records])?;
    if model.is_some() {
        mute_hubs(&mut table, matching, model);
    }
    let said =
        |column: &Column| -> StringArray { table.rows().map(|row| (column.ids[row as usize] != NONE).then(|| column.text(row))).collect() };
    let columns = table.columns.iter().map(|column| Arc::new(said(column)) as ArrayRef).collect();
    Ok(StructArray::try_new(feature_fields(entity), columns, None)?)
}

/// The blocking keys of features, one for each key of the model and in its order; NULL where a part is missing. Keys of different places are
/// never equal.
///
/// # Errors
/// As of [`features`].
pub fn keys(entity: &EntityType, features: &StructArray) -> Result<ListArray, Error> {
    let matching = matching(entity)?;
    let table = table(entity, matching, &[features])?;
    let made_of: Vec<_> = matching.block.iter().map(|parts| key::parts(&table, matching, parts)).collect();
    let mut lists = ListBuilder::new(UInt64Builder::new());
    for row in table.rows() {
        for (place, parts) in (1u64..).zip(&made_of) {
            let key = key::key_of(parts, row);
            lists.values().append_option((key != 0).then(|| crate::column::mix(place, key)));
        }
        lists.append(true);
    }
    Ok(lists.finish())
}

/// Of each two lists of keys the first that is in both at the same place, under which alone a pair is compared; NULL where there is none.
pub fn first_key(left: &ListArray, right: &ListArray) -> UInt64Array {
    let first = |row: usize| {
        let (left, right) = (left.value(row), right.value(row));
        let (left, right) = (left.as_primitive_opt::<UInt64Type>()?, right.as_primitive_opt::<UInt64Type>()?);
        left.iter().zip(right).find_map(|(left, right)| left.filter(|left| Some(*left) == right))
    };
    (0..left.len()).map(|row| (left.is_valid(row) && right.is_valid(row)).then(|| first(row)).flatten()).collect()
}

/// The levels of each pair, three bits a comparison, the first lowest.
///
/// # Errors
/// As of [`features`].
pub fn pattern(entity: &EntityType, left: &StructArray, right: &StructArray) -> Result<UInt64Array, Error> {
    let matching = matching(entity)?;
    let table = table(entity, matching, &[left, right])?;
    let measures = measures(&table, matching);
    let mut comparisons = Comparisons::new(&measures);
    Ok(UInt64Array::from_iter_values(pairs(&table).map(|[left, right]| comparisons.pattern(left, right))))
}

/// The weight of each pair in bits, of its pattern.
///
/// # Errors
/// As of [`features`], and when the model is of other comparisons.
pub fn weight(
    entity: &EntityType,
    model: &MatchModel,
    patterns: &UInt64Array,
    left: &StructArray,
    right: &StructArray,
) -> Result<Float64Array, Error> {
    let matching = matching(entity)?;
    let table = table(entity, matching, &[left, right])?;
    let weights = model.weights(&measures(&table, matching))?;
    Ok(pairs(&table).zip(patterns).map(|([left, right], pattern)| pattern.map(|pattern| weights.weight(pattern, left, right))).collect())
}

/// Whether the guard refuses each pair, whatever it weighs.
///
/// # Errors
/// As of [`features`].
pub fn refuses(entity: &EntityType, left: &StructArray, right: &StructArray) -> Result<BooleanArray, Error> {
    let matching = matching(entity)?;
    let table = table(entity, matching, &[left, right])?;
    let mut guard = Guard::new(&table, matching);
    Ok(pairs(&table).map(|[left, right]| Some(guard.refuses(left, right))).collect())
}

/// The fields of one term: its place, the property (`prior` at place 0), level (empty where one of the two says nothing), level of exact agreement, bits, of them those of the
/// value's rarity, and the sum up to it.
pub fn term_fields() -> Fields {
    let number = |name| Field::new(name, DataType::Float64, false);
    let level = |name, nullable| Field::new(name, DataType::Int64, nullable);
    [
        level("place", false),
        Field::new("property", DataType::Utf8, false),
        level("level", true),
        level("exact", false),
        number("bits"),
        number("rarity"),
        number("sum"),
    ]
    .into_iter()
    .collect()
}

/// The prior, and what each comparison adds to the weight of each pair, in the order in which they are added; the last sum is the weight.
///
/// # Errors
/// As of [`weight`].
pub fn terms(entity: &EntityType, model: &MatchModel, left: &StructArray, right: &StructArray) -> Result<ListArray, Error> {
    let matching = matching(entity)?;
    let table = table(entity, matching, &[left, right])?;
    let measures: Vec<Measure<'_>> = measures(&table, matching);
    let terms = Terms { weights: model.weights(&measures)?, measures: &measures };
    let mut comparisons = Comparisons::new(&measures);
    let rows: Vec<_> = pairs(&table).map(|pair| terms.all(&table, comparisons.pattern(pair[0], pair[1]), pair)).collect();
    let all = || rows.iter().flatten();
    let number = |of: fn(&Compared) -> f64| Arc::new(all().map(|term| Some(of(term))).collect::<Float64Array>()) as ArrayRef;
    let columns: Vec<ArrayRef> = vec![
        Arc::new(rows.iter().flat_map(|terms| (0i64..).take(terms.len())).map(Some).collect::<Int64Array>()),
        Arc::new(all().map(|term| Some(term.property.as_str())).collect::<StringArray>()),
        Arc::new(all().map(|term| term.level.map(i64::from)).collect::<Int64Array>()),
        Arc::new(all().map(|term| Some(i64::from(term.exact))).collect::<Int64Array>()),
        number(|term| term.bits),
        number(|term| term.rarity),
        number(|term| term.sum),
    ];
    let terms = StructArray::try_new(term_fields(), columns, None)?;
    let lengths = OffsetBuffer::from_lengths(rows.iter().map(Vec::len));
    Ok(ListArray::try_new(Arc::new(Field::new_list_field(terms.data_type().clone(), true)), lengths, Arc::new(terms), None)?)
}

/// Whether the model is of the comparisons that the type names.
pub fn fits(entity: &EntityType, model: &MatchModel) -> bool {
    let known = matching(entity).and_then(|matching| Ok((table(entity, matching, &[])?, matching)));
    known.is_ok_and(|(table, matching)| model.weights(&measures(&table, matching)).is_ok())
}

fn matching(entity: &EntityType) -> Result<&Matching, Error> {
    entity.matching.as_ref().ok_or_else(|| Error::Unfit { entity: entity.name.clone() })
}

/// Rows of these features, one after the other.
fn table(entity: &EntityType, matching: &Matching, features: &[&StructArray]) -> Result<Table, Error> {
    let batches =
        features.iter().map(|features| RecordBatch::try_new(Arc::new(Schema::new(features.fields().clone())), features.columns().to_vec()));
    let (columns, _) = read(Some(entity), &names(matching), batches, |_| Ok(()))?;
    let rows = features.iter().map(|features| features.len()).sum();
    Ok(Table { records: (0..).take(rows).collect(), columns, ..Table::default() })
}

/// Of a table of left rows and as many right ones behind them each with its own.
fn pairs(table: &Table) -> impl Iterator<Item = [u32; 2]> + use<> {
    let half = narrow(table.len() / 2);
    (0..half).map(move |row| [row, row + half])
}

#[cfg(test)]
mod tests;
