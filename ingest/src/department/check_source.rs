//! One value's source, held against the kind of value it is to become: formats of a date, lists of a code, words of a map.

use super::{Of, Role, Source, When, check::Check, file::SourceText};
use crate::{
    Error,
    source::{Layout, Shape, unit_names},
};
use std::ops::Range;
use toml::Spanned;
use wuwei_schema::Kind;

impl Check<'_> {
    pub(super) fn source(&self, text: SourceText, kind: &Kind) -> Result<Source, Error> {
        let SourceText { span, table } = text;
        let columns: Vec<Spanned<String>> = table.from.into_iter().chain(table.join.into_iter().flatten()).collect();
        let columns = columns.iter().map(|column| self.column(column)).collect::<Result<Vec<_>, _>>()?;
        if columns.is_empty() != table.constant.is_some() {
            return Err(self.wrong(&span, "a value comes from a column or is constant", "give one of `from`, `join` and `constant`"));
        }
        let split = match (table.split, table.take) {
            (Some(separator), Some(take)) if !separator.get_ref().is_empty() && *take.get_ref() > 0 => {
                Some((separator.into_inner(), take.into_inner()))
            }
            (None, None) => None,
            _ => return Err(self.wrong(&span, "`split` and `take` go together", "say at what to split, and which piece to take from 1")),
        };
        let source = Source {
            columns,
            join_with: table.join_with,
            constant: table.constant,
            dates: table.date.0,
            codes: table.codes.as_ref().map(|codes| self.codes(codes, kind)).transpose()?,
            written: table.written,
            map: table.map.0.into_iter().map(|(word, meaning)| (word.into_inner(), meaning.into_inner())).collect(),
            list: table.list.map(Spanned::into_inner).filter(|separator| !separator.is_empty()),
            split,
            inside: table.inside.map(Spanned::into_inner).filter(|before| !before.is_empty()),
            datum: table.datum,
            unit: table.unit.map(|unit| self.unit(&unit, kind)).transpose()?,
            of: table.of,
            when: self.when(table.when)?,
        };
        if source.list.is_some() && source.columns.len() != 1 {
            return Err(self.wrong(&span, "only one column can hold a list", "use `from`"));
        }
        if source.datum.is_some() && *kind != Kind::Number {
            return Err(self.wrong(&span, &format!("a `{}` is no coordinate", kind.name()), "leave out `datum`"));
        }
        if source.of != Of::Each && source.list.is_some() {
            return Err(self.wrong(&span, "a list is said of each of its own", "leave out `of`"));
        }
        self.edition(&source, kind, &span)?;
        self.dates(&source, kind, &span)?;
        self.words(&source, kind, &span)?;
        Ok(source)
    }

    /// A code that has had another edition is of neither until somebody says of which: 30 is 中专 in the one and 大学专科 in the other.
    fn edition(&self, source: &Source, kind: &Kind, span: &Range<usize>) -> Result<(), Error> {
        let Kind::Code(own) = kind else { return Ok(()) };
        let is_said = source.codes.is_some() || source.constant.is_some() || !source.map.is_empty();
        match self.model.codes.editions(own).next().filter(|_| !is_said) {
            Some(other) => {
                let what = format!("the column's codes may be of `{own}` or of `{other}`, and the same digits mean another thing in each");
                Err(self.wrong(span, &what, &format!("state the edition: `codes = \"{own}\"` or `codes = \"{other}\"`")))
            }
            None => Ok(()),
        }
    }

    fn unit(&self, unit: &Spanned<String>, kind: &Kind) -> Result<String, Error> {
        if *kind != Kind::Number {
            return Err(self.wrong(&unit.span(), &format!("a `{}` has no unit", kind.name()), "leave out `unit`"));
        }
        let name = unit.get_ref();
        if unit_names().any(|known| known == name) {
            return Ok(name.clone());
        }
        Err(self.unknown(&unit.span(), "unit", name, unit_names()))
    }

    /// Coordinates come in pairs of one datum, which is stated: without it they are off by half a kilometre and nobody sees it.
    pub(super) fn coordinates(&self, role: &Role, span: &Range<usize>) -> Result<(), Error> {
        let stated = |name: &str| role.properties.iter().find(|(property, _)| property == name).map(|(_, source)| source.datum);
        match (stated("longitude"), stated("latitude")) {
            (None, None) if role.properties.iter().all(|(_, source)| source.datum.is_none()) => Ok(()),
            (Some(Some(longitude)), Some(Some(latitude))) if longitude == latitude && !role.is_list() => Ok(()),
            _ => {
                let what = format!("role `{}` has coordinates without one datum", role.role);
                Err(self.wrong(span, &what, "map `longitude` and `latitude`, each with the same `datum`: gcj02, bd09, cgcs2000 or wgs84"))
            }
        }
    }

    pub(super) fn when(&self, stated: Option<Spanned<When>>) -> Result<Option<When>, Error> {
        stated.map(|when| self.condition(when)).transpose()
    }

    /// A condition says one thing of a cell.
    pub(super) fn condition(&self, stated: Spanned<When>) -> Result<When, Error> {
        let (span, when) = (stated.span(), stated.into_inner());
        self.column(&Spanned::new(span.clone(), when.column.clone()))?;
        let shapes = [&when.like, &when.unlike];
        let words = [&when.is, &when.not, &when.contains];
        match words.iter().filter(|words| !words.is_empty()).count() + shapes.iter().filter(|shape| shape.is_some()).count() {
            0 => return Err(self.wrong(&span, "the condition never holds", "list the values for which it does")),
            1 => {}
            _ => {
                let hint = "give one of `is`, `not`, `contains`, `like` and `unlike`";
                return Err(self.wrong(&span, "the condition says several things", hint));
            }
        }
        if let Some(shape) = shapes.into_iter().flatten().find(|shape| Shape::parse(shape).is_none()) {
            return Err(self.unknown(&span, "shape", shape, Shape::NAMES.into_iter()));
        }
        Ok(when)
    }

    /// The list exists, and its codes can become the property's own.
    fn codes(&self, codes: &Spanned<String>, kind: &Kind) -> Result<String, Error> {
        let name = codes.get_ref();
        if self.model.codes.list(name).is_none() {
            return Err(self.unknown(&codes.span(), "code list", name, self.model.codes.lists().map(|list| list.name.as_str())));
        }
        let holds = match kind {
            Kind::Code(own) => self.model.codes.has_crosswalk(name, own),
            kind => *kind == Kind::Text,
        };
        if holds {
            return Ok(name.clone());
        }
        let what = format!("codes of `{name}` do not become `{}`", kind.name());
        let hint = match kind {
            Kind::Code(own) => format!("add the crosswalk `{name}_to_{own}.csv` to the code lists"),
            _ => "only a code or a text can come from a code list".to_owned(),
        };
        Err(self.wrong(&codes.span(), &what, &hint))
    }

    fn dates(&self, source: &Source, kind: &Kind, span: &Range<usize>) -> Result<(), Error> {
        if !source.dates.is_empty() && *kind != Kind::Date {
            return Err(self.wrong(span, &format!("a `{}` is no date", kind.name()), "leave out `date`"));
        }
        match source.dates.iter().find(|format| Layout::parse(format).is_none()) {
            Some(format) => {
                Err(self.wrong(span, &format!("`{format}` is no date format"), "known are %Y %m %d %-m %-d %H %M %S and excel_serial"))
            }
            None => Ok(()),
        }
    }

    /// What the file does not take from a cell is as good as what it does: constants and the meanings of a map are canonical already.
    fn words(&self, source: &Source, kind: &Kind, span: &Range<usize>) -> Result<(), Error> {
        let stated = match &source.codes {
            Some(codes) => &Kind::Code(codes.clone()),
            None => kind,
        };
        for word in source.map.iter().map(|(_, meaning)| meaning).chain(&source.constant) {
            if stated.clean(word, &self.model.codes).as_deref() != Ok(word.as_str()) {
                let what = format!("`{word}` is not a canonical `{}`", stated.name());
                return Err(self.wrong(span, &what, "write it as the tables show it"));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::check::tests::{parse_with, says};

    #[test]
    fn what_a_source_does_has_to_suit_the_kind() {
        says("codes = \"gbt4658_1984\"", "codes = \"gbt4658_1948\"", "unknown code list `gbt4658_1948`", "did you mean `gbt4658_1984`?");
        says("codes = \"gbt4658_1984\"", "codes = \"gbt3304\"", "codes of `gbt3304` do not become", "gbt3304_to_gbt4658_2006.csv");
        says("date = \"%Y%m%d\"", "date = \"%y%m%d\"", "`%y%m%d` is no date format", "%Y");
        says("name = \"姓名\"", "name = { from = \"姓名\", date = \"%Y\" }", "a `name` is no date", "leave out");
        says("name = \"姓名\"", "name = { from = \"姓名\", datum = \"gcj02\" }", "a `name` is no coordinate", "leave out `datum`");
        says("name = \"姓名\"", "name = { from = \"姓名\", unit = \"万元\" }", "a `name` has no unit", "leave out `unit`");
        says("name = \"姓名\"", "name = { from = \"姓名\", split = \"-\" }", "go together", "which piece");
        says("name = \"姓名\"", "name = { from = \"姓名\", constant = \"王\" }", "comes from a column or is constant", "one of");
        says(
            "id_no = \"号码\"",
            "id_no = \"号码\"\nsex = { constant = \"男\" }",
            "`男` is not a canonical `code:gbt2261_1`",
            "as the tables show",
        );
        says("id_no = \"号码\"", "id_no = { join = [\"号码\", \"姓名\"], list = \"、\" }", "only one column can hold a list", "from");
        says(
            "name = \"姓名\"",
            "name = { from = \"姓名\", list = \"、\", of = \"sole\" }",
            "a list is said of each of its own",
            "leave out `of`",
        );
    }

    #[test]
    fn a_condition_says_one_thing_that_is_known() {
        let with = |when: &str| format!("entity = \"dwelling\"\nwhen = {{ column = \"住址\", {when} }}");
        says("entity = \"dwelling\"", &with("like = \"credit_cod\""), "unknown shape `credit_cod`", "did you mean `credit_code`?");
        says("entity = \"dwelling\"", &with("is = [\"1\"], like = \"credit_code\""), "says several things", "give one of");
        assert!(parse_with("entity = \"dwelling\"", &with("unlike = \"organization_name\"")).is_ok());
    }

    #[test]
    fn a_code_of_several_editions_is_of_none_until_one_is_stated() {
        says("codes = \"gbt4658_1984\"", "written = \"name\"", "may be of `gbt4658_2006` or of `gbt4658_1984`", "state the edition");
        assert!(parse_with("codes = \"gbt4658_1984\"", "codes = \"gbt4658_2006\", written = \"name\"").is_ok());
    }

    #[test]
    fn coordinates_come_in_pairs_of_one_datum() {
        let role = |longitude: &str, latitude: &str| {
            format!(
                "[extract.record.event]\nentity = \"incident\"\nlongitude = {longitude}\nlatitude = {latitude}\n[extract.record.person]"
            )
        };
        let (stated, other) = ("{ from = \"学历\", datum = \"gcj02\" }", "{ from = \"住址\", datum = \"bd09\" }");
        for (longitude, latitude) in [("\"学历\"", "\"住址\""), (stated, "\"住址\""), (stated, other)] {
            says("[extract.record.person]", &role(longitude, latitude), "coordinates without one datum", "the same `datum`");
        }
        assert!(parse_with("[extract.record.person]", &role(stated, &stated.replace("学历", "住址"))).is_ok());
    }

    #[test]
    fn one_format_or_several_may_be_given() {
        let departments = parse_with("date = \"%Y%m%d\"", "date = [\"%Y%m%d\", \"excel_serial\"]").unwrap();
        let (_, source) = &departments.extract("xx_ry").unwrap().role("person").unwrap().properties[2];
        assert_eq!(source.dates, ["%Y%m%d", "excel_serial"]);
    }
}
