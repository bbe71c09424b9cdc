//! The indicators, asked for together: planned one after the other, accounted for as one look, computed two at a time.

use super::{Planned, Reads, Session};
use crate::{Error, Figure, Indicator, figure::figures};
use arrow_array::cast::AsArray as _;
use arrow_cast::cast;
use arrow_schema::DataType;
use futures::{StreamExt as _, TryStreamExt as _};
use std::{collections::BTreeMap, sync::Arc};

/// Questions under way at once.
const TOGETHER: usize = 2;

/// One indicator, planned; none where a table is missing.
type Asked = (Arc<Indicator>, Option<Planned>);

impl Session {
    /// Every indicator as of a time, of all departments and areas or of one department.
    ///
    /// # Errors
    /// An indicator is defective, or the look cannot be accounted for.
    pub async fn indicators(&self, department: Option<&str>, at_ms: i64) -> Result<Vec<Figure>, Error> {
        self.figures_where(at_ms, |figure| department.is_none() || figure.department.as_deref() == department).await
    }

    /// Every indicator as of a time, of one area, by its code.
    ///
    /// # Errors
    /// An indicator is defective, or the look cannot be accounted for.
    pub async fn indicators_of_area(&self, area: &str, at_ms: i64) -> Result<Vec<Figure>, Error> {
        self.figures_where(at_ms, |figure| figure.area.as_deref() == Some(area)).await
    }

    /// The areas that figures speak of, by code, with what they are called.
    ///
    /// # Errors
    /// The tables cannot be read.
    pub async fn areas(&self, at_ms: i64) -> Result<BTreeMap<String, String>, Error> {
        if !self.catalogue.tables.contains_key("contract.area") {
            return Ok(BTreeMap::new());
        }
        let found = self.program().own("SELECT area, name FROM contract.area WHERE area IS NOT NULL AND name IS NOT NULL", at_ms).await?;
        let mut areas = BTreeMap::new();
        for batch in &found {
            let text = |at: usize| cast(batch.column(at), &DataType::Utf8).map_err(|_| Error::Engine { detail: "an area is no text" });
            let (codes, names) = (text(0)?, text(1)?);
            let pairs = codes.as_string::<i32>().iter().flatten().zip(names.as_string::<i32>().iter().flatten());
            areas.extend(pairs.map(|(code, name)| (code.to_owned(), name.to_owned())));
        }
        Ok(areas)
    }

    async fn figures_where(&self, at_ms: i64, keep: impl Fn(&Figure) -> bool) -> Result<Vec<Figure>, Error> {
        let mut reads = Reads::default();
        let mut asked: Vec<Asked> = Vec::new();
        for indicator in &self.catalogue.indicators.list {
            let planned = match self.catalogue.missing.contains_key(&indicator.name) {
                true => None,
                false => Some(self.planned(&format!("SELECT * FROM indicator.\"{}\"", indicator.name), at_ms).await?),
            };
            planned.iter().for_each(|plan| reads.extend(plan.reads.clone()));
            asked.push((Arc::clone(indicator), planned));
        }
        let seq = self.asked(self.entry("indicators", at_ms), &reads)?;
        let answered = futures::stream::iter(asked).map(|one| self.answered_figures(one)).buffered(TOGETHER).try_collect::<Vec<_>>().await;
        let found = answered.map(|all| all.into_iter().flatten().filter(|figure| keep(figure)).collect::<Vec<_>>());
        self.close("indicators", seq, found.as_ref().map(|found| found.len() as u64), at_ms)?;
        found
    }

    async fn answered_figures(&self, (indicator, planned): Asked) -> Result<Vec<Figure>, Error> {
        match planned {
            Some(planned) => figures(&indicator, &self.run(planned).await?.batches),
            None => {
                let lacking = self.catalogue.missing.get(&indicator.name).map(String::as_str).unwrap_or_default();
                Ok(vec![Figure::unknown(&indicator, &format!("there is no table `{lacking}` here"))])
            }
        }
    }
}
