//! How well the values of a column fit a kind: counted, never kept and never shown. What the heading says is not asked here.

use crate::{BETWEEN, source::Layout};
use wuwei_schema::{
    Codes, Kind,
    kind::{date, name, tidy},
};

/// Separators that stand between several values in one cell.
const SEPARATORS: [&str; 5] = ["、", ";", "；", ",", "，"];

/// Ways in which days are written, the plainest first.
const LAYOUTS: [&str; 24] = [
    "%Y-%m-%d",
    "%Y%m%d",
    "%Y/%m/%d",
    "%Y.%m.%d",
    "%Y年%m月%d日",
    "%Y-%-m-%-d",
    "%Y/%-m/%-d",
    "%Y.%-m.%-d",
    "%Y年%-m月%-d日",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d %H:%M",
    "%Y/%-m/%-d %-H:%M:%S",
    "%Y/%-m/%-d %-H:%M",
    "%Y%m%d%H%M%S",
    "%Y%m",
    "%Y-%m",
    "%Y/%-m",
    "%Y.%-m",
    "%Y年%-m月",
    "iso8601",
    "epoch_ms",
    "excel_serial",
    "%Y",
    "%Y年",
];

/// Characters of which an address has one at least.
const PLACES: &str = "省市区县旗镇乡街道路村巷弄里屯组号栋幢楼室";

/// How names of divisions end; those of people hardly do.
const DIVISIONS: [char; 8] = ['省', '市', '县', '州', '旗', '镇', '乡', '街'];

/// How the values of a column fit a kind.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Fit {
    /// Values that are of the kind, among all that are not empty.
    pub(super) fitting: usize,
    /// Values that are not empty.
    pub(super) all: usize,
    /// What stands between several in one cell.
    pub(super) list: Option<String>,
    /// How days are written.
    pub(super) dates: Vec<String>,
    /// The code list that the values are of, where it is not the kind's own.
    pub(super) codes: Option<String>,
    /// Whether most of them are names of a code and not codes.
    pub(super) is_named: bool,
}

impl Fit {
    /// The share of values that fit; none where there are no values.
    pub(super) fn share(&self) -> Option<f64> {
        // Samples are small.
        let number = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
        (self.all > 0).then(|| number(self.fitting) / number(self.all))
    }
}

/// The values of a sample: cells that are not empty.
pub(super) type Values<'a> = &'a [String];

/// How values fit that kind, in the way that fits best.
pub(super) fn fit(values: Values<'_>, kind: &Kind, codes: &Codes) -> Fit {
    let all: Vec<&str> = values.iter().map(String::as_str).collect();
    match kind {
        Kind::Date => dates(&all),
        Kind::Code(list) => coded(&all, list, codes),
        _ => listed(values, &|text| is(kind, text, codes)),
    }
}

/// How values fit being names of organisations.
pub(super) fn organizations(values: Values<'_>) -> Fit {
    listed(values, &|text| name::is_organization(&tidy(text)))
}

/// How values fit being citizen id numbers of 18 characters: those of 15 may be numbers of anything.
pub(super) fn identities(values: Values<'_>) -> Fit {
    listed(values, &|text| tidy(text).len() >= 18 && is(&Kind::CitizenId, text, &Codes::default()))
}

/// Whether most values are two days with something between them.
pub(super) fn spans(values: Values<'_>) -> bool {
    let is_span = |text: &str| {
        let text = tidy(text);
        let days = |separator: &str| text.split_once(separator).is_some_and(|(from, until)| [from, until].into_iter().all(is_plain_day));
        ["至", "~", " - ", "—", "-"].into_iter().any(days)
    };
    count(values.iter().map(String::as_str), &is_span).share().is_some_and(|share| share > 0.8)
}

/// A day with its year in some usual way, or none for good.
fn is_plain_day(text: &str) -> bool {
    date::says_none(text.trim()) || LAYOUTS[..9].iter().filter_map(|layout| Layout::parse(layout)).any(|layout| is_day(&layout, text))
}

/// The share of different values, 0 to 1: a code list's are few.
pub(super) fn distinct(values: Values<'_>) -> f64 {
    let different: std::collections::HashSet<&str> = values.iter().map(String::as_str).collect();
    Fit { fitting: different.len(), all: values.len(), ..Fit::default() }.share().unwrap_or(0.0)
}

/// The count as cells stand, or taken apart at the separator that makes more of them fit.
fn listed(values: Values<'_>, is: &dyn Fn(&str) -> bool) -> Fit {
    let between = BETWEEN.to_string();
    let separators = std::iter::once(between.as_str()).chain(SEPARATORS);
    let mut best = count(values.iter().map(String::as_str), is);
    for separator in separators.filter(|separator| values.iter().any(|value| value.contains(separator))) {
        let pieces = values.iter().flat_map(|value| value.split(separator)).map(str::trim).filter(|piece| !piece.is_empty());
        let apart = Fit { list: Some(separator.to_owned()), ..count(pieces, is) };
        if apart.share() > best.share() {
            best = apart;
        }
    }
    best
}

fn count<'a>(texts: impl Iterator<Item = &'a str>, is: &dyn Fn(&str) -> bool) -> Fit {
    let mut fit = Fit::default();
    for text in texts {
        fit.all += 1;
        fit.fitting += usize::from(is(text));
    }
    fit
}

