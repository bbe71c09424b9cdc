//! What every department file must do, whoever wrote it: one suite for all extracts, run on rows that the extract's own mapping writes.
//! The people in these rows are nobody: their numbers begin with 99, their phones with 120.

use crate::{
    Contract, Extract, Of, Role, Source, When,
    block::{Block, Cells},
    map::{Mapping, Standing},
    reject::Reject,
};
use wuwei_schema::{
    Codes, Kind, Model,
    kind::{citizen_id, credit_code, organization_code, registered},
};

/// What is wrong with an extract, one sentence each; none if it conforms.
///
/// A conforming extract reads back what it writes, in every role and relation; refuses a row with a broken identifier; skips blank rows,
/// repeated headings and totals; and maps nothing that no department's task needs to know of a person.
pub fn complaints(extract: &Extract, model: &Model) -> Vec<String> {
    let mut suite = Suite { extract, model, complaints: Vec::new() };
    suite.promises();
    suite.skips();
    suite.roles();
    suite.relations();
    suite.complaints.into_iter().map(|complaint| format!("`{}`: {complaint}", extract.name)).collect()
}

/// What headings may speak of without being kept: sensitive by PIPL article 28, and needed for no task here.
const PROTECTED: [&str; 18] = [
    "政治面貌",
    "党派",
    "党员",
    "宗教",
    "信仰",
    "死因",
    "死亡原因",
    "病史",
    "病种",
    "诊断",
    "过敏",
    "残疾",
    "孕周",
    "吸毒",
    "前科",
    "重点人",
    "指纹",
    "人脸",
];

/// The same where a system writes headings as initials or in English.
const PROTECTED_NAMES: [&str; 8] = ["ZZMM", "ZJXY", "CSYZ", "SWYY", "CAUSE", "RELIGION", "DIAGNOSIS", "DISEASE"];

/// Whether a heading speaks of what may not be kept.
pub(crate) fn is_protected(column: &str) -> bool {
    PROTECTED.iter().any(|word| column.contains(word))
        || column.split('/').any(|name| PROTECTED_NAMES.contains(&name.to_uppercase().as_str()))
}

/// Where nobody lives.
const PLACE: (f64, f64) = (105.25, 30.5);

struct Suite<'a> {
    extract: &'a Extract,
    model: &'a Model,
    complaints: Vec<String>,
}

impl<'a> Suite<'a> {
    fn hold(&mut self, holds: bool, complaint: impl FnOnce() -> String) {
        if !holds {
            self.complaints.push(complaint());
        }
    }

    fn promises(&mut self) {
        let extract = self.extract;
        self.hold(extract.cycle_days > 0, || "deliveries have no cycle".to_owned());
        self.hold(extract.share_class < 3 || !extract.obliged, || "what is not shared cannot be owed".to_owned());
        self.hold(!extract.roles.is_empty(), || "a row yields no record".to_owned());
        self.hold(extract.contract == Contract::Full || !extract.key.is_empty(), || "what changed has no key".to_owned());
        self.hold(extract.deleted.is_none() || !extract.key.is_empty(), || "what is deleted has no key".to_owned());
        for column in extract.columns.iter().filter(|column| is_protected(column)) {
            self.hold(extract.drop.contains_key(column), || format!("column `{column}` is protected and must be dropped"));
        }
        for (column, reason) in &extract.drop {
            self.hold(reason.contains('：') || reason.contains('法'), || {
                format!("column `{column}` is dropped without the legal reason")
            });
            let raw = crate::raw_schema(extract, self.model);
            self.hold(raw.column_with_name(column).is_none(), || format!("column `{column}` is dropped and yet kept in `raw`"));
        }
    }

    fn skips(&mut self) {
        let mapping = Mapping::new(self.extract, self.model);
        let blank = vec![String::new(); self.extract.columns.len()];
        let mut totals = blank.clone();
        totals.iter_mut().take(1).for_each(|cell| "合计".clone_into(cell));
        let full = self.row(&[], &[]);
        for (cells, is_skipped, what) in [
            (&blank, true, "a blank row is not skipped"),
            (&self.extract.columns, true, "a repeated heading is not skipped"),
            (&totals, true, "a line of totals is not skipped"),
            (&full, false, "a row of data is skipped"),
        ] {
            self.hold((mapping.standing(Cells::Alone(cells)) != Standing::Data) == is_skipped, || what.to_owned());
        }
    }

