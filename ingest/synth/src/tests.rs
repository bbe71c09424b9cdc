//! The written county as ingest sees it: bytes repeat, files are recognised and read back, only dirt is refused, and the truth knows whose
//! every record is.

use super::*;
use arrow_array::{Array as _, Int64Array, StringArray};
use std::{
    collections::{BTreeSet, HashMap},
    path::PathBuf,
};
use tempfile::TempDir;
use wuwei_ingest::{Hint, open, read};

struct Written {
    folder: TempDir,
    model: Model,
    departments: Departments,
    summary: Summary,
}

fn written(people: usize, seed: u64) -> Written {
    let (folder, model) = (TempDir::new().unwrap(), Model::embedded().unwrap());
    let departments = Departments::embedded(&model).unwrap();
    let summary = write(folder.path(), people, seed, &departments, &model).unwrap();
    Written { folder, model, departments, summary }
}

impl Written {
    fn files(&self) -> Vec<PathBuf> {
        let mut files = Vec::new();
        for folder in fs::read_dir(self.folder.path()).unwrap() {
            files.extend(fs::read_dir(folder.unwrap().path()).unwrap().map(|file| file.unwrap().path()));
        }
        files.sort();
        files
    }

    fn extracts(&self) -> Vec<PathBuf> {
        self.files().into_iter().filter(|file| !file.parent().unwrap().ends_with("truth")).collect()
    }

    fn bytes(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let name = |file: &PathBuf| file.strip_prefix(self.folder.path()).unwrap().to_owned();
        self.files().iter().map(|file| (name(file), fs::read(file).unwrap())).collect()
    }

    /// A truth file's rows.
    fn truth(&self, file: &str) -> Vec<csv::StringRecord> {
        csv::Reader::from_path(self.folder.path().join("truth").join(file)).unwrap().records().map(Result::unwrap).collect()
    }

    /// Every person record read back from one file, and the account.
    fn read(&self, file: &Path) -> (Vec<Known>, wuwei_ingest::Report) {
        let opened = open(file, &self.departments, &Hint::default()).unwrap();
        assert_eq!(opened.extract.name, file.file_stem().unwrap().to_str().unwrap());
        let mut reading = read(opened, &self.model, 0, wuwei_ingest::Held::default()).unwrap();
        let mut people = Vec::new();
        for chunk in reading.by_ref() {
            for (_, batch) in chunk.unwrap().records.iter().filter(|(entity, _)| entity == "person") {
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

    /// Whose every record of an extract is: by sheet, row and role, the line of `people.csv`.
    fn truth_of(&self, extract: &str) -> HashMap<Place, usize> {
        let records = self.truth("records.csv").into_iter().filter(|record| &record[0] == extract);
        let place = |record: &csv::StringRecord| (record[1].to_owned(), record[2].to_owned(), record[3].to_owned());
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
fn the_same_seed_writes_the_same_bytes_and_another_seed_others() {
    let first = written(400, 7).bytes();
    assert!(first == written(400, 7).bytes());
    let second = written(400, 8).bytes();
    let same: Vec<_> = first.iter().zip(&second).filter(|(left, right)| left.1 == right.1).map(|(left, _)| &left.0).collect();
    assert!(same.is_empty(), "{same:?}");
}

#[test]
fn every_extract_is_recognised_read_whole_and_refused_only_for_dirt() {
    let county = written(3_000, 7);
    let mut rules = BTreeSet::new();
    let files = county.extracts();
    assert_eq!(files.len(), 11);
    for file in &files {
        let (_, report) = county.read(file);
        let name = file.file_stem().unwrap().to_str().unwrap();
        assert_eq!(report.read, report.accepted + report.rejected + report.skipped, "{name}");
        assert!(report.accepted + report.rejected >= county.summary.rows[name], "{name}");
        assert!(report.rejected * 12 <= report.read, "{name}: {report:?}");
        rules.extend(report.rejects_by_rule.into_keys());
    }
    let dirt = ["id_check_digit", "id_birth_date", "id_format", "excel_precision_lost", "cell:masked"];
    assert!(rules.iter().all(|rule| dirt.contains(&rule.as_str())), "{rules:?}");
    assert!(rules.len() >= 4, "{rules:?}");
}

#[test]
fn the_truth_knows_whose_every_record_is_and_most_ids_are_theirs() {
    let county = written(3_000, 7);
    let people = county.truth("people.csv");
    for file in county.extracts() {
        let name = file.file_stem().unwrap().to_str().unwrap();
        let (truth, (records, _)) = (county.truth_of(name), county.read(&file));
        assert!(!records.is_empty(), "{name}");
        let mut wrong = 0;
        for Known { place, id } in &records {
            let person = &people[*truth.get(place).unwrap_or_else(|| panic!("{name}: nobody knows whose {place:?} is"))];
            wrong += usize::from(!id.is_empty() && person[1] != *id);
        }
        assert!(wrong * 50 <= records.len(), "{name}: {wrong} of {}", records.len());
    }
}

#[test]
fn ids_that_are_not_ones_own_are_those_of_ones_family() {
    let county = written(8_000, 7);
    let (people, truth) = (county.truth("people.csv"), county.truth_of("jy_xj"));
    let by_id: HashMap<&str, &csv::StringRecord> = people.iter().map(|person| (&person[1], person)).collect();
    let mut lent = 0;
    for Known { place, id } in county.read(&county.folder.path().join("jy/jy_xj.xlsx")).0 {
        let own = &people[truth[&place]];
        if !id.is_empty() && own[1] != id {
            assert_eq!(by_id[id.as_str()][5], own[5], "of the same household");
            lent += 1;
        }
    }
    assert!(lent > 3, "{lent} children stand with a guardian's id");
}

#[test]
fn a_county_of_nobody_is_refused() {
    let model = Model::embedded().unwrap();
    let error = write(Path::new("nowhere"), 0, 1, &Departments::default(), &model).unwrap_err();
    assert!(error.to_string().contains("hint: "), "{error}");
}
