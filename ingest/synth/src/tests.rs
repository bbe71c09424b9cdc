//! The written county as ingest sees it: bytes repeat, files are recognised and read back, only dirt is refused, and the truth knows whose
//! every record is.

mod suggested;

use super::*;
use arrow_array::{Array as _, Int64Array, StringArray};
use std::{
    collections::{BTreeSet, HashMap},
    path::PathBuf,
    sync::LazyLock,
};
use tempfile::TempDir;
use wuwei_ingest::{Held, Hint, open, read};

struct Written {
    folder: TempDir,
    model: Model,
    departments: Departments,
    summary: Summary,
}

fn written(people: usize, seed: u64) -> Written {
    planned(&Plan { with: vec!["sf_sqjz".to_owned()], ..Plan::new(people, seed) })
}

/// One county for all tests that only look.
static COUNTY: LazyLock<Written> = LazyLock::new(|| written(2_000, 7));

fn planned(plan: &Plan) -> Written {
    let (folder, model) = (TempDir::new().unwrap(), Model::embedded().unwrap());
    let departments = Departments::embedded(&model).unwrap();
    let summary = write(folder.path(), plan, &departments, &model).unwrap();
    Written { folder, model, departments, summary }
}

fn below(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { below(&path, found) } else { found.push(path) }
    }
}

impl Written {
    fn files(&self) -> Vec<PathBuf> {
        let mut files = Vec::new();
        below(self.folder.path(), &mut files);
        files.sort();
        files
    }

    fn sources(&self) -> PathBuf {
        self.folder.path().join("sources")
    }

    fn extracts(&self) -> Vec<PathBuf> {
        self.files().into_iter().filter(|file| file.starts_with(self.sources())).collect()
    }

    fn name(&self, file: &Path) -> String {
        file.strip_prefix(self.sources()).unwrap().to_str().unwrap().to_owned()
    }

    fn bytes(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let name = |file: &PathBuf| file.strip_prefix(self.folder.path()).unwrap().to_owned();
        self.files().iter().map(|file| (name(file), fs::read(file).unwrap())).collect()
    }

    /// A truth file's rows.
    fn truth(&self, file: &str) -> Vec<csv::StringRecord> {
        csv::Reader::from_path(self.folder.path().join("truth").join(file)).unwrap().records().map(Result::unwrap).collect()
    }

    /// Every person record read back from one file, and the account; what is loaded says which columns say something.
    fn read(&self, file: &Path) -> (Vec<Known>, wuwei_ingest::Report) {
        self.read_with(file, &mut BTreeSet::new())
    }

    fn read_with(&self, file: &Path, said: &mut BTreeSet<String>) -> (Vec<Known>, wuwei_ingest::Report) {
        let opened = open(file, &self.departments, &Hint::default()).unwrap();
        assert!(file.file_stem().unwrap().to_str().unwrap().starts_with(&opened.extract.name));
        let mut reading = read(opened, &self.model, 0, Held::none()).unwrap();
        let mut people = Vec::new();
        for chunk in reading.by_ref() {
            let chunk = chunk.unwrap();
            let columns = chunk.raw.schema_ref().fields().iter().zip(chunk.raw.columns());
            said.extend(columns.filter(|(_, cells)| cells.null_count() < cells.len()).map(|(field, _)| field.name().clone()));
            for (_, batch) in chunk.records.iter().filter(|(entity, _)| entity == "person") {
                let column = |name: &str| batch.column_by_name(name).unwrap().as_any();
                let texts =
                    |name: &str| column(name).downcast_ref::<StringArray>().unwrap().iter().map(|text| text.unwrap_or("").to_owned());
                let rows = column("row").downcast_ref::<Int64Array>().unwrap().iter().map(|row| row.unwrap().to_string());
                let places = texts("sheet").zip(rows).zip(texts("role")).map(|((sheet, row), role)| (sheet, row, role));
                people.extend(places.zip(texts("id_no")).map(|(place, id)| Known { place, id }));
            }
        }
        (people, reading.report().clone())
    }

    /// Whose every record of a file is: by sheet, row and role, the line of `people.csv`.
    fn truth_of(&self, file: &str) -> HashMap<Place, usize> {
        let records = self.truth("records.csv").into_iter().filter(|record| &record[1] == file);
        let place = |record: &csv::StringRecord| (record[2].to_owned(), record[3].to_owned(), record[4].to_owned());
        records.map(|record| (place(&record), record[5].parse::<usize>().unwrap() - 1)).collect()
    }
}

