//! The commands that are disturbed: the first load of a hub, a second delivery that replaces and retires rows, all stages after it, a file that
//! was put into a watched folder, what a reviewer decides.
//! Everybody in the files is invented.

use super::{
    disk::{Disk, place},
    scenario::{INBOX, Scenario, command},
};
use crate::folder;
use serde_json::Value;
use std::{fmt::Write as _, fs, ops::Range, path::Path};

/// Two deliveries of one roll, of some hundred rows each.
pub(crate) struct Files {
    _folder: tempfile::TempDir,
    january: String,
    february: String,
}

impl Files {
    /// In February some people are gone, some have moved, some are new; in both there is a row that is refused. All is so long ago that no
    /// wrong clock makes it a date to come.
    pub(crate) fn new() -> Files {
        let folder = tempfile::tempdir().unwrap();
        let (before, after) =
            (rows(0..300, "东街", "2006-01-01"), rows(20..280, "东街", "2006-01-01") + &rows(280..330, "西街", "2006-02-01"));
        let file = |name: &str, rows: String| {
            let path = folder.path().join(name);
            fs::write(&path, format!("编号,姓名,住址,更新\n{rows}9999,王\u{fffd},东街1号,2006-01-01\n")).unwrap();
            path.to_string_lossy().into_owned()
        };
        Files { january: file("january.csv", before), february: file("february.csv", after), _folder: folder }
    }

    /// The first file of a hub that is not there yet: everything is made.
    pub(crate) fn first_load<'a>(&'a self, disk: &'a Disk) -> Scenario<'a> {
        let load = || command(disk, &["ingest", &self.january]);
        Scenario::new(disk, |_| {}, &[load()], load(), LOADED)
    }

    /// The next delivery of the same extract.
    pub(crate) fn second_delivery<'a>(&'a self, disk: &'a Disk) -> Scenario<'a> {
        let load = || command(disk, &["ingest", &self.february]);
        Scenario::new(disk, |hub| self.held(disk, hub, &[]), &[load()], load(), LOADED)
    }

    /// All stages, after a delivery that made them out of date: the resolution builds upon the one before, most of which stands.
    pub(crate) fn refresh<'a>(&'a self, disk: &'a Disk) -> Scenario<'a> {
        let steps = ["resolve", "link", "index"].map(|stage| command(disk, &[stage]));
        let prepare = |hub: &Path| {
            self.held(disk, hub, &[&["refresh"], &["ingest", &self.february]]);
            let folder = tempfile::tempdir().unwrap();
            let tried = place(&folder);
            folder::copy(hub, &tried);
            let told: Value = serde_json::from_str(&disk.says(&tried, &["resolve", "--json"]).unwrap()).unwrap();
            let person = told["stages"]["resolve"].as_array().unwrap().iter().find(|report| report["entity"] == "person").unwrap();
            assert!(person["way"] == "increment" && person["again"].as_u64() < person["records"].as_u64(), "{person}");
        };
        Scenario::new(disk, prepare, &steps, command(disk, &["refresh"]), RESOLVED)
    }

    /// A file in a watched folder: it is loaded, and lies with its receipt and the workbook of its refused row.
    pub(crate) fn watched<'a>(&'a self, disk: &'a Disk) -> Scenario<'a> {
        let prepare = |hub: &Path| {
            self.held(disk, hub, &[]);
            fs::create_dir_all(hub.join(INBOX).join("xx")).unwrap();
            fs::copy(&self.february, hub.join(INBOX).join("xx/名册.csv")).unwrap();
        };
        let watch = || command(disk, &["watch", "{hub}/inbox", "--once"]);
        Scenario::new(disk, prepare, &[watch()], watch(), LOADED)
    }

    /// What somebody decides of two records.
    pub(crate) fn decided<'a>(&'a self, disk: &'a Disk) -> Scenario<'a> {
        let decide = || command(disk, &["decide", "different", "r1", "r3", "--ground", "卷宗 7"]);
        Scenario::new(disk, |hub| self.held(disk, hub, &[&["refresh"]]), &[decide()], decide(), DECIDED)
    }

    /// Makes a hub that holds the first delivery, and runs commands on it.
    pub(crate) fn held(&self, disk: &Disk, hub: &Path, more: &[&[&str]]) {
        for arguments in [&["ingest", self.january.as_str()][..]].iter().chain(more) {
            disk.says(hub, arguments).unwrap();
        }
    }

    /// The bytes of the second delivery.
    pub(crate) fn february(&self) -> Vec<u8> {
        fs::read(&self.february).unwrap()
    }
}

