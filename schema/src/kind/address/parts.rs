//! An address in one line taken apart by how its parts are written: from the province down to the room. A part is told by its last word (镇, 路,
//! 栋) and its place; a division of GB/T 2260 by its name too, since 景德镇市 is no 镇. What is not written is no part: nothing is filled in, and
//! which place on the map is meant is not known here.

use crate::division;

/// The parts, from the largest: what they are called, in Chinese, and how they end. The longest ending counts.
const WRITTEN: [(&str, &str, Form, &[&str]); 13] = [
    ("province", "省", Form::Name, &["省", "自治区", "特别行政区"]),
    ("city", "市州", Form::Name, &["市", "自治州", "地区", "盟"]),
    ("county", "县区", Form::Name, &["自治县", "自治旗", "县", "区", "市", "旗"]),
    ("township", "乡镇街道", Form::Name, &["街道办事处", "街道", "民族乡", "镇", "乡", "苏木"]),
    ("community", "村社区", Form::Name, &["居民委员会", "村民委员会", "居委会", "村委会", "社区", "村", "嘎查"]),
    ("group", "组", Form::Number, &["村民小组", "居民小组", "小组", "组"]),
    ("road", "路街巷", Form::Name, &["大道", "胡同", "路", "街", "巷", "弄", "道"]),
    ("number", "门牌号", Form::Number, &["号院", "号"]),
    ("estate", "小区", Form::Name, &["小区", "花园", "家园", "公寓", "大厦", "广场", "新苑", "苑", "院"]),
    ("building", "楼栋", Form::Number, &["号楼", "栋", "幢", "座"]),
    ("unit", "单元", Form::Number, &["单元", "门"]),
    ("floor", "楼层", Form::Number, &["层", "楼"]),
    ("room", "室", Form::Number, &["室", "房", "户", ""]),
];

/// How a part is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Some characters that are no digits, and the ending.
    Name,
    /// A number or letter, in whatever digits, and the ending.
    Number,
}

/// Characters of the longest name, its ending left out.
const LONGEST: usize = 15;

/// The parts that there may be, with their Chinese names, from the largest.
pub fn levels() -> impl ExactSizeIterator<Item = (&'static str, &'static str)> {
    WRITTEN.iter().map(|(name, zh, ..)| (*name, *zh))
}

/// The parts of a canonical address, each as it is written (`人民路`, `12号`), by the place of its level in [`levels`]; empty where there is none.
pub fn parts(address: &str) -> Vec<&str> {
    let (mut rest, mut found) = (address, Vec::with_capacity(WRITTEN.len()));
    for (level, (_, _, form, endings)) in WRITTEN.iter().enumerate() {
        let length = match form {
            // Levels below a county are in no list.
            Form::Name => division::named(level, rest).or_else(|| ended(rest, level, endings)),
            Form::Number => numbered(rest, endings),
        };
        let (part, behind) = rest.split_at(length.unwrap_or(0));
        found.push(part);
        rest = behind;
    }
    found
}

/// Bytes of a name that ends as this level's do, before anything that a lower level ends with.
fn ended(text: &str, level: usize, endings: &[&str]) -> Option<usize> {
    let begins = |at: usize| endings.iter().find(|ending| text[at..].starts_with(**ending));
    for (count, (at, character)) in text.char_indices().enumerate().take(LONGEST) {
        if count > 0
            && let Some(ending) = begins(at)
            && !is_of_lower(text, at, ending, level)
        {
            return Some(at + ending.len());
        }
        if is_of_number(character) && character.is_ascii() {
            return None;
        }
    }
    None
}

/// Whether what stands before the ending at that place belongs to a lower level, or the ending is a piece of another one: 城关镇市 is no city,
/// 幸福社区 no county and 第三村民小组 no village.
fn is_of_lower(text: &str, at: usize, ending: &str, level: usize) -> bool {
    let (stem, rest) = text.split_at(at);
    let is_piece = |longer: &str| {
        longer.len() > ending.len()
            && (longer.strip_suffix(ending).is_some_and(|head| stem.ends_with(head))
                || longer.starts_with(ending) && rest.starts_with(longer))
    };
    WRITTEN[level + 1..]
        .iter()
        .any(|(_, _, form, endings)| endings.iter().any(|other| is_piece(other) || *form == Form::Name && stem.contains(other)))
}

/// Bytes of a number and the ending that it needs.
fn numbered(text: &str, endings: &[&str]) -> Option<usize> {
    let body = text.strip_prefix('第').unwrap_or(text);
    let head = text.len() - body.len();
    let number = body.len() - body.trim_start_matches(|character| is_of_number(character) || character == '-').len();
    let ending = endings.iter().find(|ending| body[number..].starts_with(**ending))?;
    // 12号楼 is a building and no number of a house; digits without an ending are a room only where nothing follows.
    let is_whole = !(ending.ends_with('号') && body[number + ending.len()..].starts_with('楼'));
    let is_last = !ending.is_empty() || body.len() == number && body.starts_with(|first: char| first.is_ascii_digit());
    (number > 0 && is_whole && is_last).then_some(head + number + ending.len())
}

fn is_of_number(character: char) -> bool {
    character.is_ascii_alphanumeric() || "零一二三四五六七八九十百甲乙丙丁".contains(character)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn shown(address: &str) -> String {
        let named = levels().zip(parts(address)).filter(|(_, part)| !part.is_empty());
        named.map(|((level, _), part)| format!("{level}={part}")).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn parts_are_what_is_written_and_nothing_more() {
        for (address, expected) in [
            (
                "云溪县城关镇人民路12号3栋2单元501室",
                "county=云溪县 township=城关镇 road=人民路 number=12号 building=3栋 unit=2单元 room=501室",
            ),
            ("云溪县东河乡柳树村3组8号", "county=云溪县 township=东河乡 community=柳树村 group=3组 number=8号"),
            (
                "城关镇幸福社区阳光小区7号楼1单元3层302",
                "township=城关镇 community=幸福社区 estate=阳光小区 building=7号楼 unit=1单元 floor=3层 room=302",
            ),
            ("阳光小区3号楼2门501室", "estate=阳光小区 building=3号楼 unit=2门 room=501室"),
            ("城关镇前门大街12号", "township=城关镇 road=前门大街 number=12号"),
            ("城关镇市场路12-1号", "township=城关镇 road=市场路 number=12-1号"),
            ("江西省景德镇市浮梁县三龙镇", "province=江西省 city=景德镇市 county=浮梁县 township=三龙镇"),
            ("北京市东城区甲12号院", "province=北京市 county=东城区 number=甲12号院"),
            ("新疆维吾尔自治区乌鲁木齐市天山区解放北路", "province=新疆维吾尔自治区 city=乌鲁木齐市 county=天山区 road=解放北路"),
            ("河南省新乡市红旗区第三村民小组", "province=河南省 city=新乡市 county=红旗区 group=第三村民小组"),
            ("人民路", "road=人民路"),
            ("云溪县", "county=云溪县"),
            ("桥头老槐树旁", ""),
            ("", ""),
        ] {
            assert_eq!(shown(address), expected, "{address}");
        }
    }

    proptest! {
        #[test]
        fn parts_stand_in_the_text_one_after_the_other(address in "([云溪江南]{0,3}[省市县区镇乡村组路号栋楼室]|[0-9a-z-]{0,4}|\\PC){0,12}") {
            let parts = parts(&address);
            prop_assert_eq!(parts.len(), levels().len());
            let whole: String = parts.concat();
            prop_assert!(address.starts_with(&whole), "{:?} of {}", parts, address);
        }
    }
}
