//! From what was typed to hits. Words are joined by *and* at the entity, not at the record: the name may be known to one department and
//! the phone to another.

use crate::{
    Class, Error, Hit, Index,
    document::ENTITY,
    look::{self, Look},
    typed::{self, Word},
};
use std::collections::{BTreeMap, HashMap};
use tantivy::query::{EnableScoring, Query};

/// How an entity was found; the lesser is the nearer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Match {
    class: Class,
    property: usize,
}

/// Entities and how they were found.
type Matches = HashMap<i64, Match>;

/// By what, and who, may be found.
struct Among<'a> {
    /// Of each property searched.
    properties: Vec<bool>,
    whom: &'a dyn Fn(i64) -> bool,
}

impl Index {
    /// The entities that `typed` can mean, nearest class first, then by number; at most `limit`, each once, in its nearest class.
    ///
    /// - Chinese characters: a name, its beginning, a part of it, or one that sounds the same.
    /// - Latin letters: the pinyin of a name, its beginning or a part of it (from where a syllable begins), its initials, or a Latin name.
    /// - A word with a digit: a whole number, or the last 4 to 8 places of one; `x` is `X`.
    /// - Several words: all of them, in whatever order.
    ///
    /// Text of more than 256 characters finds nothing, and nothing in it is a command.
    ///
    /// # Errors
    /// The index cannot be read.
    pub fn search(&self, typed: &str, limit: usize) -> Result<Vec<Hit>, Error> {
        self.search_among(typed, limit, &|_| true, &|_| true)
    }

    /// As [`Index::search`], as if there were only these properties and these entities: others neither answer nor take a place.
    ///
    /// # Errors
    /// The index cannot be read.
    pub fn search_among(
        &self,
        typed: &str,
        limit: usize,
        by: &dyn Fn(&str) -> bool,
        whom: &dyn Fn(i64) -> bool,
    ) -> Result<Vec<Hit>, Error> {
        let among = Among { properties: self.fields.searched.iter().map(|searched| by(&searched.name)).collect(), whom };
        let mut nearest = Matches::new();
        for words in typed::readings(typed) {
            for (entity, found) in self.all_words(&words, limit, &among)? {
                nearest.entry(entity).and_modify(|known| *known = found.min(*known)).or_insert(found);
            }
        }
        let mut hits: Vec<(Class, i64, usize)> = nearest.into_iter().map(|(entity, found)| (found.class, entity, found.property)).collect();
        hits.sort_unstable();
        hits.truncate(limit);
        Ok(hits
            .into_iter()
            .map(|(class, entity_id, property)| Hit { entity_id, class, property: self.fields.searched[property].name.clone() })
            .collect())
    }

    /// The entities found by every word, each as its farthest word finds it.
    fn all_words(&self, words: &[Word], limit: usize, all: &Among<'_>) -> Result<Matches, Error> {
        // With one word the first `limit` are enough; with several, those of one word may not be found by the next.
        let most = if words.len() == 1 { limit } else { usize::MAX };
        let mut words = words.iter();
        let mut found = words.next().map_or_else(|| Ok(Matches::new()), |word| self.one_word(word, None, most, all))?;
        for word in words {
            let next = self.one_word(word, Some(&found), most, all)?;
            found = next.into_iter().map(|(entity, near)| (entity, found.get(&entity).map_or(near, |known| near.max(*known)))).collect();
        }
        Ok(found)
    }

    /// The first `most` entities found by a word, among those of the words before.
    fn one_word(&self, word: &Word, among: Option<&Matches>, most: usize, all: &Among<'_>) -> Result<Matches, Error> {
        let mut found = Matches::new();
        let mut looks = look::looks(word, &self.fields);
        looks.retain(|look| all.properties.get(look.property).is_some_and(|may| *may));
        for looks in looks.chunk_by(|left, right| left.class == right.class) {
            if found.len() >= most || among.is_some_and(|among| among.len() == found.len()) {
                break;
            }
            let of_class = self.one_class(looks, most - found.len(), |entity| {
                !found.contains_key(&entity) && among.is_none_or(|among| among.contains_key(&entity)) && (all.whom)(entity)
            })?;
            found.extend(of_class);
        }
        Ok(found)
    }

    /// The `most` smallest entities that one class of looks finds and that are wanted.
    fn one_class(&self, looks: &[Look], most: usize, wanted: impl Fn(i64) -> bool) -> Result<BTreeMap<i64, Match>, Error> {
        let mut found = BTreeMap::new();
        for Look { class, property, query } in looks {
            self.each(query.as_ref(), |entity| {
                let is_late = found.len() >= most && found.last_key_value().is_none_or(|(last, _)| *last < entity);
                if is_late || !wanted(entity) {
                    return;
                }
                found.entry(entity).or_insert(Match { class: *class, property: *property });
                if found.len() > most {
                    found.pop_last();
                }
            })?;
        }
        Ok(found)
    }

    /// The entity of every document that answers.
    fn each(&self, query: &dyn Query, mut visit: impl FnMut(i64)) -> Result<(), Error> {
        let weight = query.weight(EnableScoring::disabled_from_searcher(&self.searcher))?;
        for segment in self.searcher.segment_readers() {
            let entities = segment.fast_fields().i64(ENTITY)?;
            weight.for_each_no_score(segment, &mut |documents| {
                documents.iter().filter_map(|document| entities.first(*document)).for_each(&mut visit)
            })?;
        }
        Ok(())
    }
}
