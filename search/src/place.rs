//! Addresses by what they lead to: one key each for the street, the house, the building, the unit and the room, so that *everyone in this
//! building* is one term. A key begins at the street, the estate or the village, since departments write what is above it or do not; what they
//! write of it are keys of their own, and so is that they write nothing: streets of two towns are told apart where both are named.

use crate::Class;
use wuwei_schema::kind::address;

/// A level of an address that has a key, and the key.
pub(crate) type Key = (Class, String);

/// A house, building, unit or room that an address leads to, by which it is told whether another address leads there too.
#[derive(Debug)]
pub struct Spot {
    keys: Vec<Key>,
    above: [String; 2],
    names: Vec<String>,
}

impl Spot {
    /// Where the address leads, but not further in than `inmost`; nowhere where it names no house.
    pub fn of(address: &str, inmost: Class) -> Option<Spot> {
        let leads = |class: &Class| (inmost..=Class::House).contains(class);
        let mut keys = keys(address);
        keys.retain(|(class, _)| leads(class));
        let nearest = keys.iter().map(|(class, _)| *class).min()?;
        keys.retain(|(class, _)| *class == nearest);
        let parts = address::parts(address);
        let named = ["road", "community", "estate"].map(|level| part(&parts, level).to_owned());
        let names = named.into_iter().filter(|name| keys.iter().any(|(_, key)| key.starts_with(name) && !name.is_empty())).collect();
        Some(Spot { keys, above: above(address).map(|above| above.name.to_owned()), names })
    }

    /// How far in it is: [`Class::House`], `Building`, `Unit` or `Room`.
    pub fn class(&self) -> Class {
        self.keys.first().map_or(Class::House, |(class, _)| *class)
    }

    /// Names of which every address that leads there has one, just so.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// Whether another address leads there too, whatever it leads to inside: not where the two name different counties or townships.
    pub fn holds(&self, address: &str) -> bool {
        let is_elsewhere = |(said, other): (&String, Above<'_>)| !said.is_empty() && other.is_said() && *said != other.name;
        !self.above.iter().zip(above(address)).any(is_elsewhere) && keys(address).iter().any(|key| self.keys.contains(key))
    }
}

/// What an address says of what is above its street, on one level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Above<'a> {
    level: &'static str,
    name: &'a str,
}

impl Above<'_> {
    pub(crate) fn is_said(&self) -> bool {
        !self.name.is_empty()
    }

    /// That nothing is said of it.
    pub(crate) fn unsaid(&self) -> Above<'static> {
        Above { level: self.level, name: "" }
    }

    /// No street is called so.
    pub(crate) fn key(&self) -> String {
        format!("{}:{}", self.level, self.name)
    }
}

/// County and township, as far as they are said.
pub(crate) fn above(text: &str) -> [Above<'_>; 2] {
    let parts = address::parts(text);
    ["county", "township"].map(|level| Above { level, name: part(&parts, level) })
}

fn part<'a>(parts: &[&'a str], name: &str) -> &'a str {
    address::levels().position(|(level, _)| level == name).and_then(|at| parts.get(at)).map_or("", |part| *part)
}

/// The keys of an address, each with the class of an answer by it, from the widest.
pub(crate) fn keys(text: &str) -> Vec<Key> {
    let parts = address::parts(text);
    let part = |name: &str| part(&parts, name);
    let (road, number, group) = (part("road"), number(part("number")), number(part("group")));
    let mut keys = Vec::new();
    let mut houses = Vec::new();
    if !road.is_empty() {
        keys.push((Class::Street, road.to_owned()));
        if !number.is_empty() {
            houses.push(format!("{road}/{number}"));
        }
    } else if !(part("community").is_empty() || number.is_empty() && group.is_empty()) {
        houses.push(format!("{}/{group}/{number}", part("community")));
    }
    if !part("estate").is_empty() {
        houses.push(part("estate").to_owned());
    }
    for house in houses {
        let levels = inside(part("building"), part("unit"), part("room"));
        keys.push((Class::House, house.clone()));
        let mut key = house;
        for ((class, mark), level) in INSIDE.into_iter().zip(levels) {
            key.push(mark);
            if !level.is_empty() {
                key.push_str(&level);
                keys.push((class, key.clone()));
            }
        }
    }
    keys
}

/// What is inside a house, and the mark that stands before it in a key.
const INSIDE: [(Class, char); 3] = [(Class::Building, 'b'), (Class::Unit, 'u'), (Class::Room, 'r')];

