//! A source run backwards: what a department would write for a canonical value. Reading the cells again gives the value back, or no more
//! of it than the department's own words can say; `invert` never makes up anything.

use super::{Layout, tidy};
use crate::{Source, Written};
use wuwei_schema::{Codes, Kind, Property};

impl Source {
    /// The columns this source reads, each with the text that says the canonical value `canonical` of `property`.
    ///
    /// Reading is the inverse: the cells give `canonical` again, with three exceptions in which they say less. A date loses what its
    /// format has no place for (`%Y.%-m` has no day); a code or word for which the file's own list or map has none leaves the cell
    /// empty; the empty value gives empty cells. A constant has no cell. Of a list, give one value and join the texts with
    /// [`Source::list`], or use [`Source::invert_list`]. The column of a condition ([`Source::when`]) is left to its own property.
    pub fn invert(&self, property: &Property, canonical: &str, codes: &Codes) -> Vec<(String, String)> {
        self.invert_as(&property.kind, canonical, codes)
    }

    /// [`Source::invert`] of a value that has a kind but no property: `since` and `until` of a relation are dates, its `qualifier` a text
    /// or a code of [`Source::codes`].
    pub fn invert_as(&self, kind: &Kind, canonical: &str, codes: &Codes) -> Vec<(String, String)> {
        if self.constant.is_some() {
            return Vec::new();
        }
        let text = self.written_as(kind, canonical, codes);
        self.columns.iter().cloned().zip(self.part(text)).collect()
    }

    /// The list cell that says these values, in their order; `None` when this source is no list.
    pub fn invert_list(&self, property: &Property, canonical: &[&str], codes: &Codes) -> Option<(String, String)> {
        let texts: Vec<String> = canonical.iter().map(|value| self.written_as(&property.kind, value, codes)).collect();
        Some((self.columns.first()?.clone(), texts.join(self.list.as_deref()?)))
    }

    /// What a cell says when its column has a piece more: of a split cell each property writes its own, whichever comes first. `None` where
    /// the cell is whole as it stands.
    pub fn weave(&self, standing: &str, text: &str) -> Option<String> {
        let (separator, take) = self.split.as_ref()?;
        let piece = text.split(separator.as_str()).nth(take - 1)?;
        let mut pieces: Vec<&str> = standing.split(separator.as_str()).collect();
        pieces.resize(pieces.len().max(*take), "");
        let place = pieces.get_mut(take - 1).filter(|place| place.is_empty())?;
        *place = piece;
        Some(pieces.join(separator))
    }

    fn written_as(&self, kind: &Kind, canonical: &str, codes: &Codes) -> String {
        if canonical.is_empty() {
            return String::new();
        }
        let word = match (&self.codes, kind) {
            (Some(list), Kind::Code(own)) => self.code(list, codes, |code| codes.crosswalk(list, own, code) == Some(canonical)),
            (Some(list), _) => self.code(list, codes, |code| codes.list(list).and_then(|list| list.name_of(code)) == Some(canonical)),
            (None, Kind::Code(own)) => self.code(own, codes, |code| code == canonical),
            (None, Kind::Date) => self.day(canonical),
            (None, _) => self.word(canonical),
        };
        let word = match &self.inside {
            Some(before) if !word.is_empty() => before.clone() + &word,
            _ => word,
        };
        match &self.split {
            Some((separator, take)) if !word.is_empty() => separator.repeat(take - 1) + &word,
            _ => word,
        }
    }

    /// The file's own word, if it has to be one of a list of words.
    fn word(&self, meaning: &str) -> String {
        if self.map.is_empty() {
            return meaning.to_owned();
        }
        self.map.iter().find(|(_, known)| known == meaning).map(|(word, _)| word.clone()).unwrap_or_default()
    }

    /// The first code of the list that is meant, in the way the department writes codes.
    fn code(&self, list: &str, codes: &Codes, meant: impl Fn(&str) -> bool) -> String {
        let entry = codes.list(list).and_then(|list| list.entries.iter().find(|(code, _)| meant(code)));
        let Some((code, name)) = entry else { return String::new() };
        if !self.map.is_empty() {
            return self.word(code);
        }
        let text = match self.written {
            Written::Code => code,
            Written::Name => name.as_str(),
            Written::Short => name.strip_suffix(['性', '族']).unwrap_or(name),
        };
        // Some names are said of two codes, and some say that nothing is known (无): there the code is clearer.
        let clear = Kind::Code(list.to_owned()).clean(text, codes).as_deref() == Ok(code.as_str());
        if clear { text.to_owned() } else { code.clone() }
    }

