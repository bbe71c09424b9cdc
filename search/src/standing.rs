//! Which documents stand already: those that were added of late, so that records that say the same are one document; and those of the index
//! before, so that only what changed is written. What a document says is its hash ([`crate::document::HASH`]); nothing of it is read back.

use crate::{Error, document::HASH};
use std::sync::Arc;
use tantivy::{
    DocId, Searcher, SegmentReader,
    query::{
        Query,
        doc_predicate_query::{DocPredicateQuery, FunctionPredicate},
    },
};

/// What was added of late, to leave out the many records that say of an entity what another has said. A fixed number of places, so a
/// repetition may be overlooked, which costs space and changes no answer.
#[derive(Debug)]
pub(crate) struct Recent {
    places: Vec<u64>,
}

impl Recent {
    /// 8 MiB.
    const PLACES: usize = 1 << 20;

    pub(crate) fn new() -> Recent {
        // In no place one that belongs there.
        Recent { places: (1..=Recent::PLACES as u64).collect() }
    }

    pub(crate) fn is_new(&mut self, hash: u64) -> bool {
        let place = usize::try_from(hash % Recent::PLACES as u64).ok().and_then(|at| self.places.get_mut(at));
        place.is_none_or(|place| std::mem::replace(place, hash) != hash)
    }
}

/// The documents of the index before, nine bytes each.
#[derive(Debug)]
pub(crate) struct Standing {
    /// In order, each once.
    hashes: Vec<u64>,
    /// Which of them stand on.
    still: Vec<bool>,
}

impl Standing {
    /// # Errors
    /// The index cannot be read.
    pub(crate) fn of(searcher: &Searcher) -> Result<Standing, Error> {
        let mut hashes = Vec::with_capacity(usize::try_from(searcher.num_docs()).unwrap_or_default());
        for segment in searcher.segment_readers() {
            let column = segment.fast_fields().u64(HASH)?;
            hashes.extend(segment.doc_ids_alive().filter_map(|document| column.first(document)));
        }
        hashes.sort_unstable();
        hashes.dedup();
        Ok(Standing { still: vec![false; hashes.len()], hashes })
    }

    /// Whether that document is there; if so, it stands on.
    pub(crate) fn stands(&mut self, hash: u64) -> bool {
        let place = self.hashes.binary_search(&hash).ok();
        place.and_then(|place| self.still.get_mut(place)).map(|still| *still = true).is_some()
    }

    /// How many stand no more, and what finds them; nothing where all do.
    pub(crate) fn gone(self) -> Option<(u64, Box<dyn Query>)> {
        let gone: Vec<u64> = self.hashes.into_iter().zip(self.still).filter(|(_, still)| !still).map(|(hash, _)| hash).collect();
        if gone.is_empty() {
            return None;
        }
        let (count, gone) = (gone.len() as u64, Arc::<[u64]>::from(gone));
        let of_segment = move |segment: &SegmentReader| {
            let (column, gone) = (segment.fast_fields().u64(HASH)?, Arc::clone(&gone));
            Ok(move |document: DocId| column.first(document).is_some_and(|hash| gone.binary_search(&hash).is_ok()))
        };
        let query: DocPredicateQuery = FunctionPredicate::from(of_segment).into();
        Some((count, Box::new(query)))
    }
}
