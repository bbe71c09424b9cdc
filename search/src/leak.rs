//! What somebody may not see leaves no trace: whoever asks gets what an index of only their permitted values would answer.

use crate::{
    Column, Index, Line, Permit,
    cross_reference::line,
    tests::{self, Known, ask},
};
use proptest::prelude::*;

const DEPARTMENTS: [&str; 3] = ["civil", "health", "police"];
const PROPERTIES: [&str; 5] = ["name", "former_name", "id_no", "phone", "birth_date"];

/// An entity, the department and the values of the properties; of few characters, so that they meet.
type Stated = (i64, usize, [String; 5]);

fn stated() -> impl Strategy<Value = Vec<Stated>> {
    let name = || prop_oneof![3 => "[王李张単单][小晓伟偉明]{1,2}", 1 => Just(String::new())];
    let id = prop_oneof![2 => "990101198[0-3]0[1-3]07001[0-9X]", 1 => Just(String::new())];
    let phone = prop_oneof![2 => "1201234567[0-3]", 1 => Just(String::new())];
    let born = prop_oneof![2 => "198[0-3]-03", 1 => Just(String::new())];
    let values = (name(), name(), id, phone, born).prop_map(|(name, former, id, phone, born)| [name, former, id, phone, born]);
    proptest::collection::vec((0..8_i64, 0..DEPARTMENTS.len(), values), 0..24)
}

fn index(stated: &[Stated], may: impl Fn(usize, usize) -> bool) -> (tempfile::TempDir, Index) {
    let rows: Vec<(i64, Vec<(&str, &str)>)> = stated
        .iter()
        .map(|(entity, department, values)| {
            let permitted = PROPERTIES.iter().zip(values).enumerate();
            let permitted = permitted.filter(|(property, (_, value))| may(*property, *department) && !value.is_empty());
            let cells = permitted.map(|(_, (property, value))| (*property, value.as_str()));
            (*entity, std::iter::once(("department", DEPARTMENTS[*department])).chain(cells).collect())
        })
        .collect();
    let records: Vec<Known<'_>> = rows.iter().map(|(entity, cells)| (*entity, cells.as_slice())).collect();
    tests::index(&records)
}

fn listed() -> Vec<Line> {
    use Column::{Birth, Name, Number, Phone};
    let lines: [&[(Column, &str)]; 4] = [
        &[(Name, "王小明"), (Phone, "12012345671")],
        &[(Name, "单伟"), (Birth, "1981-03")],
        &[(Number, "990101198001070011"), (Name, "李小")],
        &[(Number, "990101********0011"), (Phone, "12012345670"), (Birth, "1980")],
    ];
    (1..).zip(lines).map(|(row, values)| line(row, values)).collect()
}

const TYPED: [&str; 20] = [
    "单伟 1981",
    "王小明1980-03",
    "王小明",
    "小",
    "伟",
    "wang",
    "zw",
    "王小",
    "0017",
    "5670",
    "王 0013",
    "wei 120",
    "12012345671",
    "990101198001070011",
    "120****5671",
    "王*",
    "王 -小",
    "伟 dept:police",
    "明 area:9901",
    "小 born:1980..1982",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn whoever_asks_gets_what_an_index_of_only_their_permitted_values_answers(
        stated in stated(),
        may in proptest::array::uniform5(proptest::array::uniform3(any::<bool>())),
        hidden in 0..8_i64,
    ) {
        let (_root, whole) = index(&stated, |_, _| true);
        let permit = Permit {
            by: &|property, department| {
                let place = |of: &[&str], what| of.iter().position(|known| *known == what);
                place(&PROPERTIES, property).zip(place(&DEPARTMENTS, department)).is_some_and(|(property, department)| may[property][department])
            },
            whom: &|entity| entity != hidden,
        };
        let seen: Vec<Stated> = stated.into_iter().filter(|(entity, ..)| *entity != hidden).collect();
        let (_root, theirs) = index(&seen, |property, department| may[property][department]);
        for typed in TYPED {
            let answer = whole.search(&ask(typed, 0, 5), &permit).unwrap();
            prop_assert_eq!(&answer, &theirs.search(&ask(typed, 0, 5), &Permit::ALL).unwrap(), "{}", typed);
        }
        let lines = listed();
        prop_assert_eq!(whole.cross_reference(&lines, 3, &permit).unwrap(), theirs.cross_reference(&lines, 3, &Permit::ALL).unwrap());
    }
}
