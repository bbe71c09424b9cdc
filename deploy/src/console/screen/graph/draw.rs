//! A picture of the graph, drawn: entities as signs with words, told apart by shape, colour and word, and what ties two of them as one line.
//! What does not hold today is pale. Nobody is drawn larger or nearer the middle for being tied to more.

use super::{
    layout::{Spot, layout},
    told::{Node, Picture, Tie},
};
use crate::console::{guest::Visit, link, page::Page, screen::search::kind_of};
use std::collections::{BTreeMap, BTreeSet};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};
use wuwei_schema::Category;

/// Columns of words that stand below a sign; a Chinese character takes two.
const COLUMNS: usize = 16;
/// Lines that have their relation written on them; of more it is told by pointing at them, and in the table.
const WORDED: usize = 40;
/// How far lines end from the middle of a sign, and signs above the middle of their place.
const REACH: f64 = 12.0;
/// Half of what a sign takes with its words, and what a column of a line's words takes.
const SIGN: (f64, f64) = (34.0, 22.0);
const LETTER: f64 = 4.6;
const ABOVE: f64 = 9.0;

#[derive(Debug)]
pub(crate) struct Drawing {
    pub(crate) width: String,
    pub(crate) height: String,
    pub(crate) lines: Vec<Line>,
    pub(crate) dots: Vec<Dot>,
    /// Days on which something begins or ends, in order.
    pub(crate) days: Vec<String>,
}

/// An entity.
#[derive(Debug)]
pub(crate) struct Dot {
    pub(crate) id: i64,
    pub(crate) category: &'static str,
    /// The shape of the category, around nothing.
    pub(crate) shape: &'static str,
    pub(crate) x: String,
    pub(crate) y: String,
    pub(crate) words_y: String,
    pub(crate) kind_y: String,
    /// As much of the caption as there is room for.
    pub(crate) words: String,
    pub(crate) caption: String,
    pub(crate) kind: String,
    /// How many neighbours a hub has, and by which relations.
    pub(crate) stub: Option<(String, String)>,
    pub(crate) file: String,
    pub(crate) is_middle: bool,
    pub(crate) is_past: bool,
}

/// All that ties two entities.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) ends: (i64, i64),
    pub(crate) from: (String, String),
    pub(crate) to: (String, String),
    pub(crate) words: String,
    /// Where they stand, when there is room.
    pub(crate) at: Option<(String, String)>,
    /// Whether others would cover them: then they are told where the line is pointed at.
    pub(crate) is_crowded: bool,
    /// From when until when, each as `since/until`, with blanks between.
    pub(crate) when: String,
    pub(crate) is_past: bool,
    pub(crate) is_bridge: bool,
    /// Whether it leads one way.
    pub(crate) is_arrow: bool,
}

/// Each category with its shape, in the order of 人地事物组织.
pub(crate) const SHAPES: [(&str, &str); 5] = [
    ("person", "M-9 0A9 9 0 1 0 9 0A9 9 0 1 0-9 0Z"),
    ("place", "M-8-8H8V8H-8Z"),
    ("event", "M0-10L10 0L0 10L-10 0Z"),
    ("object", "M0-9L10 8H-10Z"),
    ("organization", "M-5-9H5L10 0L5 9H-5L-10 0Z"),
];

pub(super) fn draw(page: &Page, visit: &Visit, picture: &Picture, today: &str) -> Drawing {
    let Picture { nodes, edges, .. } = picture;
    let hub = visit.guest.console.state.hub();
    let category = |node: &Node| shape(hub.definitions.model.entity(&node.entity).map(|kind| kind.category));
    let group = |node: &Node| format!("{} {}", category(node), node.entity);
    let spots: Vec<Spot> = nodes.iter().map(|node| Spot { id: node.entity_id, hops: node.hops, group: group(node) }).collect();
    let pairs: BTreeSet<(i64, i64)> = edges.iter().map(pair).collect();
    let laid = layout(&spots, &pairs.iter().copied().collect::<Vec<_>>());
    let mut lines = lines(page, visit, edges, &laid.places, today);
    crowd(&mut lines, &laid.places);
    let present: BTreeSet<i64> = lines.iter().filter(|line| !line.is_past).flat_map(|line| [line.ends.0, line.ends.1]).collect();
    let dot = |node: &Node| {
        let (x, y) = laid.places.get(&node.entity_id).copied().unwrap_or_default();
        let caption = node.caption.clone().unwrap_or_default();
        let words = if caption.is_empty() { node.entity_id.to_string() } else { shortened(&caption) };
        Dot {
            id: node.entity_id,
            category: SHAPES[category(node)].0,
            shape: SHAPES[category(node)].1,
            x: unit(x),
            y: unit(y - ABOVE),
            words_y: unit(y + 13.0),
            kind_y: unit(y + 22.0),
            words,
            caption,
            kind: kind_of(page, visit, &node.entity),
            stub: stub(page, visit, node),
            file: file(node),
            is_middle: node.hops == 0,
            is_past: node.hops > 0 && !present.contains(&node.entity_id),
        }
    };
    Drawing { width: unit(laid.width), height: unit(laid.height), dots: nodes.iter().map(dot).collect(), days: days(edges), lines }
}

