//! What every function keeps to, and that what each says of itself is so.

use super::{described::documented, *};
use crate::{
    Audit, Limits, Principal, Purpose, Session,
    testing::{self, NOW, Rows},
};
use arrow_array::{Array as _, ArrayRef, LargeStringArray, StringArray, StringViewArray, cast::AsArray as _};
use arrow_cast::cast;
use arrow_schema::{DataType, Field};
use datafusion::{
    common::config::ConfigOptions,
    logical_expr::{ColumnarValue, ScalarFunctionArgs},
};
use proptest::prelude::*;
use wuwei_schema::Model;

fn session(folder: &std::path::Path) -> Session {
    let mut rows = Rows::new();
    testing::persons(&mut rows, &[("单小明", Some("12012345678")), ("李二", None)]);
    let audit = Arc::new(Audit::open(folder).unwrap());
    let (principal, purpose) = (Principal::parse("operator:li@mz").unwrap(), Purpose::parse("低保核对").unwrap());
    let catalogue = Arc::new(testing::catalogue(&rows));
    Session::open(catalogue, &testing::policies(), audit, principal, purpose, Limits::default(), NOW).unwrap()
}

async fn first(session: &Session, question: &str) -> Option<String> {
    let answer = session.sql(question, NOW).await.unwrap_or_else(|error| panic!("{question}: {error}"));
    let column = cast(answer.batches.iter().find(|batch| batch.num_rows() > 0)?.column(0), &DataType::Utf8).unwrap();
    column.is_valid(0).then(|| column.as_string::<i32>().value(0).to_owned())
}

#[tokio::test]
async fn every_function_does_what_its_example_shows() {
    let folder = tempfile::tempdir().unwrap();
    let session = session(folder.path());
    let all = documented();
    assert!(all.len() >= 34 && all.iter().all(|function| !function.zh.is_empty() && !function.en.is_empty()));
    for function in &all {
        match function.shows {
            Some(shows) => {
                assert_eq!(first(&session, &format!("SELECT {}", function.example)).await.as_deref(), Some(shows), "{}", function.name)
            }
            None => assert!(session.sql(function.example, NOW).await.is_ok(), "{}", function.name),
        }
        assert!(function.example.contains(function.name));
    }
    let told = first(&session, "SELECT count(*) FROM contract.function WHERE zh <> '' AND en <> '' AND example <> ''").await;
    assert_eq!(told, Some(all.len().to_string()));
}

#[tokio::test]
async fn what_is_no_text_or_no_word_is_refused_before_anything_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let session = session(folder.path());
    for (call, says) in [
        ("id_valid(990101)", "takes a text as (id)"),
        ("id_valid()", "takes 1 arguments"),
        ("kind_valid('citizenid', 'x')", "knows no such (kind)"),
        ("kind_valid('code:nothing', 'x')", "knows no such (kind)"),
        ("address_part('x', 'street')", "knows no such (level)"),
        ("age_at(1, DATE '2026-01-01')", "takes a date or a text"),
    ] {
        let error = session.sql(&format!("SELECT {call}"), NOW).await.unwrap_err().to_string();
        assert!(error.contains(says), "{call}: {error}");
    }
}

#[tokio::test]
async fn dates_are_taken_in_every_form_and_a_time_counts_by_its_day_in_beijing() {
    let folder = tempfile::tempdir().unwrap();
    let session = session(folder.path());
    for (call, expected) in [
        ("age_at('1985年3月7日', DATE '2026-03-07')", Some("41")),
        ("age_at(DATE '1985-03-07', TIMESTAMP '2026-03-06T15:59:59')", Some("40")),
        ("age_at(DATE '1985-03-07', TIMESTAMP '2026-03-06T16:00:00')", Some("41")),
        ("age_at(NULL, DATE '2026-03-07')", None),
        ("workdays_between('2026-02-24', '2026-02-14')", Some("-1")),
        ("workdays_between('2026-02-24', '2199-02-14')", None),
        ("workdays_between('2026-02', '2026-02-14')", None),
        ("address_part(arrow_cast('城关镇1号', 'Dictionary(Int32, Utf8)'), '乡镇街道')", Some("城关镇")),
        ("pinyin((SELECT max(name) FROM record.person))", Some("li er")),
    ] {
        assert_eq!(first(&session, &format!("SELECT {call}")).await.as_deref(), expected, "{call}");
    }
}