    /// Every role exists in a row that names it, and says what was written for it.
    fn roles(&mut self) {
        for (at, role) in self.extract.roles.iter().enumerate() {
            let cells = self.row(&[role], &[]);
            let mut mapping = Mapping::new(self.extract, self.model);
            let rejects = read(&mut mapping, &cells);
            self.hold(rejects.is_empty(), || format!("a row of role `{}` is faulty: {}", role.role, rules(&rejects)));
            let plan = &mapping.roles[at];
            let found = plan.found.len();
            self.hold(found == count(role), || format!("role `{}` yields {found} records where there are {}", role.role, count(role)));
            for record in 0..found {
                for (place, (property, source)) in role.properties.iter().enumerate() {
                    let value = plan.value(record, place);
                    let is_said = source.of == Of::Each || record == 0;
                    let written = if is_said { self.sample(role, property, source, record) } else { String::new() };
                    // A date may have been written with less precision.
                    let said = value == written || (!source.dates.is_empty() && !value.is_empty() && written.starts_with(value));
                    self.hold(said || self.is_shared(role, source), || format!("role `{}` does not read its `{property}` back", role.role));
                }
            }
            self.identifiers(role, &cells);
        }
    }

    /// A broken identifier refuses the row it stands in.
    fn identifiers(&mut self, role: &Role, cells: &[String]) {
        for (property, source) in &role.properties {
            let Some(at) = source.columns.first().and_then(|column| self.place(column)) else { continue };
            if !self.kind(role, property).is_identifier() {
                continue;
            }
            let mut cells = cells.to_vec();
            "99*".clone_into(&mut cells[at]);
            let rejects = read(&mut Mapping::new(self.extract, self.model), &cells);
            self.hold(rejects.iter().any(|reject| reject.refuses), || format!("a masked `{property}` of role `{}` is accepted", role.role));
        }
    }

    fn relations(&mut self) {
        for (at, relation) in self.extract.relations.iter().enumerate() {
            let ends: Vec<&Role> = [&relation.source, &relation.target].into_iter().filter_map(|name| self.extract.role(name)).collect();
            let cells = self.row(&ends, relation.when.as_slice());
            let mut mapping = Mapping::new(self.extract, self.model);
            let rejects = read(&mut mapping, &cells);
            let holds = rejects.is_empty() && !mapping.relations[at].found.is_empty();
            self.hold(holds, || format!("relation {} `{}` is not stated by a row that has both its ends", at + 1, relation.relation));
        }
    }

    /// A row in which these conditions hold, these roles exist, and as much of the rest as goes with them.
    fn row(&self, roles: &[&Role], whens: &[When]) -> Vec<String> {
        let mut cells: Vec<Option<String>> = vec![None; self.extract.columns.len()];
        let stated = || whens.iter().chain(roles.iter().copied().flat_map(conditions));
        let words = |when: &When| Some((when.column.clone(), when.is.first().or(when.contains.first())?.clone()));
        for word in stated().filter_map(words) {
            self.write(&mut cells, &[word]);
        }
        for role in roles.iter().copied().chain(&self.extract.roles) {
            for (property, source) in &role.properties {
                let texts = self.cells(role, property, source);
                self.write(&mut cells, &texts);
                for (place, (_, text)) in texts.iter().filter_map(|cell| Some((self.place(&cell.0)?, cell))) {
                    let standing = cells[place].clone().unwrap_or_default();
                    cells[place] = source.weave(&standing, text).or(cells[place].take());
                }
            }
        }
        for (source, kind) in self.sources_of_relations() {
            let sample = sample(&kind, source, 0, &self.model.codes);
            self.write(&mut cells, &source.invert_as(&kind, &sample, &self.model.codes));
        }
        for when in stated().filter(|when| !when.not.is_empty()) {
            self.write(&mut cells, &[(when.column.clone(), "其他".to_owned())]);
        }
        cells.into_iter().map(Option::unwrap_or_default).collect()
    }

    /// Writes cells together, unless one of them is written already.
    fn write(&self, cells: &mut [Option<String>], texts: &[(String, String)]) {
        let places: Vec<usize> = texts.iter().filter_map(|(column, _)| self.place(column)).collect();
        if places.iter().all(|place| cells[*place].is_none()) {
            for (place, (_, text)) in places.iter().zip(texts) {
                cells[*place] = Some(text.clone());
            }
        }
    }

