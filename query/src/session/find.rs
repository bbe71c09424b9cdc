//! Finding by the index. It knows everybody and everything, and is asked as if it knew only what whoever asks may find. What it gives are
//! numbers and how near they are; whoever shows them, or anything of them, accounts for it.

use super::Session;
use crate::Error;
use wuwei_search::{Ask, Chip, Facets, Hit, Permit};

/// What was found.
#[derive(Debug, Default)]
pub struct Found {
    /// What each word was taken for.
    pub chips: Vec<Chip>,
    /// By entity type how many there are and how they are distributed, where there are any.
    pub types: Vec<(String, usize, Facets)>,
    /// Those of the page in their order, each with its type.
    pub hits: Vec<(String, Hit)>,
}

impl Session {
    /// What somebody typed finds, of one entity type or of all; none where there is no index. Nothing is accounted for by it.
    ///
    /// # Errors
    /// The index cannot be read or is of another model, or a policy cannot be evaluated.
    pub async fn find(&self, asked: &Ask<'_>, of: Option<&str>, at_ms: i64) -> Result<Option<Found>, Error> {
        let Some(indexes) = &self.catalogue.indexes else { return Ok(None) };
        let mut found = Found::default();
        // Of each type as many as all pages up to this one have, since they may all be of it.
        let ask = Ask { names: Some(&indexes.names), offset: 0, limit: asked.offset.saturating_add(asked.limit), ..*asked };
        let wanted = |name: &str| of.is_none_or(|of| of == name);
        for entity in self.catalogue.model().entities.values().filter(|entity| entity.is_found() && wanted(&entity.name)) {
            let Some(index) = indexes.of(entity)? else { continue };
            let findable = self.findable(&entity.name, at_ms).await?;
            let permit = Permit { by: &|property, department| findable.by(property, department), whom: &|id| findable.is(id) };
            let answer = index.search(&ask, &permit)?;
            found.chips = answer.chips;
            if answer.total > 0 {
                found.types.push((entity.name.clone(), answer.total, answer.facets));
            }
            found.hits.extend(answer.hits.into_iter().map(|hit| (entity.name.clone(), hit)));
        }
        found.hits.sort_by_cached_key(|(_, hit)| hit.order());
        found.hits.truncate(ask.limit);
        found.hits.drain(..asked.offset.min(found.hits.len()));
        Ok(Some(found))
    }
}