/// Building, unit and room as numbers; 3-2-501 is all three, 3-501 a building and a room.
fn inside(building: &str, unit: &str, room: &str) -> [String; 3] {
    let short: Vec<&str> = room.split('-').collect();
    match short.as_slice() {
        [building_no, unit_no, room_no] if building.is_empty() && unit.is_empty() => {
            [building_no, unit_no, room_no].map(|text| number(text))
        }
        [building_no, room_no] if building.is_empty() && unit.is_empty() => [number(building_no), String::new(), number(room_no)],
        _ => [building, unit, room].map(number),
    }
}

/// A numbered part without what it is called: 3栋 is 3, 第十二单元 is 12, B座 is b.
fn number(part: &str) -> String {
    let body: String = part.trim_start_matches('第').chars().take_while(|character| is_of_number(*character)).collect();
    let digits = || body.chars().map(|character| CHINESE.chars().position(|digit| digit == character)).collect::<Option<Vec<_>>>();
    match digits() {
        Some(digits) if !digits.is_empty() => counted(&digits).to_string(),
        _ => body.to_lowercase(),
    }
}

const CHINESE: &str = "零一二三四五六七八九十百";

fn is_of_number(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '-' || CHINESE.contains(character) || "甲乙丙丁".contains(character)
}

/// 十二 is 12, 三十 is 30, 一百零五 is 105, 五零一 is 501.
fn counted(digits: &[usize]) -> usize {
    if !digits.iter().any(|digit| *digit >= 10) {
        return digits.iter().fold(0_usize, |all, digit| all.saturating_mul(10).saturating_add(*digit));
    }
    let (mut all, mut last) = (0_usize, None);
    for digit in digits {
        match digit {
            10 | 11 => all += last.take().unwrap_or(1) * if *digit == 10 { 10 } else { 100 },
            digit => last = Some(*digit),
        }
    }
    all + last.unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deepest(text: &str) -> Vec<Key> {
        let keys = keys(text);
        let class = keys.iter().map(|(class, _)| *class).min();
        keys.into_iter().filter(|(of, _)| Some(*of) == class).collect()
    }

    #[test]
    fn one_room_has_one_key_however_it_is_written() {
        let room = deepest("云溪县城关镇人民路12号3栋2单元501室");
        assert_eq!(room, [(Class::Room, "人民路/12b3u2r501".to_owned())]);
        for same in [
            "人民路12号3幢2单元501",
            "城关镇人民路12号三栋二单元501室",
            "人民路12号3-2-501",
            "人民路十二号3号楼2单元5层501室",
            "人民路12号3号楼2门501室",
        ] {
            assert_eq!(deepest(same), room, "{same}");
        }
        assert_ne!(deepest("人民路12号3栋2单元502室"), room);
        assert_eq!(deepest("城关镇幸福社区阳光小区7号楼1单元"), [(Class::Unit, "阳光小区b7u1".to_owned())]);
        assert_eq!(deepest("云溪县东河乡柳树村3组8号"), [(Class::House, "柳树村/3/8".to_owned())]);
        assert_eq!(deepest("人民路"), [(Class::Street, "人民路".to_owned())]);
        assert_eq!(deepest("桥头老槐树旁"), []);
    }

    #[test]
    fn an_address_leads_where_others_lead_that_write_it_otherwise() {
        let room = Spot::of("人民路12号3幢2单元501室", Class::Room).unwrap();
        assert_eq!((room.class(), room.names()), (Class::Room, ["人民路".to_owned()].as_slice()));
        assert!(room.holds("云溪县城关镇人民路12号3-2-501") && !room.holds("人民路12号3栋2单元502室"));
        let building = Spot::of("城关镇人民路12号3幢2单元501室", Class::Building).unwrap();
        assert!(building.holds("人民路12号三栋1单元101室") && !building.holds("人民路12号4栋") && !building.holds("东河乡人民路12号3栋"));
        let house = Spot::of("人民路12号", Class::Room).unwrap();
        assert!(house.class() == Class::House && house.holds("人民路12号3栋") && !house.holds("人民路120号"));
        assert!(Spot::of("人民路", Class::Room).is_none() && Spot::of("云溪县", Class::Room).is_none());
        let estate = Spot::of("城关镇幸福社区阳光小区7号楼1单元", Class::Unit).unwrap();
        assert!(estate.holds("阳光小区7栋1单元302") && estate.names() == ["阳光小区"]);
    }

    #[test]
    fn numbers_in_characters_are_numbers() {
        for (part, expected) in
            [("第十二单元", "12"), ("三十栋", "30"), ("一百零五室", "105"), ("五零一", "501"), ("B座", "b"), ("甲12号", "甲12")]
        {
            assert_eq!(number(part), expected, "{part}");
        }
    }
}