/// Sheet, row and role.
type Place = (String, String, String);

struct Known {
    place: Place,
    id: String,
}

#[test]
fn the_same_seed_writes_the_same_bytes_on_any_number_of_threads_and_another_seed_others() {
    let first = written(400, 7).bytes();
    assert!(first == planned(&Plan { threads: 1, with: vec!["sf_sqjz".to_owned()], ..Plan::new(400, 7) }).bytes());
    let second = written(400, 8).bytes();
    let same: Vec<_> = first.iter().zip(&second).filter(|(left, right)| left.1 == right.1).map(|(left, _)| &left.0).collect();
    assert!(same.is_empty(), "{same:?}");
}

#[test]
fn every_extract_is_recognised_read_whole_and_refused_only_for_dirt() {
    let county = &*COUNTY;
    let mut rules = BTreeSet::new();
    let files = county.extracts();
    assert_eq!((files.len(), county.summary.deliveries.as_slice()), (county.summary.files, &["2026-11-01".to_owned()][..]));
    for file in &files {
        let (_, report) = county.read(file);
        let name = file.file_stem().unwrap().to_str().unwrap();
        assert_eq!(report.read, report.accepted + report.rejected + report.skipped, "{name}");
        // A row that may not be kept was written all the same.
        let told = report.accepted + report.rejected + report.excluded.values().sum::<u64>();
        assert!(told >= county.summary.rows[name], "{name}");
        assert!(report.rejected * 12 <= report.read, "{name}: {report:?}");
        rules.extend(report.rejects_by_rule.into_keys());
    }
    // What the rates of this crate ask for, and nothing else.
    let dirt = "id_ excel_precision_lost credit_code_ realty_unit_ cell:masked cell:date_ cell:phone_ cell:name_ cell:coordinates_ cell:number_ cell:id_ cell:birth_ undecodable row_width";
    assert!(rules.iter().all(|rule| dirt.split(' ').any(|known| rule.starts_with(known))), "{rules:?}");
    assert!(rules.len() >= 8, "{rules:?}");
}

#[test]
fn every_extract_has_a_view_and_every_column_that_is_kept_says_something() {
    let county = &*COUNTY;
    // Divorces are not invented yet, a row that strikes somebody off is not kept, and who is registered here needs no permit.
    let unsaid = ["mz_hydj LHDJH", "ga_hjrk ZXYY", "mz_dbry JZZH"];
    let mut silent = Vec::new();
    for (department, extract) in county.departments.extracts() {
        assert!(extract.synth.as_deref().and_then(view::find).is_some(), "{} has no view", extract.name);
        let file =
            county.sources().join("2026-11-01").join(&department.code).join(format!("{}.{}", extract.name, write::ending(extract.format)));
        if !write::can(extract.format) {
            continue;
        }
        let mut said = BTreeSet::new();
        county.read_with(&file, &mut said);
        let silent_here = extract.kept().map(|(_, column)| column).filter(|column| !said.contains(*column));
        silent.extend(silent_here.map(|column| format!("{} {column}", extract.name)));
    }
    silent.retain(|column| !unsaid.contains(&column.as_str()));
    assert!(silent.is_empty(), "{silent:#?}");
}

#[test]
fn the_truth_knows_whose_every_record_is_and_most_ids_are_theirs() {
    let county = &*COUNTY;
    let people = county.truth("people.csv");
    for file in county.extracts() {
        let name = county.name(&file);
        let (truth, (records, _)) = (county.truth_of(&name), county.read(&file));
        let mut wrong = 0;
        for Known { place, id } in &records {
            let person = &people[*truth.get(place).unwrap_or_else(|| panic!("{name}: nobody knows whose {place:?} is"))];
            wrong += usize::from(!id.is_empty() && person[1] != *id);
        }
        assert!(wrong * 50 <= records.len(), "{name}: {wrong} of {}", records.len());
    }
}

#[test]
fn every_division_lies_in_the_one_above() {
    let divisions = COUNTY.truth("divisions.csv");
    let codes: BTreeSet<&str> = divisions.iter().map(|division| &division[0]).collect();
    assert_eq!(codes.iter().map(|code| code.len()).collect::<BTreeSet<_>>(), [6, 9, 12, 15].into());
    assert_eq!(codes.len(), divisions.len(), "each once");
    let is_inside = |division: &csv::StringRecord| codes.contains(&division[2]) && division[0].starts_with(&division[2]);
    assert!(divisions.iter().skip(1).all(is_inside));
}

