//! What a department file says, held against the model and against itself. The first fault is the author's to mend, with its place.

use super::{
    Contract, Department, Exclusion, Extract, Format, Need, RelationMapping, Role, Source,
    file::{self, DepartmentFile, ExcludeFile, ExtractFile, NeedFile, RelationFile, RoleFile, SourceText},
    place,
};
use crate::Error;
use std::{
    collections::{BTreeMap, HashSet},
    ops::Range,
};
use toml::Spanned;
use wuwei_schema::{EntityType, Kind, Model, RelationType, SourceFile, nearest, table};

/// The departments of these files beside those that are known already, whose extracts they may add to.
pub(super) fn departments(files: &[SourceFile], model: &Model, known: Vec<Department>) -> Result<Vec<Department>, Error> {
    let stated = files.iter().map(file::parse).collect::<Result<Vec<_>, _>>()?;
    let own = stated.iter().map(|department| department.department.get_ref().clone());
    let codes: Vec<String> = own.chain(known.iter().map(|department| department.code.clone())).collect();
    let mut names: HashSet<String> = known.iter().flat_map(|department| &department.extracts).map(|extract| extract.name.clone()).collect();
    let mut list = known;
    for (file, stated) in files.iter().zip(stated) {
        let check = Check { file, model, departments: &codes, columns: &[] };
        for extract in &stated.extract {
            if !names.insert(extract.name.get_ref().clone()) {
                return Err(check.contradiction(&extract.name.span(), format!("extract `{}` is defined twice", extract.name.get_ref())));
            }
        }
        let span = stated.department.span();
        let department = department(&check, stated)?;
        match list.iter_mut().find(|known| known.code == department.code) {
            None => list.push(department),
            Some(known) if known.label == department.label => known.extracts.extend(department.extracts),
            Some(known) => {
                let what = format!("`{}` is called {} ({}) already", known.code, known.label.zh, known.label.en);
                return Err(check.wrong(&span, &what, "give it the same label, in both languages, or choose another code"));
            }
        }
    }
    Ok(list)
}

/// A file is called by the code, or by that and what it adds: `mz.toml`, `mz.mz_fund.toml`.
fn department(check: &Check<'_>, stated: DepartmentFile) -> Result<Department, Error> {
    let (code, name) = (stated.department.get_ref().clone(), &check.file.name);
    if name.split('.').next() != Some(&code) {
        return Err(check.contradiction(&stated.department.span(), format!("the file defines `{code}` but is called `{name}`")));
    }
    let extracts = stated.extract.into_iter().map(|extract| check.extract(&code, extract)).collect::<Result<_, _>>()?;
    Ok(Department { code, label: stated.label, extracts })
}

/// What the parts of a file are held against.
pub(super) struct Check<'a> {
    file: &'a SourceFile,
    pub(super) model: &'a Model,
    departments: &'a [String],
    columns: &'a [String],
}

/// Columns that `raw.<extract>` has of its own.
const OWN: [&str; 8] = ["batch", "row", "sheet", "first_record", "last_record", "row_key", "row_hash", "observed"];

/// Whether a heading is called as such a column.
pub(crate) fn is_own(heading: &str) -> bool {
    OWN.contains(&heading.to_lowercase().as_str())
}