    /// In the first format that says it all; else in the first that says anything of it.
    fn day(&self, iso: &str) -> String {
        if !self.map.is_empty() || self.dates.is_empty() {
            return self.word(iso);
        }
        let mut written: Vec<(String, bool)> =
            self.dates.iter().filter_map(|format| Layout::parse(format)).filter_map(|layout| layout.write(iso)).collect();
        written.sort_by_key(|(_, whole)| !whole);
        written.into_iter().next().map(|(text, _)| text).unwrap_or_default()
    }

    /// The text as the cells that joining puts together again; the last column takes what cannot be parted.
    fn part(&self, text: String) -> Vec<String> {
        let count = self.columns.len();
        let mut pieces: Vec<String> = match self.join_with.as_str() {
            _ if count < 2 => Vec::new(),
            "" => division_and_street(&text).map(|(division, street)| vec![division.to_owned(), street.to_owned()]).unwrap_or_default(),
            separator => text.splitn(count, separator).map(str::to_owned).collect(),
        };
        if pieces.is_empty() || pieces.iter().any(|piece| piece.is_empty() || tidy(piece) != *piece) {
            pieces = vec![text];
        }
        let mut cells = vec![String::new(); count.saturating_sub(pieces.len())];
        cells.append(&mut pieces);
        cells
    }
}

