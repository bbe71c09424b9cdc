//! Counts drawn: cells where they lie, other places as tiles side by side in the order of their names. Five classes, told by colour and by the
//! size of the square in a tile; what is kept back has a sign of its own. No map of others is needed.

use super::question::{corner, degrees};
use std::collections::BTreeMap;
use unicode_width::UnicodeWidthStr as _;

/// Classes of counts, each of as many places as far as that goes.
const CLASSES: usize = 5;
/// Width of a cell, and of a tile with its words.
const CELL: f64 = 24.0;
const TILE: (f64, f64) = (118.0, 52.0);
/// The widest that a tile gets for its name, and what a column of that takes; a Chinese character has two.
const WIDEST: f64 = 280.0;
const LETTER: f64 = 5.6;
/// Places from which on classes say more than the counts beside them.
const CLASSED: usize = 8;
/// Cells that are drawn on each side of the middle: what lies farther away is in the table.
const FAR: i64 = 60;

#[derive(Debug)]
pub(crate) struct Map {
    pub(crate) width: String,
    pub(crate) height: String,
    pub(crate) tiles: Vec<Tile>,
    /// Of each class that there is, its number and the counts from and to; none where there are so few places that a class is a count.
    pub(crate) legend: Vec<(usize, u64, u64)>,
    /// Places that are too far from the others to be drawn.
    pub(crate) beyond: usize,
}

#[derive(Debug)]
pub(crate) struct Tile {
    /// 1 to 5; 0 where it is kept back.
    pub(crate) class: usize,
    pub(crate) events: Option<u64>,
    pub(crate) name: String,
    /// Whether there is room for its name.
    pub(crate) is_named: bool,
    pub(crate) x: String,
    pub(crate) y: String,
    pub(crate) width: String,
    pub(crate) height: String,
    /// The square whose size is the class.
    pub(crate) square: [String; 4],
    pub(crate) middle: (String, String),
}

pub(super) fn map(places: &BTreeMap<String, Option<u64>>, by_cell: bool) -> Map {
    let bounds = bounds(places.values().flatten().copied().collect());
    let class = |events: Option<u64>| events.map_or(0, |events| 1 + bounds.iter().filter(|bound| events >= **bound).count());
    let (tiles, width, height) = if by_cell { cells(places, &class) } else { side_by_side(places, &class) };
    let mut legend: BTreeMap<usize, (u64, u64)> = BTreeMap::new();
    for events in places.values().flatten().filter(|_| places.len() >= CLASSED) {
        let (least, most) = legend.entry(class(Some(*events))).or_insert((*events, *events));
        (*least, *most) = ((*least).min(*events), (*most).max(*events));
    }
    Map {
        width: unit(width),
        height: unit(height),
        beyond: places.len() - tiles.len(),
        tiles,
        legend: legend.into_iter().map(|(class, (least, most))| (class, least, most)).collect(),
    }
}

/// Where a class ends and the next begins: as many places in each, and counts that are the same in one.
fn bounds(mut counts: Vec<u64>) -> Vec<u64> {
    counts.sort_unstable();
    let mut bounds: Vec<u64> = (1..CLASSES).filter_map(|class| counts.get(class * counts.len() / CLASSES).copied()).collect();
    bounds.retain(|bound| counts.first().is_some_and(|least| bound > least));
    bounds.dedup();
    bounds
}

fn unit(value: f64) -> String {
    format!("{value:.1}")
}

type Drawn = (Vec<Tile>, f64, f64);

/// Cells where they lie; a degree of longitude is as much shorter than one of latitude as it is there.
fn cells(places: &BTreeMap<String, Option<u64>>, class: &dyn Fn(Option<u64>) -> usize) -> Drawn {
    let all: Vec<((i64, i64), &String, Option<u64>)> =
        places.iter().filter_map(|(place, events)| Some((corner(place)?, place, *events))).collect();
    let median = |of: fn(&(i64, i64)) -> i64| {
        let mut ends: Vec<i64> = all.iter().map(|(at, ..)| of(at)).collect();
        ends.sort_unstable();
        ends.get(ends.len() / 2).copied().unwrap_or_default()
    };
    let (x, y) = (median(|at| at.0), median(|at| at.1));
    let near: Vec<_> = all.iter().filter(|((at_x, at_y), ..)| (at_x - x).abs() <= FAR && (at_y - y).abs() <= FAR).collect();
    let end = |of: fn(&(i64, i64)) -> i64| {
        let ends = || near.iter().map(move |(at, ..)| of(at));
        (ends().min().unwrap_or_default(), ends().max().unwrap_or_default())
    };
    let ((west, east), (south, north)) = (end(|at| at.0), end(|at| at.1));
    let (wide, high) = (CELL, CELL / degrees(y).to_radians().cos().max(0.2));
    let tile = |((at_x, at_y), place, events): &&((i64, i64), &String, Option<u64>)| {
        let corner = (number(at_x - west) * wide, number(north - at_y) * high);
        tile(super::Where::Coordinates.name(place), *events, class(*events), corner, (wide, high), false)
    };
    let tiles = near.iter().map(tile).collect();
    (tiles, number(east - west + 1) * wide, number(north - south + 1) * high)
}