/// The place of a category among [`SHAPES`].
pub(super) fn shape(category: Option<Category>) -> usize {
    match category {
        Some(Category::Person) => 0,
        Some(Category::Event) => 2,
        Some(Category::Object) => 3,
        Some(Category::Organization) => 4,
        Some(Category::Place) | None => 1,
    }
}

/// What a relation is called.
pub(super) fn relation(page: &Page, visit: &Visit, name: &str) -> String {
    let known = visit.guest.console.state.hub().definitions.model.relation(name).map(|known| page.language.label(&known.label).to_owned());
    known.unwrap_or_else(|| name.to_owned())
}

/// The file of an entity.
pub(super) fn file(node: &Node) -> String {
    link::file(&node.entity, node.entity_id)
}

fn unit(value: f64) -> String {
    format!("{value:.1}")
}

fn pair(tie: &Tie) -> (i64, i64) {
    (tie.source.min(tie.target), tie.source.max(tie.target))
}

/// The beginning and the end of a caption: places of a village differ at their ends.
fn shortened(caption: &str) -> String {
    if caption.width() <= COLUMNS {
        return caption.to_owned();
    }
    let within = |letters: &mut dyn Iterator<Item = char>, room: usize| {
        let mut columns = 0;
        let fits = |letter: &char| {
            columns += letter.width().unwrap_or(0);
            columns <= room
        };
        letters.take_while(fits).collect::<Vec<char>>()
    };
    let end = within(&mut caption.chars().rev(), COLUMNS * 5 / 8);
    let begin = within(&mut caption.chars(), COLUMNS - 1 - COLUMNS * 5 / 8);
    begin.into_iter().chain(['…']).chain(end.into_iter().rev()).collect()
}

fn stub(page: &Page, visit: &Visit, node: &Node) -> Option<(String, String)> {
    let most = node.hubs.iter().map(|stub| stub.neighbours).max()?;
    let each = node.hubs.iter().map(|stub| format!("{} {}", relation(page, visit, &stub.relation), page.count(&stub.neighbours)));
    Some((format!("+{}", page.count(&most)), each.collect::<Vec<_>>().join(page.t("sign.and"))))
}

/// What ties each two, once.
fn lines(page: &Page, visit: &Visit, edges: &[Tie], places: &BTreeMap<i64, (f64, f64)>, today: &str) -> Vec<Line> {
    let mut together: BTreeMap<(i64, i64), Vec<&Tie>> = BTreeMap::new();
    for tie in edges.iter().filter(|tie| tie.source != tie.target) {
        together.entry(pair(tie)).or_default().push(tie);
    }
    let worded = together.len() <= WORDED;
    let hub = visit.guest.console.state.hub();
    let line = |((one, other), ties): ((i64, i64), Vec<&Tie>)| {
        let first = ties.first()?;
        let (from, to) = (places.get(&first.source)?, places.get(&first.target)?);
        let names: BTreeSet<&str> = ties.iter().map(|tie| tie.relation.as_str()).collect();
        let words: Vec<String> = names.iter().map(|name| relation(page, visit, name)).collect();
        let when: BTreeSet<String> = ties.iter().map(|tie| format!("{}/{}", day(&tie.since), day(&tie.until))).collect();
        let is_directed = |name: &&str| hub.definitions.model.relation(name).is_some_and(|relation| relation.directed);
        let is_same_way = ties.iter().all(|tie| tie.source == first.source);
        let (start, end) = shortened_line(*from, *to);
        Some(Line {
            ends: (one, other),
            is_crowded: false,
            at: worded.then(|| (unit((start.0 + end.0) / 2.0), unit((start.1 + end.1) / 2.0 - 3.0))),
            from: (unit(start.0), unit(start.1)),
            to: (unit(end.0), unit(end.1)),
            words: words.join(page.t("sign.and")),
            when: when.into_iter().collect::<Vec<_>>().join(" "),
            is_past: !ties.iter().any(|tie| holds(tie, today)),
            is_bridge: ties.iter().any(|tie| tie.is_bridge),
            is_arrow: is_same_way && names.iter().all(is_directed),
        })
    };
    together.into_iter().filter_map(line).collect()
}

/// Middle and half of the size of what words take.
type Room = (f64, f64, f64, f64);