    fn cells(&self, role: &Role, property: &str, source: &Source) -> Vec<(String, String)> {
        let Some(known) = self.model.entity(&role.entity).and_then(|entity| entity.property(property)) else { return Vec::new() };
        if let Some(datum) = source.datum {
            let (longitude, latitude) = datum.write(PLACE.0, PLACE.1);
            return source.invert(known, &if property == "longitude" { longitude } else { latitude }.to_string(), &self.model.codes);
        }
        let samples: Vec<String> = (0..count(role)).map(|record| self.sample(role, property, source, record)).collect();
        let samples: Vec<&str> = samples.iter().map(String::as_str).collect();
        match source.invert_list(known, &samples, &self.model.codes) {
            Some(cell) => vec![cell],
            None => source.invert(known, samples[0], &self.model.codes),
        }
    }

    fn sources_of_relations(&self) -> impl Iterator<Item = (&'a Source, Kind)> {
        let dates =
            self.extract.relations.iter().flat_map(|relation| relation.since.iter().chain(&relation.until)).chain(&self.extract.observed);
        let qualifiers = self.extract.relations.iter().filter_map(|relation| relation.qualifier.as_ref());
        dates.map(|source| (source, Kind::Date)).chain(qualifiers.map(|source| (source, source.qualifier_kind())))
    }

    /// Whether the cell may have been written by another role or condition.
    fn is_shared(&self, role: &Role, source: &Source) -> bool {
        let conditions = self.extract.roles.iter().flat_map(conditions);
        let others = role.properties.iter().filter(|(_, other)| !std::ptr::eq(other, source));
        let read: Vec<&String> = conditions.map(|when| &when.column).chain(others.flat_map(|(_, source)| &source.columns)).collect();
        source.columns.iter().any(|column| read.contains(&column))
    }

    fn sample(&self, role: &Role, property: &str, source: &Source, record: usize) -> String {
        match (role.entity.as_str(), property) {
            (_, "longitude") if source.datum.is_some() => return PLACE.0.to_string(),
            (_, "latitude") if source.datum.is_some() => return PLACE.1.to_string(),
            // Some rows are told apart by whether the name is an organisation's.
            ("organization", "name") => return "云溪县机械厂".to_owned(),
            // As the number of the same person says.
            (_, "birth_date") => return "1985-03-07".to_owned(),
            _ => {}
        }
        // An even number makes an odd order, which is a man's.
        let is_woman = role.properties.iter().any(|(name, source)| name == "sex" && source.constant.as_deref() == Some("2"));
        let seed = self.extract.roles.iter().position(|known| std::ptr::eq(known, role)).unwrap_or(0) * 2 + usize::from(is_woman);
        sample(&self.kind(role, property), source, seed + if source.list.is_some() { record } else { 0 }, &self.model.codes)
    }

    fn kind(&self, role: &Role, property: &str) -> Kind {
        let known = self.model.entity(&role.entity).and_then(|entity| entity.property(property));
        known.map_or(Kind::Text, |property| property.kind.clone())
    }

    fn place(&self, column: &str) -> Option<usize> {
        self.extract.columns.iter().position(|known| known == column)
    }
}

/// A row of each role of an extract, for tests that harm them.
#[cfg(test)]
pub(crate) fn rows(extract: &Extract, model: &Model) -> Vec<Vec<String>> {
    let suite = Suite { extract, model, complaints: Vec::new() };
    extract.roles.iter().map(|role| suite.row(&[role], &[])).collect()
}

/// What has to hold in a row for the role and each of its properties.
fn conditions(role: &Role) -> impl Iterator<Item = &When> {
    role.when.iter().chain(role.properties.iter().filter_map(|(_, source)| source.when.as_ref()))
}

/// How many of the role a row names that says all it can of them.
fn count(role: &Role) -> usize {
    let is_alone = role.properties.iter().any(|(_, source)| source.of == Of::Sole);
    if role.is_list() && !is_alone { 2 } else { 1 }
}

fn read<'a>(mapping: &mut Mapping<'a>, cells: &[String]) -> Vec<Reject<'a>> {
    let (block, mut rejects) = (Block::beside(&[cells.to_vec()], cells.len()), Vec::new());
    // One row is never too much.
    if mapping.judge(&block, &[true]).is_ok() {
        mapping.row(0, block.cells(0), &mut rejects);
    }
    rejects
}