fn rows(numbers: Range<u32>, street: &str, day: &str) -> String {
    let name = |number: u32| ["伟", "芳", "娜", "敏", "静"][number as usize % 5];
    numbers.fold(String::new(), |mut text, number| {
        writeln!(text, "{number},王{}{},{street}{}号,{day}", name(number), name(number / 5), number / 3).unwrap();
        text
    })
}

/// What was decided, in the book's order.
const DECIDED: &[&[&str]] = &[&[
    "sql",
    "--format",
    "csv",
    "SELECT decision, entity, \"left\", \"right\", verdict, state, ground, who FROM graph.decision ORDER BY decision, \"left\"",
]];

/// Every row that loading leaves behind, of every table, but for the time at which it came.
pub(crate) const LOADED: &[&[&str]] = &[&["sql", "--format", "csv", ROWS_LOADED]];

const ROWS_LOADED: &str = "
    SELECT 'raw' AS what, first_record AS number, concat_ws('|', batch, CAST(row AS VARCHAR), CAST(last_record AS VARCHAR),
        CAST(row_hash AS VARCHAR), observed, \"编号\", \"姓名\", \"住址\") AS said FROM raw.xx_roll
    UNION ALL SELECT 'person', record_id, concat_ws('|', role, batch, CAST(row AS VARCHAR), observed, name, live_address) FROM record.person
    UNION ALL SELECT 'dwelling', record_id, concat_ws('|', role, batch, CAST(row AS VARCHAR), address) FROM record.dwelling
    UNION ALL SELECT 'relation', source, concat_ws('|', relation, CAST(target AS VARCHAR), batch) FROM record.relation
    UNION ALL SELECT 'retired', first_record, concat_ws('|', extract, CAST(last_record AS VARCHAR), batch, why) FROM record.retired
    UNION ALL SELECT 'reject', row, concat_ws('|', batch, rule, cells) FROM raw.reject
    UNION ALL SELECT 'delivery', rows_total, concat_ws('|', rid, batch, outcome, CAST(rows_ok AS VARCHAR), CAST(rows_new AS VARCHAR),
        CAST(rows_retired AS VARCHAR), CAST(rows_spared AS VARCHAR)) FROM contract.delivery
    UNION ALL SELECT 'resource', cycle_days, rid FROM contract.resource
    UNION ALL SELECT 'item', count(*), rid FROM contract.item GROUP BY rid
    UNION ALL SELECT 'workday', count(*), 'days' FROM contract.workday
    ORDER BY what, number, said";

/// Every row that the stages leave behind, and what the index finds.
const RESOLVED: &[&[&str]] = &[&["sql", "--format", "csv", ROWS_RESOLVED], &["people", "王", "--limit", "400", "--json"]];

const ROWS_RESOLVED: &str = "
    SELECT 'link' AS what, record_id AS number, concat_ws('|', CAST(entity_id AS VARCHAR), entity, tier) AS said FROM graph.link
    UNION ALL SELECT 'pair', \"left\", concat_ws('|', CAST(\"right\" AS VARCHAR), key, levels, CAST(weight AS VARCHAR)) FROM graph.pair
    UNION ALL SELECT 'edge', source, concat_ws('|', relation, CAST(target AS VARCHAR), batch, CAST(row AS VARCHAR)) FROM graph.edge
    UNION ALL SELECT 'person', entity_id, concat_ws('|', CAST(records AS VARCHAR), departments, name, live_address) FROM entity.person
    UNION ALL SELECT 'dwelling', entity_id, concat_ws('|', CAST(records AS VARCHAR), address) FROM entity.dwelling
    UNION ALL SELECT 'member', record_id, concat_ws('|', entity, CAST(entity_id AS VARCHAR), CAST(from_run AS VARCHAR), CAST(to_run AS VARCHAR),
        reason, ended) FROM graph.member
    UNION ALL SELECT 'lineage', run, concat_ws('|', entity, event, CAST(from_id AS VARCHAR), CAST(to_id AS VARCHAR)) FROM graph.lineage
    UNION ALL SELECT 'redirect', from_id, concat_ws('|', CAST(to_id AS VARCHAR), CAST(run AS VARCHAR)) FROM graph.redirect
    UNION ALL SELECT 'successor', former, concat_ws('|', CAST(record_id AS VARCHAR), CAST(run AS VARCHAR)) FROM graph.successor
    UNION ALL SELECT 'run', count(*), 'runs' FROM graph.run
    ORDER BY what, number, said";
