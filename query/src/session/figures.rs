//! The indicators, asked for together: planned one after the other, accounted for as one look, computed two at a time.

use super::{Planned, Reads, Revealed, Session};
use crate::{
    Error, Figure, Indicator, Origin, door,
    figure::{figures, reported},
    parameter::Parameters,
};
use arrow_array::cast::AsArray as _;
use arrow_cast::cast;
use arrow_schema::DataType;
use futures::{StreamExt as _, TryStreamExt as _};
use std::{collections::BTreeMap, sync::Arc};

/// Questions under way at once.
const TOGETHER: usize = 2;

/// The figures of every indicator at one epoch, to be kept; they are shown by [`Session::shown`] alone, which accounts for them.
#[derive(Debug)]
pub struct Figured {
    figures: Vec<Figure>,
    reads: Reads,
}

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

    /// Every indicator as of a time, to be kept; those that are shown now are accounted for already.
    ///
    /// # Errors
    /// As [`Session::indicators`].
    pub async fn figured(&self, at_ms: i64, keep: impl Fn(&Figure) -> bool) -> Result<(Figured, Vec<Figure>), Error> {
        let list = self.catalogue.indicators.list.clone();
        let Found { seq, figures, reads } = self.figures_of(&list, at_ms).await?;
        let shown = figures.iter().filter(|figure| keep(figure)).cloned().collect::<Vec<_>>();
        self.close("indicators", seq, Ok(shown.len() as u64), &Revealed::default(), at_ms)?;
        Ok((Figured { figures, reads }, shown))
    }

    /// Those of figures that were computed for somebody with the same rights at the same epoch, accounted for as if they were computed now.
    /// That the rights are the same, whoever keeps figures has seen to: [`Session::withheld`] tells them.
    ///
    /// # Errors
    /// The look cannot be accounted for.
    pub fn shown(&self, figured: &Figured, at_ms: i64, keep: impl Fn(&Figure) -> bool) -> Result<Vec<Figure>, Error> {
        let seq = self.asked(self.entry("indicators", at_ms), &figured.reads)?;
        let shown = figured.figures.iter().filter(|figure| keep(figure)).cloned().collect::<Vec<_>>();
        self.close("indicators", seq, Ok(shown.len() as u64), &Revealed::default(), at_ms)?;
        Ok(shown)
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
        Ok(self.figured(at_ms, keep).await?.1)
    }

    /// The figures of these indicators; the look is accounted for and has still to be closed.
    async fn figures_of(&self, list: &[Arc<Indicator>], at_ms: i64) -> Result<Found, Error> {
        let mut reads = Reads::default();
        let (mut asked, mut handed_in): (Vec<Asked>, Vec<Arc<Indicator>>) = (Vec::new(), Vec::new());
        for indicator in list {
            let is_missing = self.catalogue.missing.contains_key(&indicator.name);
            if indicator.origin == Origin::Reported && !is_missing {
                handed_in.push(Arc::clone(indicator));
                continue;
            }
            let planned = match is_missing {
                true => None,
                false => {
                    let question = format!("SELECT * FROM indicator.\"{}\"", indicator.name);
                    Some(self.planned_with(&question, at_ms, door::config(&self.limits), Parameters::none()).await?)
                }
            };
            planned.iter().for_each(|plan| reads.extend(plan.reads.clone()));
            asked.push((Arc::clone(indicator), planned));
        }
        if !handed_in.is_empty() {
            reads.add(REPORTED, REPORTED_COLUMNS.iter().map(|column| (*column).to_owned()));
        }
        let seq = self.asked(self.entry("indicators", at_ms), &reads)?;
        let answered = async {
            let mut figures = self.reported(&handed_in, at_ms).await?;
            let computed = futures::stream::iter(asked).map(|one| self.answered_figures(one)).buffered(TOGETHER);
            figures.extend(computed.try_collect::<Vec<_>>().await?.into_iter().flatten());
            Ok(figures)
        };
        match answered.await {
            Ok(mut figures) => {
                figures.sort_by(|left: &Figure, right| left.indicator.cmp(&right.indicator));
                Ok(Found { seq, figures, reads })
            }
            Err(error) => {
                self.close("indicators", seq, Err(&error), &Revealed::default(), at_ms)?;
                Err(error)
            }
        }
    }

    /// The figures of those that are handed in: one question for all, since planning one for each would take longer than all the rest. What
    /// it says is nobody's, and the same as each one's view.
    async fn reported(&self, list: &[Arc<Indicator>], at_ms: i64) -> Result<Vec<Figure>, Error> {
        if list.is_empty() {
            return Ok(Vec::new());
        }
        let rows = self.program().own(&format!("SELECT {} FROM {REPORTED}", REPORTED_COLUMNS.join(", ")), at_ms).await?;
        let mut figures = Vec::new();
        for indicator in list {
            figures.extend(reported(indicator, &rows)?);
        }
        Ok(figures)
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

/// Figures of a look that is accounted for and not closed.
struct Found {
    seq: u64,
    figures: Vec<Figure>,
    reads: Reads,
}

/// The view of what was handed in, and what is read of it.
const REPORTED: &str = "contract.reported_figure";
const REPORTED_COLUMNS: [&str; 5] = ["indicator", "area", "numerator", "part", "denominator"];

#[cfg(test)]
impl Session {
    /// One indicator alone, for tests.
    pub(super) async fn indicator(&self, name: &str, at_ms: i64) -> Result<Vec<Figure>, Error> {
        let list: Vec<_> = self.catalogue.indicators.list.iter().filter(|one| one.name == name).cloned().collect();
        Ok(self.figures_of(&list, at_ms).await?.figures)
    }
}