impl Check<'_> {
    fn extract(&self, department: &str, stated: ExtractFile) -> Result<Extract, Error> {
        self.name(&stated.name)?;
        let columns = self.headings(&stated.columns)?;
        let check = Check { columns: &columns, ..*self };
        let delimiter = u8::try_from(*stated.delimiter.get_ref())
            .ok()
            .filter(u8::is_ascii)
            .ok_or_else(|| check.wrong(&stated.delimiter.span(), "the delimiter is not ASCII", "use `,`, `\\t`, `;` or `|`"))?;
        if !(1..=3).contains(stated.share_class.get_ref()) {
            let hint = "1 unconditional, 2 conditional, 3 not shared";
            return Err(check.wrong(&stated.share_class.span(), "there is no such share class", hint));
        }
        if let Some(column) = &stated.sheet_by {
            check.column(column)?;
        }
        let mut roles = Vec::new();
        for (name, role) in stated.record.0 {
            roles.push(check.role(&name, role)?);
        }
        let relations = stated.relation.into_iter().map(|relation| check.relation(relation, &roles)).collect::<Result<_, _>>()?;
        let widths = check.widths(stated.format, stated.widths)?;
        if stated.contract == Contract::Delta && stated.key.is_empty() {
            let what = "what changed cannot be told from what is new without a key";
            return Err(check.wrong(&stated.name.span(), what, "name under `key` the columns that make a row the same row again"));
        }
        let ignored: Vec<Range<usize>> = stated.ignore.0.iter().map(|(column, _)| column.span()).collect();
        let extract = Extract {
            department: department.to_owned(),
            name: stated.name.get_ref().clone(),
            label: stated.label,
            format: stated.format,
            encoding: stated.encoding,
            delimiter,
            quote: stated.quote,
            title_rows: stated.title_rows,
            heading_rows: stated.heading_rows,
            rows: stated.rows,
            widths,
            fill_down: check.columns_named(&stated.fill_down)?,
            key: check.columns_named(&stated.key)?,
            deleted: check.when(stated.deleted)?,
            load: stated.load,
            exclude: stated.exclude.into_iter().map(|rows| check.exclusion(rows)).collect::<Result<_, _>>()?,
            require: stated.require.into_iter().map(|asked| check.requirement(asked, &roles)).collect::<Result<_, _>>()?,
            drop: check.ignore(stated.drop.0)?,
            sheet_by: stated.sheet_by.map(Spanned::into_inner),
            parts: stated.parts,
            contract: stated.contract,
            cycle_days: stated.cycle_days,
            share_class: stated.share_class.into_inner(),
            obliged: stated.obliged,
            observed: stated.observed.map(|text| check.source(text, &Kind::Date)).transpose()?,
            ignore: check.ignore(stated.ignore.0)?,
            synth: stated.synth,
            needed_by: stated.needed_by.into_iter().map(|need| check.need(need)).collect::<Result<_, _>>()?,
            roles,
            relations,
            columns: columns.clone(),
        };
        check.account(&extract, &stated.columns, &ignored)?;
        Ok(extract)
    }

    /// A name that SQL takes without quotes.
    fn name(&self, name: &Spanned<String>) -> Result<(), Error> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        if name.get_ref().starts_with(|first: char| first.is_ascii_lowercase()) && name.get_ref().bytes().all(plain) {
            return Ok(());
        }
        Err(self.wrong(&name.span(), "a name is small letters, digits and `_`", "choose a name such as `ga_hjrk`"))
    }

    fn headings(&self, columns: &[Spanned<String>]) -> Result<Vec<String>, Error> {
        let mut seen = HashSet::new();
        for column in columns {
            let name = column.get_ref().to_lowercase();
            if is_own(&name) {
                return Err(self.contradiction(&column.span(), format!("`{name}` is a column that every raw table has")));
            }
            if name.trim().is_empty() || !seen.insert(name) {
                return Err(self.contradiction(&column.span(), format!("column `{}` is blank or named twice", column.get_ref())));
            }
        }
        Ok(columns.iter().map(|column| column.get_ref().clone()).collect())
    }

    fn role(&self, name: &Spanned<String>, stated: RoleFile) -> Result<Role, Error> {
        self.name(name)?;
        let entity = self.entity(&stated.entity)?;
        let mut properties = Vec::with_capacity(stated.properties.len());
        for (property, text) in stated.properties {
            let Some(known) = entity.property(property.get_ref()) else {
                let names = entity.properties.iter().map(|property| property.name.as_str());
                return Err(self.unknown(&property.span(), &format!("property of `{}`", entity.name), property.get_ref(), names));
            };
            properties.push((known.name.clone(), self.source(text, &known.kind)?));
        }
        if properties.iter().all(|(_, source)| source.columns.is_empty()) {
            return Err(self.wrong(&name.span(), &format!("role `{}` reads no column", name.get_ref()), "map a column to a property"));
        }
        let role = Role { role: name.get_ref().clone(), entity: entity.name.clone(), when: self.when(stated.when)?, properties };
        self.coordinates(&role, &name.span())?;
        Ok(role)
    }

    fn entity(&self, name: &Spanned<String>) -> Result<&EntityType, Error> {
        let known = self.model.entity(name.get_ref());
        known.ok_or_else(|| self.unknown(&name.span(), "entity type", name.get_ref(), self.model.entities.keys().map(String::as_str)))
    }

    fn relation(&self, stated: RelationFile, roles: &[Role]) -> Result<RelationMapping, Error> {
        let relation = self.model.relation(stated.relation.get_ref()).ok_or_else(|| {
            let known = self.model.relations.keys().map(String::as_str);
            self.unknown(&stated.relation.span(), "relation type", stated.relation.get_ref(), known)
        })?;
        self.end(relation, &stated.source, &relation.source, roles)?;
        self.end(relation, &stated.target, &relation.target, roles)?;
        if stated.source.get_ref() == stated.target.get_ref() {
            return Err(self.contradiction(&stated.target.span(), "a relation ties a role to itself".to_owned()));
        }
        // A qualifier in codes stays a code: its list is the one that the mapping names.
        let qualifier = stated.qualifier.map(|text| {
            let list = text.table.codes.as_ref().map(|codes| codes.get_ref().clone());
            self.told(text, &list.map_or(Kind::Text, Kind::Code), roles)
        });
        Ok(RelationMapping {
            relation: relation.name.clone(),
            source: stated.source.into_inner(),
            target: stated.target.into_inner(),
            when: self.when(stated.when)?,
            since: stated.since.map(|text| self.told(text, &Kind::Date, roles)).transpose()?,
            until: stated.until.map(|text| self.told(text, &Kind::Date, roles)).transpose()?,
            qualifier: qualifier.transpose()?,
        })
    }

    /// What a relation tells of itself. More people see it than see records, so that it does not tell again what a record protects more.
    fn told(&self, text: SourceText, kind: &Kind, roles: &[Role]) -> Result<Source, Error> {
        let span = text.span.clone();
        let source = self.source(text, kind)?;
        for role in roles {
            for (property, from) in &role.properties {
                let known = self.model.entity(&role.entity).and_then(|entity| entity.property(property));
                let is_protected = known.is_some_and(|property| property.sensitivity > table::RELATED);
                if let Some(column) = from.columns.iter().find(|column| is_protected && source.columns.contains(column)) {
                    let what = format!("a relation tells column `{column}`, which `{}.{property}` protects more", role.entity);
                    return Err(self.wrong(&span, &what, "leave it out: relations are seen by more than these records are"));
                }
            }
        }
        Ok(source)
    }

    /// One end of a relation: a role of the extract, of a type that the relation may have there.
    fn end(&self, relation: &RelationType, name: &Spanned<String>, allowed: &[String], roles: &[Role]) -> Result<(), Error> {
        let Some(role) = roles.iter().find(|role| role.role == *name.get_ref()) else {
            return Err(self.unknown(&name.span(), "role", name.get_ref(), roles.iter().map(|role| role.role.as_str())));
        };
        if allowed.contains(&role.entity) {
            return Ok(());
        }
        let what = format!("`{}` cannot have a `{}` at this end", relation.name, role.entity);
        Err(self.wrong(&name.span(), &what, &format!("it takes {}", allowed.join(", "))))
    }

    pub(super) fn column(&self, name: &Spanned<String>) -> Result<String, Error> {
        if self.columns.contains(name.get_ref()) {
            return Ok(name.get_ref().clone());
        }
        Err(self.unknown(&name.span(), "column", name.get_ref(), self.columns.iter().map(String::as_str)))
    }

    fn ignore(&self, stated: Vec<(Spanned<String>, Spanned<String>)>) -> Result<BTreeMap<String, String>, Error> {
        let mut ignore = BTreeMap::new();
        for (column, reason) in stated {
            if reason.get_ref().trim().is_empty() {
                return Err(self.wrong(&reason.span(), "a column is ignored without a reason", "say why nobody needs it here"));
            }
            ignore.insert(self.column(&column)?, reason.into_inner());
        }
        Ok(ignore)
    }

    fn exclusion(&self, stated: ExcludeFile) -> Result<Exclusion, Error> {
        if stated.reason.get_ref().trim().is_empty() {
            return Err(self.wrong(&stated.reason.span(), "rows are excluded without a reason", "say which law forbids to keep them"));
        }
        Ok(Exclusion { when: self.condition(stated.when)?, reason: stated.reason.into_inner() })
    }

    fn columns_named(&self, names: &[Spanned<String>]) -> Result<Vec<String>, Error> {
        names.iter().map(|name| self.column(name)).collect()
    }

    /// One width a column where widths are what tells columns apart, and none elsewhere.
    fn widths(&self, format: Format, stated: Option<Spanned<Vec<usize>>>) -> Result<Vec<usize>, Error> {
        let expected = if format == Format::Fixed { self.columns.len() } else { 0 };
        let (span, widths) = stated.map_or((0..0, Vec::new()), |stated| (stated.span(), stated.into_inner()));
        if widths.len() == expected && widths.iter().all(|width| (1..=4096).contains(width)) {
            return Ok(widths);
        }
        let what = format!("{} widths are stated for {expected} columns of fixed width", widths.len());
        Err(self.wrong(&span, &what, "give each column of a fixed width file its bytes, 1 to 4096"))
    }

    fn need(&self, stated: NeedFile) -> Result<Need, Error> {
        if !self.departments.contains(stated.consumer.get_ref()) {
            let known = self.departments.iter().map(String::as_str);
            return Err(self.unknown(&stated.consumer.span(), "department", stated.consumer.get_ref(), known));
        }
        for date in stated.asked.iter().chain(&stated.granted) {
            if Kind::Date.clean(date.get_ref(), &self.model.codes).as_deref() != Ok(date.get_ref().as_str()) {
                return Err(self.wrong(&date.span(), "the grant has no date", "write it as 2026-01-01"));
            }
        }
        let [asked, granted] = [stated.asked, stated.granted].map(|date| date.map(Spanned::into_inner));
        Ok(Need { consumer: stated.consumer.into_inner(), task: stated.task, asked, granted })
    }

    /// Every column is mapped or ignored, and none is both.
    fn account(&self, extract: &Extract, columns: &[Spanned<String>], ignored: &[Range<usize>]) -> Result<(), Error> {
        let mapped = extract.mapped();
        let both = extract.ignore.keys().find(|column| mapped.contains(column.as_str()));
        if let Some(column) = both {
            let span = ignored.iter().find(|span| self.file.text.get((*span).clone()).is_some_and(|text| text.contains(column.as_str())));
            return Err(self.contradiction(span.unwrap_or(&(0..0)), format!("column `{column}` is mapped and ignored")));
        }
        let is_used =
            |column: &String| mapped.contains(column.as_str()) || extract.ignore.contains_key(column) || extract.key.contains(column);
        if let Some(column) = extract.drop.keys().find(|column| is_used(column)) {
            return Err(self.contradiction(&(0..0), format!("column `{column}` is dropped and used")));
        }
        let is_accounted =
            |column: &str| mapped.contains(column) || extract.ignore.contains_key(column) || extract.drop.contains_key(column);
        match columns.iter().find(|column| !is_accounted(column.get_ref())) {
            Some(column) => {
                let what = format!("column `{}` is neither mapped nor ignored", column.get_ref());
                Err(self.wrong(&column.span(), &what, "map it to a property, or name it under `ignore` with the reason"))
            }
            None => Ok(()),
        }
    }

    pub(super) fn unknown<'n>(&self, span: &Range<usize>, what: &str, name: &str, known: impl Iterator<Item = &'n str>) -> Error {
        place::error(self.file, span, format!("unknown {what} `{name}`"), nearest(name, known))
    }

    pub(super) fn wrong(&self, span: &Range<usize>, what: &str, hint: &str) -> Error {
        place::error(self.file, span, what.to_owned(), hint.to_owned())
    }

    fn contradiction(&self, span: &Range<usize>, what: String) -> Error {
        place::error(self.file, span, what, "keep one of the two".to_owned())
    }
}

#[cfg(test)]
pub(super) mod tests;