#[test]
fn the_truth_knows_where_the_dirt_is() {
    let county = &*COUNTY;
    let dirt = county.truth("dirt.csv");
    let kinds: BTreeSet<&str> = dirt.iter().map(|line| &line[5]).collect();
    assert!(kinds.len() >= 28, "{kinds:?}");
    let (lines, file) =
        (dirt.iter().filter(|line| &line[1] == "2026-11-01/ga/ga_hjrk.csv"), county.sources().join("2026-11-01/ga/ga_hjrk.csv"));
    let bytes = fs::read(file).unwrap();
    let text = encoding_rs::GB18030.decode(&bytes).0.into_owned();
    let rows: Vec<csv::StringRecord> =
        csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes()).records().map(Result::unwrap).collect();
    let mut seen = 0;
    for line in lines.filter(|line| &line[5] == "eth_forms") {
        let row = &rows[line[3].parse::<usize>().unwrap() - 1];
        let column = rows[0].iter().position(|name| name == &line[4]).unwrap();
        assert_eq!(row[column].len(), 1, "row {} has lost a zero", &line[3]);
        seen += 1;
    }
    assert!(seen > 0);
}

#[test]
fn ids_that_are_not_ones_own_are_those_of_ones_family() {
    let county = written(8_000, 7);
    let (people, truth) = (county.truth("people.csv"), county.truth_of("2026-11-01/jy/jy_xj.xlsx"));
    let by_id: HashMap<&str, &csv::StringRecord> = people.iter().map(|person| (&person[1], person)).collect();
    let mut lent = 0;
    for Known { place, id } in county.read(&county.sources().join("2026-11-01/jy/jy_xj.xlsx")).0 {
        let own = &people[truth[&place]];
        if !id.is_empty() && own[1] != id {
            assert_eq!(by_id[id.as_str()][6], own[6], "of the same household");
            lent += 1;
        }
    }
    assert!(lent > 3, "{lent} children stand with a guardian's id");
}

#[test]
fn months_bring_what_changed_and_one_file_late_and_one_twice() {
    let county = planned(&Plan { months: 4, ..Plan::new(2_000, 7) });
    assert_eq!(county.summary.deliveries, ["2026-08-01", "2026-09-01", "2026-10-01", "2026-11-01"]);
    let files = county.truth("files.csv");
    assert_eq!(files.len(), county.extracts().len());
    let batches: BTreeSet<&str> = files.iter().map(|file| &file[2]).collect();
    assert!(batches.len() < files.len(), "one was sent twice");
    assert_eq!(files.iter().filter(|file| file[0].contains("（重发）")).count(), 1);
    let late: Vec<&str> = files.iter().map(|file| &file[0]).filter(|path| path.contains("_2026-")).collect();
    assert_eq!(late.len(), 3, "{late:?}");
    for file in &files {
        assert_eq!(wuwei_ingest::batch(&county.sources().join(&file[0])).unwrap(), &file[2]);
        assert!(file[3] <= file[0][..10], "nothing is known before it is: {}", &file[0]);
    }
    let register =
        |day: &str| county.read(&county.sources().join(day).join("ga/ga_hjrk.csv")).0.into_iter().map(|known| known.id).collect();
    let (before, after): (BTreeSet<String>, BTreeSet<String>) = (register("2026-08-01"), register("2026-11-01"));
    assert!(after.difference(&before).count() > 0, "somebody was born");
    assert!(before.difference(&after).count() > 0, "somebody died or was struck off");
    assert!(before.intersection(&after).count() * 100 > after.len() * 95);
}

#[test]
fn what_is_off_by_default_is_written_only_when_it_is_asked_for() {
    let has = |plan: &Plan| planned(plan).summary.rows.contains_key("sf_sqjz");
    let plan = Plan::new(60, 7);
    assert!(!has(&plan) && has(&Plan { with: vec!["sf_sqjz".to_owned()], ..plan }));
}

#[test]
fn a_county_of_nobody_or_of_no_day_is_refused() {
    let model = Model::embedded().unwrap();
    let refused = |plan: &Plan| write(Path::new("nowhere"), plan, &Departments::default(), &model).unwrap_err().to_string();
    let plan = Plan::new(10, 1);
    for plan in [
        Plan { people: 0, ..plan.clone() },
        Plan { months: 0, ..plan.clone() },
        Plan { today: "2026-02-30".to_owned(), ..plan.clone() },
        Plan { with: vec!["xx".to_owned()], ..plan },
    ] {
        assert!(refused(&plan).contains("hint: "), "{plan:?}");
    }
}
