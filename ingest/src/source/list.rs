//! Several people in one cell, as they are really listed: whatever separator was declared, people type the one at hand, and of many they
//! name a few and count the rest (张三、李四等15人). How many there are is kept in the file's row.

use wuwei_schema::Kind;

/// What people put between names and numbers.
const SEPARATORS: [char; 6] = ['、', '，', ',', '；', ';', '/'];

/// The members of a list cell.
pub(super) fn pieces<'t>(text: &'t str, declared: &str, kind: &Kind) -> Vec<&'t str> {
    let is_common = declared.chars().all(|character| SEPARATORS.contains(&character));
    // In a Latin name a comma stands behind the surname; a phone's own second number may stand behind a slash or comma.
    let is_latin = || text.bytes().any(|byte| byte.is_ascii_alphabetic());
    match kind {
        Kind::Name if is_common && !is_latin() => without_count(text).split(SEPARATORS).collect(),
        Kind::CitizenId if is_common => text.split(SEPARATORS).collect(),
        Kind::Phone if declared == ";" => text.split([';', '；']).collect(),
        _ => text.split(declared).collect(),
    }
}

/// The names before 等15人.
fn without_count(text: &str) -> &str {
    let named = text.trim_end().strip_suffix(['人', '名']).map(|text| text.trim_end_matches(|digit: char| digit.is_ascii_digit()));
    named.and_then(|text| text.strip_suffix('等')).filter(|names| !names.is_empty()).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_one_whatever_stands_between_its_members() {
        for text in ["张三、李四", "张三，李四", "张三;李四", "张三/李四等15人", "张三、李四等人"] {
            assert_eq!(pieces(text, "、", &Kind::Name), ["张三", "李四"], "{text}");
        }
        assert_eq!(pieces("SMITH, JOHN", "、", &Kind::Name), ["SMITH, JOHN"]);
        assert_eq!(pieces("等人", "、", &Kind::Name), ["等人"]);
        assert_eq!(pieces("12012345678/12112345678；12212345678", ";", &Kind::Phone), ["12012345678/12112345678", "12212345678"]);
        assert_eq!(pieces("a、b", "\u{1f}", &Kind::Name), ["a、b"]);
    }
}
