//! Functions of SQL over values: checks of numbers, masks, readings, parts of an address, ages, working days. One file each, which says of itself
//! what it takes and gives; `contract.function` shows that. What they compute is the kinds' own, and nothing of it is written here twice. They run
//! above the barrier, on what whoever asks is shown: of a mask they find out nothing but the mask.

mod address_part;
mod address_parts;
mod age_at;
mod credit_code_valid;
mod described;
mod explain_link;
mod id_18;
mod id_birth_date;
mod id_division;
mod id_gender;
mod id_place;
mod id_reason;
mod id_valid;
mod kind_clean;
mod kind_reason;
mod kind_valid;
mod mask;
mod mask_address;
mod mask_id;
mod mask_name;
mod mask_phone;
mod permit_no_valid;
mod phone_valid;
mod pinyin;
mod pinyin_folded;
mod pinyin_initials;
mod pinyin_plain;
mod scalar;
#[cfg(test)]
mod tests;
mod workdays_between;

use datafusion::logical_expr::ScalarUDF;
use described::{Argument, Described, Gives, Takes};
pub(crate) use described::{Documented, rows, table};
pub(crate) use explain_link::{Ask, NAME as EXPLAIN_LINK, explain_link, read as read_by_explain};
use std::sync::Arc;
use wuwei_schema::{Codes, Kind, kind};

/// Every function over values, in the order in which they are told.
const ALL: [&Described; 26] = [
    &id_valid::FUNCTION,
    &id_reason::FUNCTION,
    &id_18::FUNCTION,
    &id_birth_date::FUNCTION,
    &id_gender::FUNCTION,
    &id_division::FUNCTION,
    &id_place::FUNCTION,
    &credit_code_valid::FUNCTION,
    &permit_no_valid::FUNCTION,
    &phone_valid::FUNCTION,
    &kind_valid::FUNCTION,
    &kind_reason::FUNCTION,
    &kind_clean::FUNCTION,
    &mask::FUNCTION,
    &mask_id::FUNCTION,
    &mask_name::FUNCTION,
    &mask_phone::FUNCTION,
    &mask_address::FUNCTION,
    &pinyin::FUNCTION,
    &pinyin_initials::FUNCTION,
    &pinyin_plain::FUNCTION,
    &pinyin_folded::FUNCTION,
    &address_part::FUNCTION,
    &address_parts::FUNCTION,
    &age_at::FUNCTION,
    &workdays_between::FUNCTION,
];

/// The functions over values; `codes` are the lists that kinds of codes are of.
pub(crate) fn functions(codes: &Arc<Codes>) -> Vec<Arc<ScalarUDF>> {
    ALL.into_iter().map(|described| scalar::function(described, codes)).collect()
}

/// The canonical form of a text; none where it says nothing, or is no value of the kind.
fn canonical(kind: &Kind, text: &str, codes: &Codes) -> Option<String> {
    kind.clean(text, codes).ok().filter(|clean| !clean.is_empty()).map(std::borrow::Cow::into_owned)
}

/// Whether a text is a value of the kind; none where it says nothing.
fn is_valid(kind: &Kind, text: &str, codes: &Codes) -> Option<bool> {
    kind.clean(text, codes).map_or(Some(false), |clean| (!clean.is_empty()).then_some(true))
}

/// Why a text is no value of the kind, in Chinese; none where it is one or says nothing. The words never contain the text.
fn reason(kind: &Kind, text: &str, codes: &Codes) -> Option<String> {
    kind.clean(text, codes).err().map(|fault| fault.reason)
}

/// A citizen id number as it is written today, with what it says of itself.
fn of_id(text: &str, codes: &Codes, says: fn(&str) -> Option<String>) -> Option<String> {
    says(&canonical(&Kind::CitizenId, text, codes)?)
}

const ID: Argument = Argument { name: "id", takes: Takes::Text };
const NAME: Argument = Argument { name: "name", takes: Takes::Text };
const VALUE: Argument = Argument { name: "value", takes: Takes::Text };
const KIND: Argument = Argument { name: "kind", takes: Takes::Word(is_kind) };

/// Whether there is a kind of value of that name, and of a code the list.
fn is_kind(name: &str, codes: &Codes) -> bool {
    match Kind::parse(name) {
        Some(Kind::Code(list)) => codes.list(&list).is_some(),
        other => other.is_some(),
    }
}

/// Whether addresses have a part of that name.
fn is_level(name: &str, _: &Codes) -> bool {
    level(name).is_some()
}

fn level(name: &str) -> Option<usize> {
    kind::address::levels().position(|(level, zh)| level == name || zh == name)
}
