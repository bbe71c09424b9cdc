//! Which values are canonical as they stand, seen on their bytes and of many at once: nearly all of a register are, and need no more than one
//! look. What is not seen to be so may be so all the same: it is cleaned, which decides.

use super::{Kind, citizen_id, name, phone, text};

impl Kind {
    /// Of texts that stand one behind the other, which are their own canonical form for sure, or empty; `ends` says where the first begins
    /// and where each ends. None of a kind whose values are not told so quickly.
    pub fn plain(&self, texts: &[u8], ends: &[i32]) -> Option<Vec<bool>> {
        let each = |is_plain: fn(&[u8]) -> bool| Some(pieces(texts, ends).map(|text| text.is_empty() || is_plain(text)).collect());
        match self {
            Kind::CitizenId => each(citizen_id::is_plain),
            Kind::Phone => each(phone::is_plain),
            Kind::Name => each(name::is_plain),
            Kind::Text | Kind::OrganizationName => Some(common(texts, ends, text::is_common_byte)),
            // What is written for a dash or 号, as `address` has it.
            Kind::Address => Some(common(texts, ends, |byte| text::is_common_byte(byte) & !matches!(byte, b'~' | b'_' | b'#'))),
            _ => None,
        }
    }
}

fn pieces<'t>(texts: &'t [u8], ends: &'t [i32]) -> impl Iterator<Item = &'t [u8]> {
    let at = |end: i32| usize::try_from(end).unwrap_or_default();
    ends.windows(2).map(move |ends| texts.get(at(ends[0])..at(ends[1])).unwrap_or_default())
}

/// Bytes that are looked at together.
const STEP: usize = 64;

/// Which texts have only such bytes, and are too long for a word for nothing.
fn common(texts: &[u8], ends: &[i32], is_common: impl Fn(u8) -> bool) -> Vec<bool> {
    let mut plain: Vec<bool> = ends.windows(2).map(|ends| ends[1] == ends[0] || ends[1] - ends[0] > text::NOTHING_MOST).collect();
    let mut row = 0;
    for (at, bytes) in texts.chunks(STEP).enumerate() {
        if bytes.iter().fold(true, |all, byte| all & is_common(*byte)) {
            continue;
        }
        for place in bytes.iter().enumerate().filter(|(_, byte)| !is_common(**byte)).map(|(place, _)| at * STEP + place) {
            while ends.get(row + 1).is_some_and(|end| usize::try_from(*end).is_ok_and(|end| end <= place)) {
                row += 1;
            }
            if let Some(plain) = plain.get_mut(row) {
                *plain = false;
            }
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Codes;
    use proptest::prelude::*;

    const KINDS: [Kind; 6] = [Kind::CitizenId, Kind::Phone, Kind::Name, Kind::Text, Kind::OrganizationName, Kind::Address];

    fn plain(kind: &Kind, texts: &[String]) -> Vec<bool> {
        let ends: Vec<i32> = texts
            .iter()
            .scan(0, |end, text| {
                *end += i32::try_from(text.len()).unwrap();
                Some(*end)
            })
            .collect();
        kind.plain(texts.concat().as_bytes(), &[vec![0], ends].concat()).unwrap()
    }

    proptest! {
        #[test]
        fn what_is_plain_is_its_own_canonical_form(texts in prop::collection::vec(
            "\\PC{0,12}|[0-9Xx]{15,19}|9[09]0101(19|20)[0-9]{2}(0[1-9]|1[0-2])[0-3][0-9]{4}[0-9X]|1[0-2][0-9]{9}|[王李某*等人先生女士匿名无不详市民、㐀一龥]{0,5}|(热心|不愿|未留)?(市民|透露|姓名|群众|暂无|没有|不清楚|不明|未知|未填)|[王欧阳张三]{0,3}(先生|女士|小姐|老师|师傅|阿姨|大爷|大妈|大哥|大姐|叔叔|奶奶|爷爷|同志|老板|太太|等人)|[-_~# '无县１号a-z]{0,14}",
            0..40,
        )) {
            let codes = Codes::default();
            for kind in KINDS {
                for (text, is_plain) in texts.iter().zip(plain(&kind, &texts)) {
                    prop_assert!(!is_plain || kind.clean(text, &codes).as_deref() == Ok(text), "{:?} {}", kind, text);
                }
            }
        }
    }

    #[test]
    fn nearly_all_of_a_register_is_plain() {
        let home = "云溪县城关镇人民路12号3栋2单元501室".to_owned();
        for (kind, value) in [
            (Kind::CitizenId, "99010220011112123X".to_owned()),
            (Kind::Phone, "12012345678".to_owned()),
            (Kind::Name, "欧阳小明".to_owned()),
            (Kind::Text, home.clone()),
            (Kind::OrganizationName, "云溪县民政局".to_owned()),
            (Kind::Address, home),
        ] {
            let texts = [value, String::new(), " 无".to_owned()];
            assert_eq!(plain(&kind, &texts), [true, true, false], "{kind:?}");
        }
    }
}