/// Marks the words that would lie upon a sign with its words, or upon words that were drawn before.
fn crowd(lines: &mut [Line], places: &BTreeMap<i64, (f64, f64)>) {
    let mut taken: Vec<Room> = places.values().map(|(x, y)| (*x, *y + 2.0, SIGN.0, SIGN.1)).collect();
    for line in lines {
        let Some((x, y)) = line.at.as_ref().and_then(|(x, y)| Some((x.parse().ok()?, y.parse().ok()?))) else { continue };
        let room: Room = (x, y, LETTER * line.words.width().min(u16::MAX.into()) as f64 / 2.0, LETTER);
        let covers = |other: &Room| (room.0 - other.0).abs() < room.2 + other.2 && (room.1 - other.1).abs() < room.3 + other.3;
        line.is_crowded = taken.iter().any(covers);
        if !line.is_crowded {
            taken.push(room);
        }
    }
}

/// A line between two signs, that touches neither.
fn shortened_line(from: (f64, f64), to: (f64, f64)) -> ((f64, f64), (f64, f64)) {
    let (from, to) = ((from.0, from.1 - ABOVE), (to.0, to.1 - ABOVE));
    let (x, y) = (to.0 - from.0, to.1 - from.1);
    let length = x.hypot(y).max(1.0);
    let (x, y) = (x / length * REACH, y / length * REACH);
    ((from.0 + x, from.1 + y), (to.0 - x, to.1 - y))
}

/// A day; nothing where it is open, or not shown to whoever looks.
fn day(text: &Option<String>) -> &str {
    text.as_deref().filter(|text| text.starts_with(|letter: char| letter.is_ascii_digit())).unwrap_or_default()
}

/// Whether an edge holds on a day, as far as both are exact.
fn holds(tie: &Tie, on: &str) -> bool {
    let not_after = |first: &str, second: &str| {
        let length = first.len().min(second.len());
        first.is_empty() || second.is_empty() || first.get(..length) <= second.get(..length)
    };
    not_after(day(&tie.since), on) && not_after(on, day(&tie.until))
}

fn days(edges: &[Tie]) -> Vec<String> {
    let ends = edges.iter().flat_map(|tie| [day(&tie.since), day(&tie.until)]);
    ends.filter(|day| !day.is_empty()).map(str::to_owned).collect::<BTreeSet<_>>().into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tie(since: Option<&str>, until: Option<&str>) -> Tie {
        let [relation, department, extract] = ["lives_at", "ga", "ga_hjrk"].map(str::to_owned);
        let (since, until) = (since.map(str::to_owned), until.map(str::to_owned));
        Tie { source: 1, target: 2, relation, since, until, department, extract, sheet: None, row: 2, is_bridge: false }
    }

    #[test]
    fn an_edge_holds_from_its_first_to_its_last_day_and_a_masked_one_always() {
        let known = tie(Some("2019-05"), Some("2021-03-01"));
        assert_eq!(["2019-04-30", "2019-05-01", "2021-03-01", "2021-03-02"].map(|day| holds(&known, day)), [false, true, true, false]);
        assert!(holds(&tie(Some("****"), None), "1999-01-01"));
        assert_eq!(days(&[known, tie(Some("****"), Some("2019-05"))]), ["2019-05", "2021-03-01"]);
    }

    #[test]
    fn a_long_caption_is_cut_where_there_is_no_more_room() {
        assert_eq!(shortened("王小明"), "王小明");
        assert_eq!(shortened("云溪县城关镇人民路3号2栋"), "云溪…民路3号2栋");
        assert_ne!(shortened("云溪县城关镇永民街11号1栋1单元1002室"), shortened("云溪县城关镇永民街11号1栋1单元1003室"));
        assert!(shortened("a b c d e f g h i j k l m").width() <= COLUMNS);
    }

    #[test]
    fn words_that_would_lie_upon_others_wait_to_be_pointed_at() {
        let line = |x: f64, y: f64| Line {
            ends: (1, 2),
            from: (unit(0.0), unit(0.0)),
            to: (unit(0.0), unit(0.0)),
            words: "现住地".to_owned(),
            at: Some((unit(x), unit(y))),
            is_crowded: false,
            when: String::new(),
            is_past: false,
            is_bridge: false,
            is_arrow: false,
        };
        let mut lines = [line(200.0, 200.0), line(205.0, 203.0), line(10.0, 5.0), line(200.0, 260.0)];
        crowd(&mut lines, &BTreeMap::from([(1, (0.0, 0.0))]));
        assert_eq!(lines.map(|line| line.is_crowded), [false, true, true, false]);
    }

    #[test]
    fn a_line_touches_no_sign() {
        let ((x, y), (end_x, end_y)) = shortened_line((0.0, 0.0), (100.0, 0.0));
        assert_eq!([x, y, end_x, end_y], [REACH, -ABOVE, 100.0 - REACH, -ABOVE]);
    }
}