/// Whether a text is plainly of a kind; stricter than what cleaning lets pass where that takes nearly everything.
fn is(kind: &Kind, text: &str, codes: &Codes) -> bool {
    let Some(clean) = kind.clean(text, codes).ok().filter(|clean| !clean.is_empty()) else { return false };
    match kind {
        Kind::Name => is_name(&clean),
        Kind::Address => clean.chars().count() >= 4 && clean.contains(|character| PLACES.contains(character)),
        _ => true,
    }
}

/// Two to four Chinese characters, a longer name with a dot, or Latin words; no name of an organisation.
fn is_name(text: &str) -> bool {
    let is_han = |character: char| matches!(u32::from(character), 0x3400..=0x9fff | 0x20000..=0x3ffff);
    let length = text.chars().count();
    let is_short = (2..=4).contains(&length) && text.chars().all(is_han) && !text.ends_with(DIVISIONS);
    let is_long = text.contains('·') && text.chars().all(|character| is_han(character) || character == '·');
    let is_latin =
        length > 3 && text.contains(' ') && text.chars().all(|character| character.is_ascii_alphabetic() || " ,-'".contains(character));
    (is_short || is_long || is_latin) && !name::is_organization(text)
}

/// The layouts that are needed to read most days, each the one that reads most of what is left.
fn dates(values: &[&str]) -> Fit {
    let known: Vec<(&str, Layout)> = LAYOUTS.iter().filter_map(|text| Some((*text, Layout::parse(text)?))).collect();
    let values: Vec<&str> = values.iter().copied().filter(|text| !date::says_none(&tidy(text))).collect();
    let (mut left, mut dates) = (values.clone(), Vec::new());
    while left.len() * 50 > values.len() && dates.len() < 6 {
        let read = |(_, layout): &(&str, Layout)| left.iter().filter(|text| is_day(layout, text)).count();
        // Of several that read as many the first is taken.
        let best = known.iter().rev().max_by_key(|layout| read(layout)).filter(|layout| read(layout) * 50 > values.len());
        let Some((text, layout)) = best else { break };
        left.retain(|value| !is_day(layout, value));
        dates.push((*text).to_owned());
    }
    Fit { fitting: values.len() - left.len(), all: values.len(), dates, ..Fit::default() }
}

/// Whether the text is a day of our time.
fn is_day(layout: &Layout, text: &str) -> bool {
    let day = layout.read(tidy(text).trim());
    day.is_some_and(|day| day.get(..4).and_then(|year| year.parse::<u32>().ok()).is_some_and(|year| (1900..2100).contains(&year)))
}

/// The property's own list, or another one whose codes become its own, if more values are of that.
fn coded(values: &[&str], own: &str, codes: &Codes) -> Fit {
    let of = |list: &str| {
        let kind = Kind::Code(list.to_owned());
        count(values.iter().copied(), &|text| is(&kind, text, codes))
    };
    let mut best = of(own);
    for list in codes.lists().filter(|list| list.name != own && codes.has_crosswalk(&list.name, own)) {
        let other = of(&list.name);
        if other.fitting > best.fitting {
            best = Fit { codes: Some(list.name.clone()), ..other };
        }
    }
    let list = codes.list(best.codes.as_deref().unwrap_or(own));
    let named = values.iter().filter(|text| list.is_some_and(|list| list.code_of(&tidy(text)).is_some())).count();
    best.is_named = named * 2 > best.all;
    best
}

#[cfg(test)]
mod tests {
    use super::*;
    use wuwei_schema::Model;

    fn of(values: &[&str], kind: &Kind) -> Fit {
        let values: Vec<String> = values.iter().map(|text| (*text).to_owned()).collect();
        fit(&values, kind, &Model::embedded().unwrap().codes)
    }

    #[test]
    fn values_are_counted_for_their_kind_also_several_in_a_cell() {
        let fit = of(&["王小明、李建国", "欧阳雪", "云溪县机械厂"], &Kind::Name);
        assert_eq!((fit.fitting, fit.all, fit.list.as_deref()), (3, 4, Some("、")));
        let fit = of(&["990101198503070017", "990101198503070018"], &Kind::CitizenId);
        assert_eq!((fit.fitting, fit.all, fit.list), (1, 2, None));
    }

    #[test]
    fn days_are_read_in_as_few_ways_as_they_are_written() {
        let fit = of(&["2026.1.5", "2026.11.15", "2026年1月5日", "长久"], &Kind::Date);
        assert_eq!((fit.fitting, fit.dates), (3, vec!["%Y.%-m.%-d".to_owned(), "%Y年%-m月%-d日".to_owned()]));
        assert_eq!(of(&["20260105"], &Kind::Date).dates, ["%Y%m%d"]);
        assert_eq!(of(&["12012345678", "云溪县"], &Kind::Date).fitting, 0);
    }

    #[test]
    fn codes_of_another_edition_are_told_from_the_property_s_own() {
        let education = Kind::parse("code:gbt4658_2006").unwrap();
        let fit = of(&["初中毕业", "文盲或半文盲"], &education);
        assert_eq!(fit.codes.as_deref(), Some("gbt4658_1984"), "{fit:?}");
        assert!(of(&["男", "女"], &Kind::parse("code:gbt2261_1").unwrap()).is_named);
    }
}
