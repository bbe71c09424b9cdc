//! Two thousand invented names, every one looked for in every way that people have: surnames that are read otherwise, compound ones, dotted
//! names, whole, in part, in letters and in other characters. Who is meant stands among the first twenty.

use crate::{
    Permit,
    tests::{Known, ask, index},
    token, variant,
};
use std::collections::HashMap;
use wuwei_schema::kind::name;

const NAMES: usize = 2000;
const FIRST: usize = 20;

const COMMON: &str =
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋余杜叶程苏魏吕丁任姚沈钟姜崔谭陆范汪廖石金韦贾夏";
const GIVEN: &str = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红梅建国志海燕晓东云飞雪松柏竹青山河川江湖波涵宇轩浩然子墨梓桐思远嘉怡欣悦佳琪书瑶";
const PARTS: [&str; 16] = [
    "阿卜杜拉",
    "买买提",
    "吐尔逊",
    "古丽",
    "艾力",
    "帕提古丽",
    "热合曼",
    "努尔兰",
    "哈斯木",
    "阿依古丽",
    "巴合提",
    "赛力克",
    "乌兰",
    "其木格",
    "扎西",
    "卓玛",
];

/// Surnames in which every reading and every compound one stands as often as the common ones do.
fn surnames() -> Vec<String> {
    let readings = include_str!("../../schema/surnames/readings.csv").lines().skip(2).filter_map(|line| line.split_once(','));
    COMMON.chars().map(String::from).chain(readings.map(|(surname, _)| surname.to_owned())).collect()
}

fn names() -> Vec<String> {
    let (surnames, given): (Vec<String>, Vec<char>) = (surnames(), GIVEN.chars().collect());
    let name = |at: usize| {
        if at.is_multiple_of(16) {
            let (first, second) = (at / 16 % PARTS.len(), at / 256 % (PARTS.len() - 1));
            return format!("{}·{}", PARTS[first], PARTS[(first + second + 1) % PARTS.len()]);
        }
        let (surname, first, second) = (&surnames[at % surnames.len()], given[at * 7 % given.len()], given[at * 31 / 7 % given.len()]);
        if at % 5 == 1 { format!("{surname}{first}") } else { format!("{surname}{first}{second}") }
    };
    (0..NAMES).map(name).collect()
}

/// A way to type a name; nothing where the name has none of it.
type Way = fn(&str) -> Option<String>;

const WAYS: [(&str, Way); 11] = [
    ("full", |name| Some(name.to_owned())),
    ("prefix", |name| part(name, 0, -1)),
    ("suffix", |name| part(name, 1, 0)),
    ("infix", |name| part(name, 1, -1)),
    ("pinyin", |name| Some(name::pinyin(name).replace(' ', ""))),
    ("syllables", |name| Some(name::pinyin(name))),
    ("initials", |name| Some(name::initials(name))),
    ("traditional", |name| Some(variant::traditional(name)).filter(|other| other != name)),
    ("turned", |name| Some(format!("{}{}", name::given(name), name::surname(name))).filter(|_| !name.contains('·'))),
    ("titled", |name| Some(format!("{name}女士")).filter(|_| !name.contains('·'))),
    ("undotted", |name| name.contains('·').then(|| name.replace('·', ""))),
];

/// The name without so many characters at its ends, if two are left at least.
fn part(name: &str, from: usize, to: isize) -> Option<String> {
    let characters: Vec<char> = name.chars().collect();
    let end = characters.len().checked_add_signed(to)?;
    characters.get(from..end).filter(|part| part.len() >= 2 && !part.contains(&'·')).map(|part| part.iter().collect())
}

#[test]
fn who_is_meant_stands_among_the_first_twenty() {
    let names = names();
    let (compound, read_otherwise): (Vec<_>, Vec<_>) =
        surnames().into_iter().skip(COMMON.chars().count()).partition(|one| one.chars().count() > 1);
    assert!(compound.len() >= 100 && read_otherwise.len() >= 60, "{} and {}", compound.len(), read_otherwise.len());
    let values: Vec<[(&str, &str); 1]> = names.iter().map(|name| [("name", name.as_str())]).collect();
    let records: Vec<Known<'_>> = (0..).zip(&values).map(|(entity, values)| (entity, &values[..])).collect();
    let (_root, index) = index(&records);
    // Whoever is called the same is meant as well.
    let mut called: HashMap<String, Vec<i64>> = HashMap::new();
    (0..).zip(&names).for_each(|(entity, name)| called.entry(token::folded(name)).or_default().push(entity));
    for (way, typed) in WAYS {
        let (mut asked, mut found) = (0, 0);
        for name in &names {
            let Some(typed) = typed(name) else { continue };
            let answer = index.search(&ask(&typed, 0, FIRST), &Permit::ALL).unwrap();
            let meant = &called[&token::folded(name)];
            asked += 1;
            found += usize::from(answer.hits.iter().any(|hit| meant.contains(&hit.entity_id)));
            assert!(answer.hits.is_sorted_by_key(|hit| hit.class.is_near()), "near above exact: {typed}");
        }
        assert!(asked > 100 && found * 1000 >= asked * 995, "{way}: {found} of {asked}");
    }
}
