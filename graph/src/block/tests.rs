//! Blocks too big, and what becomes of them.

use super::*;
use crate::county::{person, records};

/// 120 people of one surname on one phone, in three streets or in none, and some without a phone.
fn crowded(streets: usize) -> Table {
    let cells = |id: usize| {
        let mut cells = vec![("name", format!("王{}", char::from_u32(0x5000 + u32::try_from(id).unwrap()).unwrap()))];
        cells.push(if id < 120 { ("phone", "12000000001".to_owned()) } else { ("sex", "1".to_owned()) });
        if streets > 0 {
            cells.push(("live_address", format!("东河路{}号", id % streets)));
        }
        cells
    };
    let rows: Vec<(i64, Vec<(&str, String)>)> = (1..).zip((0..130).map(cells)).collect();
    let rows: Vec<(i64, Vec<(&str, &str)>)> =
        rows.iter().map(|(id, cells)| (*id, cells.iter().map(|(name, value)| (*name, value.as_str())).collect())).collect();
    let rows: Vec<(i64, &[(&str, &str)])> = rows.iter().map(|(id, cells)| (*id, cells.as_slice())).collect();
    Table::read(&person(), &["name", "phone", "live_address"], std::iter::once(Ok(records(&rows)))).unwrap()
}

fn blocks(table: &Table) -> Blocks {
    let mut matching = person().matching.unwrap();
    let part = |property: &str, form| KeyPart { property: property.to_owned(), form };
    matching.block = vec![vec![part("phone", Form::Exact), part("name", Form::Surname)]];
    let measures = [Measure::Value(&table.columns[2])];
    Blocks::new(table, &matching, &measures, &Clusters::new(table.len(), Vec::new()), 2)
}

/// Counts.
struct Seen(u64);

impl Visit for Seen {
    const LATER: bool = false;

    fn enter(&mut self, _: &[u32], _: &[usize]) {}

    fn pairs(&mut self, one: usize, others: &[Other]) {
        self.0 += others.iter().filter(|other| other.is_first && other.place > one).count() as u64;
    }
}

#[test]
fn a_block_too_big_is_refined_and_what_is_lost_is_counted() {
    let blocks = blocks(&crowded(3));
    let report = &blocks.keys[0].report;
    assert_eq!((report.refined, report.blocks, report.cut), (1, 3, 0));
    assert_eq!(report.pairs, 3 * 40 * 39 / 2);
    assert_eq!(report.pairs + report.pairs_cut, 120 * 119 / 2, "the ten without a phone are in no block");
    let mut seen = Seen(0);
    for unit in blocks.units() {
        blocks.pairs(unit, 1, &mut seen);
    }
    assert_eq!(seen.0, report.pairs);
}

#[test]
fn a_block_that_nothing_refines_is_cut_and_counted() {
    let blocks = blocks(&crowded(0));
    let report = &blocks.keys[0].report;
    assert_eq!((report.cut, report.blocks, report.pairs, report.pairs_cut), (1, 0, 0, 120 * 119 / 2));
}
