//! Names that files give to their columns and members, as they may stand in a sentence. Some programs put a person's number or name there
//! (`{"王小明": {…}}`); such a name is no heading but a value, and is shown by its place. What a name means is not asked here.

use wuwei_schema::kind::tidy;

/// Characters of a name in a sentence.
const SHOWN: usize = 20;

/// Digits in a row that may be a number of a person; what a heading has of a year or a code list is shorter.
const DIGITS: usize = 7;

/// The name, or its place among those beside it, counted from 1.
pub(crate) fn shown(name: &str, place: usize) -> String {
    if may_be_of_a_person(name) {
        return format!("$.*[{place}]");
    }
    name.trim().chars().filter(|character| !character.is_control()).take(SHOWN).collect()
}

/// The way to a member, piece by piece.
pub(crate) fn shown_path(path: &str, place: usize) -> String {
    path.split('/').map(|name| shown(name, place)).collect::<Vec<_>>().join("/")
}

fn may_be_of_a_person(name: &str) -> bool {
    let name = tidy(name);
    has_number(&name) || is_like_a_name(&name)
}

/// Digits in a row, whatever covers or parts them: `990101********0017`, `120-1234-0001`.
fn has_number(name: &str) -> bool {
    let parts = |character: char| !character.is_ascii_digit() && !matches!(character, '*' | '-' | ' ' | 'X' | 'x');
    name.split(parts).any(|run| run.bytes().filter(|byte| byte.is_ascii_digit() || *byte == b'*').count() >= DIGITS)
}

/// The hundred most frequent surnames, which 85 in 100 people have (公安部《二〇二〇年全国姓名报告》).
const SURNAMES: &str = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方\
                        邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严欧莫孔向常";

/// How headings end and given names hardly ever: `余额`, `方式`, `高度`.
const HEADING_ENDS: &str =
    "额式度务号数料住单危路线间期称型别码址位量率级况因果区县省所局者员项注态费款值表件证照段处状性积层室户栋屋车牌目图名向案";

fn is_like_a_name(name: &str) -> bool {
    let count = name.chars().count();
    let is_han = |character: char| ('\u{3400}'..='\u{9fff}').contains(&character) || character >= '\u{20000}';
    let surname = name.chars().next().is_some_and(|first| SURNAMES.contains(first));
    let end = name.chars().next_back().is_some_and(|last| HEADING_ENDS.contains(last));
    (2..=4).contains(&count) && name.chars().all(is_han) && surname && !end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_a_persons_is_shown_by_its_place() {
        for name in ["990101198503070017", "990101********0017", "120-1234-0001", "id_12012340001", "王小明", "欧阳青", "田"] {
            assert_eq!(shown(name, 3) == "$.*[3]", name != "田", "{name}");
        }
        assert_eq!(shown_path("data/王小明/phone", 2), "data/$.*[2]/phone");
    }

    #[test]
    fn headings_are_shown_as_they_are() {
        for name in ["姓名", "金额", "余额", "方式", "高度", "gbt4658_1984", "2026年人数", "GMSFHM", "住址(现)", "nickname", "石料"]
        {
            assert_eq!(shown(name, 3), name);
        }
        assert_eq!(shown(&format!(" {}\n", "长".repeat(30)), 1).chars().count(), SHOWN);
    }
}