/// What is shown of a mask is not more than the mask: no number, no date, no age, and a mask of a mask is the mask.
#[test]
fn of_a_mask_a_function_finds_out_nothing() {
    let codes = Model::embedded().unwrap().codes;
    let masked = Kind::CitizenId.mask("990101198503070017");
    for described in ALL.into_iter().filter(|described| described.name.starts_with("id_")) {
        let found = match described.gives {
            Gives::Text(of) => of(&[&masked], &codes).filter(|_| described.name != "id_reason"),
            Gives::Flag(of) => of(&[&masked], &codes).filter(|valid| *valid).map(|_| "valid".to_owned()),
            _ => None,
        };
        assert_eq!(found, None, "{}", described.name);
    }
}

/// Calls a function as SQL does, on texts of one encoding.
fn called(function: &ScalarUDF, columns: &[ArrayRef]) -> Vec<Option<String>> {
    let rows = columns[0].len();
    let given: Vec<DataType> = columns.iter().map(|column| column.data_type().clone()).collect();
    let taken = function.coerce_types(&given).unwrap();
    let args = columns.iter().zip(&taken).map(|(column, kind)| ColumnarValue::Array(cast(column, kind).unwrap())).collect();
    let return_field = Arc::new(Field::new("f", function.return_type(&taken).unwrap(), true));
    let arg_fields = taken.iter().map(|kind| Arc::new(Field::new("a", kind.clone(), true))).collect();
    let given =
        ScalarFunctionArgs { args, arg_fields, number_rows: rows, return_field, config_options: Arc::new(ConfigOptions::default()) };
    let answer = function.invoke_with_args(given).unwrap().to_array(rows).unwrap();
    assert_eq!(answer.len(), rows);
    (0..rows).map(|row| (answer.is_valid(row)).then(|| arrow_cast::display::array_value_to_string(&answer, row).unwrap())).collect()
}

proptest! {
    #[test]
    fn any_text_in_any_encoding_gives_the_same_and_null_gives_null(
        texts in prop::collection::vec(prop::option::of("[0-9X*]{15,19}|[云溪县城关镇村组路号栋0-9]{0,12}|[0-9]{4}-?[0-9]{2}-?[0-9]{2}|\\PC{0,12}|.{0,4}"), 1..6),
        words in prop::sample::select(vec!["citizen_id", "date", "name", "address", "code:gbt3304", "room", "2026-01-05"]),
    ) {
        let codes = Arc::new(Model::embedded().unwrap().codes);
        let plain: ArrayRef = Arc::new(texts.iter().map(Option::as_deref).collect::<StringArray>());
        let large: ArrayRef = Arc::new(texts.iter().map(Option::as_deref).collect::<LargeStringArray>());
        let view: ArrayRef = Arc::new(texts.iter().map(Option::as_deref).collect::<StringViewArray>());
        let dictionary = cast(&plain, &DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))).unwrap();
        let word: ArrayRef = Arc::new(StringArray::from(vec![words; texts.len()]));
        for (described, function) in ALL.into_iter().zip(functions(&codes)) {
            let with = |text: &ArrayRef| -> Vec<ArrayRef> {
                let is_word = |argument: &Argument| matches!(argument.takes, Takes::Word(_)) || argument.name == "to" || argument.name == "day";
                described.arguments.iter().map(|argument| Arc::clone(if is_word(argument) { &word } else { text })).collect()
            };
            let found = called(&function, &with(&plain));
            for other in [&large, &view, &dictionary] {
                prop_assert_eq!(&called(&function, &with(other)), &found, "{}", described.name);
            }
            for (text, found) in texts.iter().zip(&found).filter(|(text, _)| text.is_none()) {
                prop_assert_eq!((text, found), (&None, &None), "{}", described.name);
            }
        }
    }

    #[test]
    fn working_days_add_up(a in 0..900i32, b in 0..900i32, c in 0..900i32) {
        let codes = Codes::default();
        let date = |days: i32| cast(&arrow_array::Date32Array::from(vec![19_800 + days]), &DataType::Utf8).unwrap().as_string::<i32>().value(0).to_owned();
        let Gives::Count(between) = workdays_between::FUNCTION.gives else { unreachable!() };
        let [a, b, c] = [a, b, c].map(date);
        prop_assert_eq!(between(&[&a, &b], &codes).unwrap() + between(&[&b, &c], &codes).unwrap(), between(&[&a, &c], &codes).unwrap());
    }

    #[test]
    fn a_mask_of_a_mask_is_the_mask(text in "\\PC{0,20}") {
        let codes = Codes::default();
        for described in [&mask_id::FUNCTION, &mask_name::FUNCTION, &mask_phone::FUNCTION, &mask_address::FUNCTION] {
            let Gives::Text(of) = described.gives else { unreachable!() };
            let once = of(&[&text], &codes).unwrap();
            prop_assert_eq!(of(&[&once], &codes).unwrap(), once.clone());
        }
    }
}
