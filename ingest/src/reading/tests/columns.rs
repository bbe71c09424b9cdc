//! Whole columns are judged as single cells are: whatever stands in them, what comes out is the same, row by row and in the same order.

use super::*;
use crate::{
    block::{Block, Cells},
    map::Mapping,
    source::Plan,
};
use proptest::prelude::*;
use std::sync::LazyLock;
use wuwei_schema::Kind;

static CARRIED: LazyLock<(Model, Departments)> = LazyLock::new(|| {
    let model = Model::embedded().unwrap();
    let departments = Departments::embedded(&model).unwrap();
    (model, departments)
});

/// What may stand in a cell instead of what should.
const DIRT: [&str; 64] = [
    "",
    "",
    "",
    " ",
    "无",
    "不详",
    "NULL",
    "-",
    "'",
    "'无",
    "\u{3000}",
    "长期",
    "0",
    "00000000",
    "19000101",
    "99991231",
    "1985-03-07",
    "19850307",
    "19850230",
    "1985-02-30",
    "19850300",
    "1985.3",
    "2031-05-06",
    "20310506",
    "20260102093000",
    "45000",
    "990101198503070017",
    "990101198503070018",
    "99010220011112123x",
    "９９０１０１１９８５０３０７００１７",
    "990101850307001",
    "990101198503071000",
    "990101********0017",
    "9.90101E+17",
    "12012345678",
    "１２０１２３４５６７８",
    "+86 120 1234 5678",
    "11111111111",
    "12345",
    "王小明",
    "王 小明",
    "王先生",
    "李明",
    "张三、李四",
    "张三、李四等3人",
    "匿名",
    "王某某",
    "SMITH, JOHN",
    "王\u{200b}小明",
    "01",
    "1",
    "汉族",
    "男",
    "女",
    "2",
    "77",
    "云溪县城关镇人民路12号",
    "人民路 12—3 #",
    "91990101MA0WUWE14C",
    "云溪县机械厂",
    "118.5",
    "32.25",
    "５，０００元",
    "检举控告",
];

/// A row for each number: of one of the extract's roles, with dirt in some cells; some cannot be read at all.
fn harmed(extract: &Extract, numbers: &[u64]) -> Vec<Option<Vec<String>>> {
    let sound = crate::conform::rows(extract, &CARRIED.0);
    let row = |number: &u64| {
        let mut drawn = *number;
        let mut below = |bound: usize| {
            drawn = drawn.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from((drawn >> 33) % bound as u64).unwrap()
        };
        if below(30) == 0 {
            return None;
        }
        let (mut cells, often) = (sound[below(sound.len())].clone(), 2 + below(30));
        for cell in &mut cells {
            match below(often) {
                0 => DIRT[below(DIRT.len())].clone_into(cell),
                1 if below(4) == 0 => cell.insert(0, ' '),
                _ => {}
            }
        }
        Some(cells)
    };
    numbers.iter().map(row).collect()
}

/// All that an extract makes of these rows, batch by batch.
fn told(extract: &Extract, rows: Vec<Option<Vec<String>>>, is_by_column: bool) -> (Vec<(String, RecordBatch)>, Report) {
    let mut reading = reading(extract, &CARRIED.0, rows);
    reading.mapping.until = Some("2030-01-01".to_owned());
    if !is_by_column {
        reading.mapping.roles.iter_mut().for_each(|role| role.is_by_column = false);
        let lineage = || "x".to_owned();
        let lineage = Lineage { department: lineage(), extract: lineage(), batch: "0123456789abcdef".to_owned(), file: lineage() };
        reading.chunk = ChunkBuilder::new(lineage, extract, &CARRIED.0, &reading.mapping);
    }
    let chunks: Vec<Chunk> = reading.by_ref().map(Result::unwrap).collect();
    let report = reading.report().clone();
    let without_lineage = |(table, rows): (String, RecordBatch)| {
        let names = ["department", "extract", "batch", "file"];
        let kept: Vec<usize> = (0..rows.num_columns()).filter(|at| !names.contains(&rows.schema().field(*at).name().as_str())).collect();
        (table, rows.project(&kept).unwrap())
    };
    (chunks.into_iter().flat_map(|chunk| chunk.tables(extract)).map(without_lineage).collect(), report)
}

fn plans<'a>(extract: &'a Extract, model: &'a Model) -> Vec<Plan<'a>> {
    let days = extract.observed.as_ref().map(|source| Plan::new(source, &Kind::Date, &extract.columns, &model.codes));
    let of_role = |role: &'a crate::Role| {
        let entity = model.entity(&role.entity).unwrap();
        let plan = |(name, source): &'a (String, crate::Source)| {
            Plan::new(source, &entity.property(name).unwrap().kind, &extract.columns, &model.codes)
        };
        role.properties.iter().map(plan).collect::<Vec<_>>()
    };
    extract.roles.iter().flat_map(of_role).chain(days).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn an_extract_makes_the_same_of_columns_as_of_rows(numbers in prop::collection::vec(any::<u64>(), 0..120)) {
        for (_, extract) in CARRIED.1.extracts() {
            let rows = harmed(extract, &numbers);
            let (by_column, by_row) = (told(extract, rows.clone(), true), told(extract, rows, false));
            prop_assert_eq!(by_column.1, by_row.1, "{}", extract.name);
            for (column, row) in by_column.0.iter().zip(&by_row.0) {
                prop_assert!(column == row, "{} {}", extract.name, row.0);
            }
        }
    }

    #[test]
    fn a_plan_makes_the_same_of_a_column_as_of_cells(numbers in prop::collection::vec(any::<u64>(), 1..60), unasked in 0usize..60) {
        for (_, extract) in CARRIED.1.extracts() {
            let rows: Vec<Vec<String>> = harmed(extract, &numbers).into_iter().flatten().collect();
            let block = Block::beside(&rows, extract.columns.len());
            let asked: Vec<bool> = (0..rows.len()).map(|at| at != unasked).collect();
            for (mut columns, mut cells) in plans(extract, &CARRIED.0).into_iter().zip(plans(extract, &CARRIED.0)) {
                let judged = columns.judge(&block, &asked).unwrap();
                for (at, row) in rows.iter().enumerate().filter(|(at, _)| *at != unasked) {
                    let text = cells.text(Cells::Alone(row)).into_owned();
                    let one = cells.read(&text).map(std::borrow::Cow::into_owned);
                    let column = judged.fault(at).map_or_else(|| Ok(judged.get(at).to_owned()), |fault| Err(fault.clone()));
                    prop_assert_eq!(column, one, "{} {:?}", extract.name, cells.column());
                }
            }
        }
    }
}

/// The other test would say nothing if nothing were judged by columns, or nothing were wrong.
#[test]
fn most_of_what_is_read_is_read_by_columns() {
    let roles = || CARRIED.1.extracts().flat_map(|(_, extract)| Mapping::new(extract, &CARRIED.0).roles);
    let (all, by_column) = (roles().count(), roles().filter(|role| role.is_by_column).count());
    assert!(by_column * 3 > all * 2, "{by_column} of {all}");
    let extract = CARRIED.1.extract("ga_hjrk").unwrap();
    let (tables, report) = told(extract, harmed(extract, &(0..500).collect::<Vec<_>>()), true);
    assert!(tables.len() > 3 && report.rejected > 50 && report.accepted > 50 && report.rejects_by_rule.len() > 10, "{report:?}");
}
