//! The words of the console, in two languages. Every text that a page shows and that no table holds stands in `deploy/console/locale/`; a
//! template names its key.

use crate::error::Kind;
use axum::http::{HeaderMap, header};
use serde::Deserialize;
use std::{collections::BTreeMap, sync::LazyLock};
use wuwei_schema::{Label, Notice};

/// What a page speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    Chinese,
    English,
}

/// A name in both languages, as the API gives it.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub(crate) struct Named {
    pub(crate) zh: String,
    pub(crate) en: String,
}

/// Words by section and key, of both languages.
static WORDS: LazyLock<[BTreeMap<String, String>; 2]> = LazyLock::new(|| {
    [include_str!("../../console/locale/zh-CN.toml"), include_str!("../../console/locale/en.toml")]
        .map(|text| toml::from_str::<BTreeMap<String, BTreeMap<String, String>>>(text).map(flat).unwrap_or_default())
});

fn flat(sections: BTreeMap<String, BTreeMap<String, String>>) -> BTreeMap<String, String> {
    let of_section =
        |(section, words): (String, BTreeMap<String, String>)| words.into_iter().map(move |(key, word)| (format!("{section}.{key}"), word));
    sections.into_iter().flat_map(of_section).collect()
}

impl Language {
    /// The same of a request by its headers.
    pub(crate) fn asked(chosen: Option<&str>, headers: &HeaderMap) -> Language {
        Language::of(chosen, headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()))
    }

    /// What was chosen, or else what the browser likes best (`Accept-Language`, RFC 9110); Chinese when neither says.
    pub(crate) fn of(chosen: Option<&str>, accepted: Option<&str>) -> Language {
        match chosen.and_then(Language::tagged) {
            Some(chosen) => chosen,
            None => accepted.map_or(Language::Chinese, Language::liked),
        }
    }

    /// A tag (RFC 5646) of one of the two.
    fn tagged(tag: &str) -> Option<Language> {
        match tag.trim().split(['-', ';']).next()?.to_ascii_lowercase().as_str() {
            "zh" => Some(Language::Chinese),
            "en" => Some(Language::English),
            _ => None,
        }
    }

    fn liked(accepted: &str) -> Language {
        let quality = |range: &str| range.split_once("q=").map_or(Some(1.0), |(_, quality)| quality.trim().parse::<f32>().ok());
        let ranges = accepted.split(',').filter_map(|range| Some((Language::tagged(range)?, quality(range)?)));
        // Of two that are liked alike the first counts.
        let best = ranges.reduce(|best, other| if other.1 > best.1 { other } else { best });
        best.map_or(Language::English, |(language, _)| language)
    }

    /// As the page declares it.
    pub(crate) fn tag(self) -> &'static str {
        match self {
            Language::Chinese => "zh-CN",
            Language::English => "en",
        }
    }

    /// The words of a key; the key itself when there are none, which a test keeps from happening.
    pub(crate) fn word(self, key: &str) -> &str {
        WORDS[self as usize].get(key).map_or(key, String::as_str)
    }

    /// The words of a key of a section; what is not known is said as it is.
    pub(crate) fn known(self, section: &str, key: &str) -> String {
        WORDS[self as usize].get(&format!("{section}.{key}")).map_or_else(|| key.to_owned(), String::clone)
    }

    /// The keys of a section.
    pub(crate) fn keys(self, section: &str) -> impl Iterator<Item = &'static str> {
        WORDS[self as usize].keys().filter_map(move |key| key.split_once('.').filter(|(known, _)| *known == section).map(|(_, key)| key))
    }

    /// What to say of a file that was refused, by the name of a kind ([`Kind`]); none where it is none of ours, as of a file of before.
    pub(crate) fn of_file(self, kind: &str) -> Option<String> {
        Kind::named(kind).map(|kind| self.known("refusal", &kind.key()))
    }

    /// What is told by a code, with what belongs into its sentence; a sentence of before there were codes as it stands.
    pub(crate) fn told(self, notice: &Notice) -> String {
        let word = |(name, value): (&String, &String)| match name.as_str() {
            "format" | "expected_format" => (name.clone(), self.known("format", value)),
            _ => (name.clone(), value.clone()),
        };
        let named = Notice { code: notice.code.clone(), with: notice.with.iter().map(word).collect() };
        named.within(&self.known("notice", &notice.code))
    }

    /// Why a row was refused: in Chinese as it was written down, else what its rule means.
    pub(crate) fn why<'a>(self, rule: &'a str, reason: &'a str) -> &'a str {
        match self {
            Language::Chinese => reason,
            Language::English => self.rule(rule),
        }
    }

    /// What a rule means by which a row is refused.
    pub(crate) fn rule(self, rule: &str) -> &str {
        match self {
            Language::Chinese => wuwei_ingest::rule_words(rule),
            Language::English => wuwei_ingest::rule_words_english(rule),
        }
    }

    /// A name, in this language.
    pub(crate) fn said(self, name: &Named) -> &str {
        match self {
            Language::Chinese => &name.zh,
            Language::English => &name.en,
        }
    }

    /// A label of the model, in this language.
    pub(crate) fn label(self, label: &Label) -> &str {
        match self {
            Language::Chinese => &label.zh,
            Language::English => &label.en,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn what_was_chosen_comes_before_what_the_browser_likes() {
        assert_eq!(Language::of(Some("en"), Some("zh-CN")), Language::English);
        assert_eq!(Language::of(Some("xx"), Some("zh-CN,zh;q=0.9")), Language::Chinese);
        assert_eq!(Language::of(None, None), Language::Chinese);
        assert_eq!(Language::of(None, Some("en;q=0.5, zh;q=0.8")), Language::Chinese);
        assert_eq!(Language::of(None, Some("fr, en;q=0.5")), Language::English);
        assert_eq!(Language::of(None, Some("fr")), Language::English, "who reads neither reads Latin letters");
    }

    #[test]
    fn both_languages_have_the_same_keys_and_no_blank_words() {
        let [chinese, english] = &*WORDS;
        assert!(chinese.len() > 100, "{}", chinese.len());
        assert_eq!(chinese.keys().collect::<Vec<_>>(), english.keys().collect::<Vec<_>>());
        assert!(chinese.values().chain(english.values()).all(|word| !word.trim().is_empty()));
    }

    #[test]
    fn every_kind_of_a_file_an_account_and_a_mapping_is_told_and_none_is_told_that_there_is_not() {
        // Those of accounts and mappings as they stand in the files that give them.
        let named = [include_str!("../account/wrong.rs"), include_str!("../upload/proposal.rs"), include_str!("../upload/wrong.rs")];
        let named = named.into_iter().flat_map(|text| text.split("=> \"").skip(1)).filter_map(|rest| rest.split('"').next());
        let kinds: BTreeSet<String> = Kind::all().map(Kind::key).chain(named.map(str::to_owned)).collect();
        assert!(kinds.len() > 40 && kinds.contains("file-empty") && kinds.contains("account-last"), "{kinds:?}");
        for words in &*WORDS {
            let told = words.keys().filter_map(|key| key.strip_prefix("refusal."));
            let told: BTreeSet<&str> =
                told.filter(|key| ["file-", "account-", "mapping-", "upload-"].iter().any(|start| key.starts_with(start))).collect();
            assert_eq!(told, kinds.iter().map(String::as_str).collect());
        }
        assert_eq!(Language::Chinese.of_file("nothing of ours"), None);
    }

    #[test]
    fn every_notice_has_a_sentence_into_which_the_same_belongs_in_both_languages() {
        let own = include_str!("../notices.rs").split("Notice::new(\"").skip(1).filter_map(|rest| rest.split('"').next());
        let known: BTreeSet<&str> = wuwei_ingest::NOTICES.into_iter().chain(own).collect();
        assert!(known.len() > 20 && known.contains("sheet-hidden") && known.contains("audit-whole"), "{known:?}");
        let places = |sentence: &str| {
            let named = sentence.split('{').skip(1).filter_map(|rest| rest.split('}').next());
            named.map(str::to_owned).collect::<BTreeSet<_>>()
        };
        let [chinese, english] = [Language::Chinese, Language::English];
        assert_eq!(chinese.keys("notice").collect::<BTreeSet<_>>(), known);
        for code in known {
            let [zh, en] = [chinese, english].map(|language| places(&language.known("notice", code)));
            assert_eq!(zh, en, "{code}");
        }
        let format = Notice::new("name-against").with("ending", "csv").with("format", "xlsx");
        assert_eq!(english.told(&format), "Its name ends in .csv, its content is: Excel workbook");
        let hidden = Notice::new("rows-hidden").with("sheet", "一").with("count", 3);
        assert_eq!(chinese.told(&hidden), "工作表「一」有3行是隐藏或筛选掉的，已照常读取");
        assert_eq!(english.told(&Notice::new("有3行")), "有3行");
    }
}
