//! How good suggestions are: of every extract, written as its department writes it while that department is not known, how much of the
//! mapping is found again; and that a suggestion loads what its mapping says once somebody has decided what it leaves open.

use super::*;
use std::collections::BTreeMap;
use wuwei_ingest::{Extract, Naming, Settled, Suggestion, Target, suggest};

/// Columns by how they were suggested.
#[derive(Debug, Default)]
struct Score {
    mapped: usize,
    suggested: usize,
    right: usize,
    /// Right also in whom they are said of.
    in_role: usize,
    /// Those that are wrong, in words.
    wrong: Vec<String>,
}

/// Of a column all that its department maps it to.
type Truth<'a> = BTreeMap<&'a str, Vec<(&'a str, &'a str, &'a str)>>;

fn truth(extract: &Extract) -> Truth<'_> {
    let mut truth = Truth::new();
    for role in &extract.roles {
        for (property, source) in &role.properties {
            for column in &source.columns {
                truth.entry(column).or_default().push((&role.role, &role.entity, property));
            }
        }
    }
    truth
}

impl Score {
    fn add(&mut self, extract: &Extract, suggestion: Option<&Suggestion>) {
        let truth = truth(extract);
        self.mapped += truth.len();
        let found: Vec<(&str, &Target)> = suggestion
            .iter()
            .flat_map(|suggestion| &suggestion.columns)
            .filter_map(|column| Some((column.heading.as_str(), column.target.as_ref()?)))
            .collect();
        self.suggested += found.len();
        let meant = |column: &str, target: &Target| {
            let all = truth.get(column).into_iter().flatten();
            all.filter(|(_, entity, property)| *entity == target.entity && *property == target.property).map(|(role, ..)| *role).next()
        };
        let right: Vec<(&str, &str)> =
            found.iter().filter_map(|(column, target)| Some((target.role.as_str(), meant(column, target)?))).collect();
        self.right += right.len();
        let mut together: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        right.iter().for_each(|pair| *together.entry(*pair).or_default() += 1);
        let roles: BTreeSet<&str> = right.iter().map(|(role, _)| *role).collect();
        let most = |role: &&str| together.iter().filter(|((own, _), _)| own == role).map(|(_, count)| *count).max().unwrap_or(0);
        self.in_role += roles.iter().map(most).sum::<usize>();
        let wrong = found.iter().filter(|(column, target)| meant(column, target).is_none());
        self.wrong.extend(wrong.map(|(column, target)| format!("{} {column}: {}.{}", extract.name, target.entity, target.property)));
    }
}

/// Known without that department.
fn hidden(departments: &Departments, code: &str) -> Departments {
    let mut known = departments.clone();
    known.list.retain(|department| department.code != code);
    known
}

#[test]
fn most_columns_of_an_unknown_department_are_suggested_and_nearly_all_of_these_are_right() {
    let county = &*COUNTY;
    let mut score = Score::default();
    for (department, extract) in county.departments.extracts() {
        let known = hidden(&county.departments, &department.code);
        let file = format!("2026-11-01/{}/{}.{}", department.code, extract.name, write::ending(extract.format));
        let suggestion = suggest(&county.sources().join(file), &known, &county.model, &Hint::default(), &Settled::default());
        score.add(extract, suggestion.ok().as_ref());
    }
    assert!(score.right * 100 >= score.suggested * 97, "{score:?}");
    assert!(score.in_role * 100 >= score.suggested * 96, "{score:?}");
    // One extract has no headings at all, and a dozen of columns have item codes or letters that mean nothing by themselves.
    assert!(score.right * 100 >= score.mapped * 88, "{score:?}");
}

/// The file of an extract, what is known without its department, and what is suggested so.
fn suggestion_for(extract: &Extract) -> (PathBuf, Departments, Suggestion) {
    let county = &*COUNTY;
    let known = hidden(&county.departments, &extract.department);
    let file = format!("2026-11-01/{}/{}.{}", extract.department, extract.name, write::ending(extract.format));
    let path = county.sources().join(file);
    let suggestion = suggest(&path, &known, &county.model, &Hint::default(), &Settled::default()).unwrap();
    (path, known, suggestion)
}

/// What a person does with it: each open place gets an answer.
fn completed(text: &str) -> String {
    text.replace("TODO：gcj02、bd09、cgcs2000 或 wgs84", "gcj02").replace("TODO：", "已核对：")
}

#[test]
fn a_suggestion_loads_its_file_once_it_is_completed_and_not_before() {
    let county = &*COUNTY;
    // One of each format, and headings of two and three rows.
    for name in ["ga_hjrk", "ga_ldrk", "sf_tj", "yj_qy", "zj_zl", "wj_sw", "sc_12315", "wg_sj", "wj_jz", "xf_xfj"] {
        let extract = county.departments.extract(name).unwrap();
        let (path, known, suggestion) = suggestion_for(extract);
        let text = suggestion.department_file(&Naming { code: "xx".to_owned(), ..Naming::default() });
        let parse = |text: String| Departments::parse(&[wuwei_schema::SourceFile { name: "xx.toml".to_owned(), text }], &county.model);
        let open_place = parse(text.clone()).unwrap_err().to_string();
        assert!(open_place.contains("something is left open"), "{name}: {open_place}");
        let mut departments = parse(completed(&text)).unwrap_or_else(|error| panic!("{name}: {error}\n{text}"));
        departments.list.extend(known.list);
        let opened = open(&path, &departments, &Hint::default()).unwrap();
        assert_eq!(opened.extract.name, "xx_1", "{name}");
        let mut reading = read(opened, &county.model, 0, Held::none()).unwrap();
        reading.by_ref().for_each(|chunk| drop(chunk.unwrap()));
        let (report, (_, own)) = (reading.report(), county.read(&path));
        assert_eq!(report.read, own.read, "{name}");
        assert!(report.accepted * 20 >= own.accepted * 19, "{name}: {report:?} where its department accepts {}", own.accepted);
    }
}

#[test]
fn no_value_of_anybody_is_written_into_a_suggestion() {
    let county = &*COUNTY;
    for name in ["ga_hjrk", "sf_tj", "wg_rk", "sc_12315"] {
        let extract = county.departments.extract(name).unwrap();
        let (path, _, suggestion) = suggestion_for(extract);
        let (text, mut seen) = (suggestion.department_file(&Naming { code: "xx".to_owned(), ..Naming::default() }), 0);
        let opened = open(&path, &county.departments, &Hint::default()).unwrap();
        for chunk in read(opened, &county.model, 0, Held::none()).unwrap().map(Result::unwrap) {
            for (_, batch) in chunk.records.iter().filter(|(entity, _)| entity == "person") {
                for property in ["id_no", "name", "phone", "live_address"] {
                    let cells = batch.column_by_name(property).unwrap().as_any().downcast_ref::<StringArray>().unwrap();
                    for value in cells.iter().flatten().filter(|value| !value.is_empty()) {
                        assert!(!text.contains(value), "{name} says a {property}");
                        seen += 1;
                    }
                }
            }
        }
        assert!(seen > 20, "{name}: {seen}");
    }
}