#[expect(clippy::cast_precision_loss, reason = "a few hundred at most")]
fn number(cells: i64) -> f64 {
    cells as f64
}

/// Tiles in rows, of a picture that is wider than it is high.
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few thousand at most")]
fn side_by_side(places: &BTreeMap<String, Option<u64>>, class: &dyn Fn(Option<u64>) -> usize) -> Drawn {
    let mut named: Vec<(String, Option<u64>)> = places.iter().map(|(place, events)| (super::Where::Place.name(place), *events)).collect();
    named.sort();
    let widest = named.iter().map(|(name, _)| name.width()).max().unwrap_or_default();
    let wide = (TILE.1 + 8.0 + LETTER * widest.min(100) as f64).clamp(TILE.0, WIDEST);
    let columns = ((named.len() as f64).sqrt().ceil() as usize).clamp(1, 12);
    let rows = named.len().div_ceil(columns);
    let tile = |(at, (name, events)): (usize, (String, Option<u64>))| {
        let corner = ((at % columns) as f64 * wide, (at / columns) as f64 * TILE.1);
        let class = class(events);
        tile(name, events, class, corner, (wide, TILE.1), true)
    };
    (named.into_iter().enumerate().map(tile).collect(), columns as f64 * wide, rows as f64 * TILE.1)
}

#[expect(clippy::cast_precision_loss, reason = "five classes")]
fn tile(name: String, events: Option<u64>, class: usize, (x, y): (f64, f64), (width, height): (f64, f64), is_named: bool) -> Tile {
    // Words stand to the right of the square where there is room for them.
    let room = if is_named { (height, height) } else { (width, height) };
    let middle = (x + room.0 / 2.0, y + room.1 / 2.0);
    let side = (room.0.min(room.1) - 4.0) * class as f64 / CLASSES as f64;
    Tile {
        class,
        events,
        name,
        is_named,
        x: unit(x),
        y: unit(y),
        width: unit(width),
        height: unit(height),
        square: [middle.0 - side / 2.0, middle.1 - side / 2.0, side, side].map(unit),
        middle: (unit(if is_named { x + height + 2.0 } else { middle.0 }), unit(middle.1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(all: &[(&str, Option<u64>)]) -> BTreeMap<String, Option<u64>> {
        all.iter().map(|(place, events)| ((*place).to_owned(), *events)).collect()
    }

    #[test]
    fn classes_hold_as_many_places_each_and_none_splits_a_count() {
        assert_eq!(bounds((10..20).collect()), [12, 14, 16, 18]);
        assert_eq!(bounds(vec![10; 9]), [0; 0], "what is the same is of one class");
        assert_eq!(bounds(Vec::new()), [0; 0]);
        let drawn = map(&places(&[("1 1", Some(10)), ("2 1", Some(500)), ("3 1", None)]), true);
        let told: Vec<(usize, Option<u64>)> = drawn.tiles.iter().map(|tile| (tile.class, tile.events)).collect();
        assert_eq!(told, [(1, Some(10)), (2, Some(500)), (0, None)]);
        assert_eq!(drawn.legend, [], "a class of one count says nothing that the count does not");
        let many: Vec<(String, Option<u64>)> = (0..10).map(|at| (format!("{at} 1"), Some(10 + at))).collect();
        let many: Vec<(&str, Option<u64>)> = many.iter().map(|(name, events)| (name.as_str(), *events)).collect();
        assert_eq!(map(&places(&many), true).legend[0], (1, 10, 11));
    }

    #[test]
    fn north_is_up_and_what_is_far_away_does_not_make_all_else_small() {
        let drawn =
            map(&places(&[("24700 5900", Some(30)), ("24701 5901", Some(40)), ("24700 5901", Some(20)), ("10000 5900", Some(10))]), true);
        assert_eq!((drawn.tiles.len(), drawn.beyond), (3, 1));
        let at = |events: u64| {
            let tile = drawn.tiles.iter().find(|tile| tile.events == Some(events)).unwrap();
            (tile.x.parse::<f64>().unwrap(), tile.y.parse::<f64>().unwrap())
        };
        assert!(at(30).1 > at(20).1 && at(40).0 > at(20).0);
        let tiles = map(&places(&[("1 b", Some(10)), ("2 a", None)]), false);
        assert_eq!(tiles.tiles.iter().map(|tile| tile.name.as_str()).collect::<Vec<_>>(), ["a", "b"]);
        let wide = map(&places(&[("1 金湾社区第一网格", Some(10))]), false).tiles.remove(0);
        let (begin, end) = (wide.middle.0.parse::<f64>().unwrap(), wide.x.parse::<f64>().unwrap() + wide.width.parse::<f64>().unwrap());
        assert!(end - begin >= 16.0 * LETTER, "a name has room: {wide:?}");
    }
}