/// An address that is kept in two columns is cut after its county or district.
fn division_and_street(address: &str) -> Option<(&str, &str)> {
    let cut = address.find(['县', '区', '市'])? + '县'.len_utf8();
    address.split_at_checked(cut)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Departments, source::Plan};
    use proptest::prelude::*;
    use std::sync::LazyLock;
    use wuwei_schema::Model;

    static CARRIED: LazyLock<(Model, Departments)> = LazyLock::new(|| {
        let model = Model::embedded().unwrap();
        let departments = Departments::embedded(&model).unwrap();
        (model, departments)
    });

    fn read(source: &Source, kind: &Kind, cells: &[(String, String)], codes: &Codes) -> String {
        let columns: Vec<String> = cells.iter().map(|(column, _)| column.clone()).collect();
        let texts: Vec<String> = cells.iter().map(|(_, text)| text.clone()).collect();
        let mut plan = Plan::new(source, kind, &columns, codes);
        let text = plan.text(crate::block::Cells::Alone(&texts)).into_owned();
        plan.read(&text).unwrap().into_owned()
    }

    /// Whether reading may give this: the value, or as much of it as the file can say.
    fn is_at_most(read: &str, kind: &Kind, canonical: &str) -> bool {
        let less = match kind {
            Kind::Date => canonical.starts_with(read),
            Kind::Code(_) | Kind::Text | Kind::OrganizationName => read.is_empty(),
            _ => false,
        };
        read == canonical || less
    }

    proptest! {
        #[test]
        fn every_source_of_every_department_reads_what_it_writes(
            name in "[王李欧阳][一-极]{1,2}", day in 0usize..27, month in 1u32..=12, year in 1901u32..2100,
            place in "[云溪]{2}[县区][一-龥]{1,8}[0-9]{1,3}号", text in "[一-龥A-Z0-9]{1,10}", pick in any::<prop::sample::Index>(),
        ) {
            let (model, departments) = &*CARRIED;
            let body = format!("990101{year:04}{month:02}{:02}001", day + 1);
            let id = format!("{body}{}", wuwei_schema::kind::citizen_id::check_digit(&body).unwrap());
            for (_, extract) in departments.extracts() {
                for role in &extract.roles {
                    for (property, source) in &role.properties {
                        let kind = &model.entity(&role.entity).unwrap().property(property).unwrap().kind;
                        let stated = match kind {
                            Kind::CitizenId => id.clone(),
                            Kind::StudentNo => format!("G{id}"),
                            Kind::LicenceNo => format!("T{id}"),
                            Kind::BusinessNo => "990101000012343".to_owned(),
                            Kind::RealtyUnitNo => "990101001001GB00001F00010001".to_owned(),
                            Kind::PermitNo => format!("J{}", &id[..11]),
                            Kind::CreditCode => "91990101MA0WUWE14C".to_owned(),
                            Kind::OrganizationCode => "MA0WUWE14".to_owned(),
                            Kind::MaskedId => format!("{}********{}", &id[..6], &id[14..]),
                            Kind::Name => name.clone(),
                            Kind::Phone => format!("120{}", &id[6..14]),
                            Kind::Date => format!("{year}-{month:02}-{:02}", day + 1),
                            Kind::Address => place.clone(),
                            Kind::Code(list) => pick.get(&model.codes.list(list).unwrap().entries).0.clone(),
                            Kind::Text | Kind::OrganizationName => text.clone(),
                            Kind::Number => day.to_string(),
                        };
                        let canonical = kind.clean(&stated, &model.codes).unwrap();
                        let free = Source { when: None, ..source.clone() };
                        let cells = free.invert_as(kind, &canonical, &model.codes);
                        if source.constant.is_none() {
                            let read = read(&free, kind, &cells, &model.codes);
                            prop_assert!(is_at_most(&read, kind, &canonical), "{}.{}: {:?}", extract.name, property, cells);
                        }
                    }
                }
            }
        }

        #[test]
        fn what_was_joined_or_split_comes_back(value in "[一-龥A-Z]{1,4}(-[一-龥A-Z]{0,3}){0,4}", take in 1usize..4) {
            let codes = Codes::default();
            let canonical = Kind::Text.clean(&value, &codes).unwrap();
            let columns = vec!["甲".to_owned(), "乙".to_owned(), "丙".to_owned()];
            let joined = Source { columns, join_with: "-".to_owned(), ..Source::default() };
            prop_assert_eq!(read(&joined, &Kind::Text, &joined.invert_as(&Kind::Text, &canonical, &codes), &codes), canonical.clone());
            let split = |take| Source { columns: vec!["甲".to_owned()], split: Some(("/".to_owned(), take)), ..Source::default() };
            let cells = split(take).invert_as(&Kind::Text, &canonical, &codes);
            prop_assert_eq!(read(&split(take), &Kind::Text, &cells, &codes), canonical.clone());
            let (other, mut cell) = (split(take + 1), cells[0].1.clone());
            prop_assert!(cell.is_empty() || split(take).weave(&cell, &cells[0].1).is_none());
            if let Some(woven) = other.weave(&cell, &other.invert_as(&Kind::Text, "丁", &codes)[0].1) {
                cell = woven;
                prop_assert_eq!(read(&split(take), &Kind::Text, &[("甲".to_owned(), cell.clone())], &codes), canonical);
                prop_assert_eq!(read(&other, &Kind::Text, &[("甲".to_owned(), cell)], &codes), "丁");
            }
        }
    }

    #[test]
    fn codes_are_written_as_the_department_writes_them() {
        let codes = Model::embedded().unwrap().codes;
        let column = || vec!["列".to_owned()];
        let sex = Kind::Code("gbt2261_1".to_owned());
        let education = Kind::Code("gbt4658_2006".to_owned());
        let hazard = Kind::Code("gbt31000.HiddenDangerType".to_owned());
        let source =
            |written, list: Option<&str>| Source { columns: column(), written, codes: list.map(str::to_owned), ..Source::default() };
        for (source, kind, canonical, text) in [
            (source(Written::Code, None), &sex, "1", "1"),
            (source(Written::Name, None), &sex, "1", "男性"),
            (source(Written::Short, None), &sex, "1", "男"),
            (source(Written::Code, Some("gbt4658_1984")), &education, "21", "11"),
            (source(Written::Code, Some("gbt4658_1984")), &education, "14", ""),
            (source(Written::Name, None), &hazard, "00", "00"),
            (source(Written::Code, Some("hukou_type_legacy")), &Kind::Text, "农业家庭户口", "2"),
        ] {
            assert_eq!(source.invert_as(kind, canonical, &codes), [("列".to_owned(), text.to_owned())], "{source:?}");
        }
    }
}