fn rules(rejects: &[Reject<'_>]) -> String {
    let rules: Vec<String> = rejects.iter().map(|reject| format!("{} in `{}`", reject.rule(), reject.column.unwrap_or_default())).collect();
    rules.join(", ")
}

/// A canonical value that the source can say, another for each seed.
fn sample(kind: &Kind, source: &Source, seed: usize, codes: &Codes) -> String {
    let id = || checked(format!("99010119850307{:03}", seed + 1), citizen_id::check_digit);
    let sayable = |value: &&str| source.invert_as(kind, value, codes).iter().any(|(_, text)| !text.is_empty());
    let entries = |list: Option<&String>| list.and_then(|list| codes.list(list)).map_or(&[][..], |list| &list.entries);
    match kind {
        _ if source.constant.is_some() => source.constant.clone().unwrap_or_default(),
        Kind::Code(list) => entries(Some(list)).iter().map(|(code, _)| code.as_str()).skip(1).find(sayable).unwrap_or_default().to_owned(),
        _ if !source.map.is_empty() => source.map[seed % source.map.len()].1.clone(),
        Kind::Text if source.codes.is_some() => entries(source.codes.as_ref()).first().map(|(_, name)| name.clone()).unwrap_or_default(),
        Kind::CitizenId => id(),
        Kind::StudentNo => format!("G{}", id()),
        Kind::CreditCode => checked(format!("91990101MA0WUW{seed:03}"), credit_code::check_digit),
        Kind::OrganizationCode => checked(format!("MA0WUW{seed:02}"), organization_code::check_digit),
        Kind::MaskedId => format!("990101********{:04}", seed + 1),
        Kind::PermitNo => format!("J99012026{seed:04}"),
        Kind::LicenceNo => format!("T{}", id()),
        Kind::BusinessNo => checked(format!("990101000{seed:05}"), registered::check_digit),
        Kind::RealtyUnitNo => format!("990101001001GB00001F{seed:08}"),
        Kind::Name => ["王小明", "李建国", "欧阳雪", "买买提·吐尔逊"][seed % 4].to_owned(),
        Kind::Phone => format!("1201234{seed:04}"),
        Kind::Date => format!("2001-03-{:02}", seed % 27 + 1),
        Kind::Address => format!("云溪县城关镇人民路{}号", seed + 1),
        Kind::Text | Kind::OrganizationName => format!("文字{seed}"),
        Kind::Number => (seed + 1).to_string(),
    }
}

fn checked(mut body: String, check_digit: fn(&str) -> Option<char>) -> String {
    body.extend(check_digit(&body));
    body
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Departments;

    #[test]
    fn every_carried_department_conforms() {
        let model = Model::embedded().unwrap();
        let departments = Departments::embedded(&model).unwrap();
        let all: Vec<String> = departments.extracts().flat_map(|(_, extract)| complaints(extract, &model)).collect();
        assert!(all.is_empty(), "{}", all.join("\n"));
        assert_eq!((departments.list.len(), departments.extracts().count()), (12, 41));
    }

    #[test]
    fn special_groups_are_off_and_every_department_both_gives_and_asks() {
        let model = Model::embedded().unwrap();
        let departments = Departments::embedded(&model).unwrap();
        let off: Vec<&str> =
            departments.extracts().filter(|(_, extract)| !extract.load).map(|(_, extract)| extract.name.as_str()).collect();
        assert_eq!(off, ["sf_sqjz"]);
        for department in &departments.list {
            let needs = |extract: &Extract| extract.needed_by.iter().any(|need| need.consumer == department.code);
            assert!(departments.extracts().any(|(_, extract)| needs(extract)), "`{}` needs nothing", department.code);
            let gives = |extract: &&Extract| extract.obliged && extract.needed_by.iter().any(|need| need.consumer != department.code);
            assert!(department.extracts.iter().any(|extract| gives(&extract)), "`{}` gives nothing", department.code);
        }
        for (department, extract) in departments.extracts() {
            assert!(extract.needed_by.iter().all(|need| need.consumer != department.code), "`{}` is needed by its owner", extract.name);
        }
    }

    #[test]
    fn what_breaks_a_promise_is_named() {
        let model = Model::embedded().unwrap();
        let mut extract = Departments::embedded(&model).unwrap().extract("wg_rk").unwrap().clone();
        extract.columns.push("宗教".to_owned());
        extract.roles[0].properties.push(("former_name".to_owned(), Source { columns: vec!["宗教".to_owned()], ..Source::default() }));
        extract.drop.remove("政治面貌");
        extract.contract = Contract::Delta;
        extract.key.clear();
        extract.relations[0].when = Some(When { column: "与户主关系".to_owned(), ..When::default() });
        let found = complaints(&extract, &model).join("\n");
        assert!(
            found.contains("column `政治面貌` is protected and must be dropped") && found.contains("what changed has no key"),
            "{found}"
        );
        assert!(found.contains("column `宗教` is protected") && found.contains("relation 1 `registered_at`"), "{found}");
    }
}
