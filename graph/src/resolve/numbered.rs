//! Whatever numbers the same records have: the same model is learned, and the same records are one.

use super::{Resolution, columns_needed, resolve};
use crate::{
    Decisions, MatchModel, Verdict,
    batch::{Texts, integers, numbers},
    county::{Cells, Dice, batch, id_no, person, shuffled, town},
};
use wuwei_schema::EntityType;

/// What does not depend on numbers: what is one by what the records say, and which pairs were kept with which levels and weights.
#[derive(Debug, PartialEq)]
struct Outcome {
    entities: Vec<Vec<String>>,
    pairs: Vec<(String, String, String, u64)>,
    model: MatchModel,
}

impl Outcome {
    fn of(found: Resolution, entity: &EntityType, numbered: &[(i64, Cells)]) -> Outcome {
        // Who says it is not asked.
        let asked = columns_needed(entity);
        let said = |record: i64| {
            let cells = &numbered[numbered.binary_search_by_key(&record, |row| row.0).unwrap()].1;
            format!("{:?}", asked.iter().map(|name| cells.get(name)).collect::<Vec<_>>())
        };
        let mut entities: std::collections::BTreeMap<i64, Vec<String>> = std::collections::BTreeMap::new();
        for (record, entity) in found.link.records().values().iter().zip(found.link.entities().values()) {
            entities.entry(*entity).or_default().push(said(*record));
        }
        let mut entities: Vec<Vec<String>> = entities.into_values().collect();
        entities.iter_mut().for_each(|said| said.sort_unstable());
        entities.sort_unstable();
        let kept = found.pair.whole();
        let (left, right, weight) =
            (integers(&kept, "left").unwrap(), integers(&kept, "right").unwrap(), numbers(&kept, "weight").unwrap());
        let (levels, key) = (Texts::of(&kept, "levels").unwrap(), Texts::of(&kept, "key").unwrap());
        let pair = |row: usize| {
            let (one, other) = (said(left.value(row)), said(right.value(row)));
            let levels = format!("{} {}", key.owned(row), levels.owned(row));
            (one.clone().min(other.clone()), one.max(other), levels, weight.value(row).to_bits())
        };
        let mut pairs: Vec<_> = (0..kept.num_rows()).map(pair).collect();
        pairs.sort_unstable();
        Outcome { entities, pairs, model: found.model.unwrap() }
    }
}

/// Records that are nobody's more than another's: whoever comes first has them.
fn torn() -> Vec<Cells> {
    let cells = |cells: &[(&str, &str)]| -> Cells { cells.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect() };
    let mut said = Vec::new();
    for at in 0..12 {
        let day = format!("1970-03-{:02}", at + 1);
        let [one, two] = [1, 2].map(|order| id_no(&day, 20 * at + order));
        let [permit, mine, yours] = ["P", "H", "I"].map(|letter| format!("{letter}0000{at}"));
        // Two of one permit, of whom each has a health record number that another id has, too.
        said.push(cells(&[("permit_no", &permit), ("health_record_no", &mine)]));
        said.push(cells(&[("permit_no", &permit), ("health_record_no", &yours), ("sex", "1")]));
        said.push(cells(&[("id_no", &one), ("health_record_no", &mine)]));
        said.push(cells(&[("id_no", &two), ("health_record_no", &yours)]));
        // Two of two ids that say the very same else, and one without: as heavy with either. Some have another number.
        let name = ["欧阳海", "司马光", "诸葛明", "上官静"][at % 4];
        let phone = format!("1200000{at:04}");
        let known = [("name", name), ("birth_date", day.as_str()), ("phone", &phone)];
        for id in [&one, &two] {
            said.push(cells(&[&known[..], &[("id_no", id)]].concat()));
            said.push(cells(&[&known[..2], &[("id_no", id), ("insurance_no", &format!("{}{at}", &id[14..]))]].concat()));
        }
        said.push(cells(&[&known[..], &[("live_address", "云溪县城关镇人民路8号")]].concat()));
        said.push(cells(&[&known[..], &[("insurance_no", &format!("X{at}"))]].concat()));
        said.push(cells(&[&known[..], &[("insurance_no", &format!("Y{at}"))]].concat()));
        // Names in each other's place, of which one is a little otherwise.
        said.push(cells(&[("name", name), ("former_name", "王小明"), ("birth_date", &day)]));
        said.push(cells(&[("name", "王晓明"), ("former_name", name), ("birth_date", &day)]));
        said.push(cells(&[("former_name", name), ("birth_date", &day), ("phone", &phone)]));
    }
    said
}

/// Exchanges a name with a former one, which nobody else compares.
fn exchanging() -> EntityType {
    let mut entity = person();
    let matching = entity.matching.as_mut().unwrap();
    matching.compare.push("former_name".to_owned());
    matching.exchange = vec![["name".to_owned(), "former_name".to_owned()]];
    entity
}

#[test]
fn how_records_are_numbered_changes_neither_what_is_learned_nor_who_is_one() {
    let said: Vec<Cells> = [town(), torn()].concat();
    // Of records by their places; one of a copy, some of those that are torn.
    let last = said.len();
    let decided = [
        (3, 9, Verdict::Different),
        (last - 5, last - 6, Verdict::Same),
        (last - 4, last - 6, Verdict::Different),
        (0, 1, Verdict::Unsure),
    ];
    for entity in [person(), exchanging()] {
        let mut first: Option<Outcome> = None;
        for seed in 0..5 {
            let order = shuffled(&mut Dice(seed), said.len());
            let number = |place: usize| if seed == 0 { i64::try_from(place).unwrap() + 1 } else { order[place] };
            let mut numbered: Vec<(i64, Cells)> = said.iter().enumerate().map(|(place, cells)| (number(place), cells.clone())).collect();
            let decisions =
                Decisions::of((1..).zip(decided).map(|(at, (left, right, verdict))| (at, number(left), number(right), verdict)));
            let batches: Vec<_> = numbered.chunks(97).map(|rows| Ok(batch(&entity, rows))).collect();
            let found = resolve(&entity, batches.into_iter(), &decisions).unwrap();
            numbered.sort_unstable();
            let outcome = Outcome::of(found, &entity, &numbered);
            let first = first.get_or_insert_with(|| Outcome {
                entities: outcome.entities.clone(),
                pairs: outcome.pairs.clone(),
                model: outcome.model.clone(),
            });
            assert_eq!(outcome.model, first.model, "numbering {seed}");
            assert_eq!(outcome.pairs, first.pairs, "numbering {seed}");
            assert_eq!(outcome.entities, first.entities, "numbering {seed}");
        }
    }
}
