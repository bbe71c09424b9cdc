//! From what was typed to hits. Words are joined by *and* at the entity, not at the record: the name may be known to one department and
//! the phone to another. All that is counted is counted over what is permitted, and to the end: an answer's numbers do not depend on its page.

use crate::{
    Chip, Class, Error, Facets, Hit, Index, MatchedBy, Names, Permit,
    gather::{Row, Rows, departments},
    number,
    permit::Permitted,
    typed::{self, Typed, Word},
};
use serde::Serialize;
use std::cmp::Reverse;

/// What is asked.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// What somebody typed. To search within results, type more.
    pub typed: &'a str,
    /// The day, ISO 8601, by which ages are told.
    pub today: &'a str,
    /// What departments and types are called; without it they are meant by their codes.
    pub names: Option<&'a Names>,
    /// How many hits are on pages before this one.
    pub offset: usize,
    /// How many are on this one at most.
    pub limit: usize,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// What each word was taken for.
    pub chips: Vec<Chip>,
    /// How many entities, on this page or not.
    pub total: usize,
    /// How they are distributed.
    pub facets: Facets,
    /// Those of the page, in their order.
    pub hits: Vec<Hit>,
}

impl Index {
    /// The entities that what was typed can mean, of what is permitted: nearest class first, then those that more departments agree on, then those
    /// seen of late, then by number; `limit` of them from `offset` on, each once, in its nearest class.
    ///
    /// - Chinese characters: a name, its beginning, a part of it, or one that sounds the same.
    /// - Latin letters: the pinyin of a name, its beginning or a part of it (from where a syllable begins), its initials, or a Latin name.
    /// - A word with a digit: a whole number, or the last 4 to 8 places of one; `x` is `X`.
    /// - A part of a number on both sides of what is covered (`120****8000`), a name with gaps (`张?伟`, `张*`), or with some letters (`张wei`).
    /// - An address: everyone in that room, unit, building, house or street, else everyone whose address has it; other text by any part.
    /// - A year since 1900 or a date beside other words: those who were born then, too (王小明 1985, 王小明1985年3月7日).
    /// - Several words: all of them, in whatever order; none of those after `-` or `NOT`; what is in quotation marks as it is written.
    /// - `born:1985`, `born:1980..1989`, `age:30..40` (年龄), `area:9901` (区划): those of whom that is so. `dept:CODE` (部门): as that
    ///   department states it. `type:person` (类型): of that type; both by name too, where names are given. `name:`, `number:`, `address:`, `text:` say what a word is meant as.
    ///
    /// Text of more than 256 characters finds nothing.
    ///
    /// # Errors
    /// The index cannot be read.
    pub fn search(&self, ask: &Ask<'_>, permit: &Permit<'_>) -> Result<Answer, Error> {
        let typed = typed::take(ask.typed, number::day(ask.today).unwrap_or_default(), ask.names);
        let permitted = Permitted::of(permit, &typed.departments, self);
        let found = self.find(&typed, &permitted)?;
        let entities: Vec<&[Row]> = found.entities().collect();
        let facets = self.facets(&entities, &permitted)?;
        let first = self.first_in_order(&entities, ask.offset.saturating_add(ask.limit));
        let hits = first.iter().skip(ask.offset).map(|(rank, rows)| self.hit(*rank, rows)).collect();
        Ok(Answer { chips: typed.chips, total: entities.len(), facets, hits })
    }

    fn find(&self, typed: &Typed, permitted: &Permitted<'_>) -> Result<Rows, Error> {
        let mut found = Rows::default();
        if !typed.types.is_empty() && !typed.types.contains(&self.of) {
            return Ok(found);
        }
        for words in &typed.readings {
            found = found.nearest(&self.all_words(words, permitted)?);
        }
        for word in &typed.without {
            let without = self.one_word(word, Some(&found), permitted)?;
            found = found.without(&without);
        }
        Ok(found)
    }

    /// The rows of the entities that every word finds.
    fn all_words(&self, words: &[Word], permitted: &Permitted<'_>) -> Result<Rows, Error> {
        let mut words = words.iter();
        let Some(first) = words.next() else { return Ok(Rows::default()) };
        let mut found = self.one_word(first, None, permitted)?;
        for word in words {
            let next = self.one_word(word, Some(&found), permitted)?;
            found = found.and(&next);
        }
        Ok(found)
    }

    /// So many of the first, in order. When they were seen is asked only of those whom nothing before that puts behind: of the others, which no
    /// page shows, the order is nobody's matter.
    fn first_in_order<'a>(&self, entities: &[&'a [Row]], most: usize) -> Vec<(Rank, &'a [Row])> {
        let most = most.min(entities.len());
        let Some(last) = most.checked_sub(1) else { return Vec::new() };
        let mut near: Vec<(Near, &[Row])> = entities.iter().map(|rows| (Near::of(rows), *rows)).collect();
        let (_, &mut (farthest, _), _) = near.select_nth_unstable_by_key(last, |(near, _)| *near);
        let shown = near.into_iter().filter(|(near, _)| *near <= farthest);
        let mut ranked: Vec<(Rank, &[Row])> = shown.map(|(near, rows)| (self.rank(near, rows), rows)).collect();
        ranked.sort_unstable_by_key(|(rank, _)| *rank);
        ranked.truncate(most);
        ranked
    }

    fn rank(&self, near: Near, rows: &[Row]) -> Rank {
        Rank { near, newest: Reverse(self.newest(rows)), entity: rows.first().map_or(0, |row| row.entity) }
    }

    fn hit(&self, rank: Rank, rows: &[Row]) -> Hit {
        Hit { entity_id: rank.entity, class: rank.near.class, observed: rank.newest.0.map(number::date), matched_by: self.matched_by(rows) }
    }

    /// By whose word these are rows.
    pub(crate) fn matched_by(&self, rows: &[Row]) -> Vec<MatchedBy> {
        let mut by: Vec<(Class, u16, u16)> = rows.iter().map(|row| (row.class, row.property, row.department)).collect();
        by.sort_unstable();
        by.dedup();
        let said = |(class, property, department): (Class, u16, u16)| MatchedBy {
            class,
            property: self.fields.searched[usize::from(property)].name.clone(),
            department: self.departments[usize::from(department)].clone(),
        };
        by.into_iter().map(said).collect()
    }
}

/// What hits are in order by, the first first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    near: Near,
    newest: Reverse<Option<u64>>,
    entity: i64,
}

/// What they are in order by before all else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Near {
    class: Class,
    departments: Reverse<usize>,
}

impl Near {
    fn of(rows: &[Row]) -> Near {
        Near { class: class(rows), departments: Reverse(departments(rows)) }
    }
}

/// The class of an entity: of several words the one that is least near counts.
pub(crate) fn class(rows: &[Row]) -> Class {
    rows.iter().map(|row| row.class).max().unwrap_or(Class::Number)
}
