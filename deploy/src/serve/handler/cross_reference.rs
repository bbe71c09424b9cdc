//! A list of people, held against everybody.

use super::{Whole, WholeList, media, of_query};
use crate::{
    Error,
    cli::LimitArgs,
    command::cross_reference::{
        self, MOST, Wanted,
        list::{self, FORMS, List},
    },
    serve::{
        answer,
        asker::{Asker, Asking},
        problem::{Code, Problem},
    },
};
use axum::{
    extract::{Query, rejection::QueryRejection},
    http::HeaderMap,
    response::Response,
};
use serde::Deserialize;
use std::{collections::BTreeMap, io::Write as _};
use wuwei_search::Column;

#[derive(Deserialize)]
pub(in crate::serve) struct Asked {
    limit: Option<usize>,
    #[serde(rename = "type")]
    entity: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rows {
    rows: Vec<BTreeMap<Column, String>>,
}

pub(in crate::serve) async fn compare(
    asker: Asker,
    asked: Result<Query<Asked>, QueryRejection>,
    headers: HeaderMap,
    WholeList(body): WholeList,
) -> Result<Response, Problem> {
    let Asked { limit, entity } = of_query(asked)?;
    let asking = asker.enter("cross-reference").await?;
    let list = taken(&asking, &headers, &body).await?;
    let wanted = Wanted { limit: limit.unwrap_or(3).min(MOST), entity: entity.as_deref() };
    answer::found(&cross_reference::compare(&asking.hub, &asking.session, list, wanted).await?)
}

async fn taken(asking: &Asking, headers: &HeaderMap, body: &Whole) -> Result<List, Problem> {
    let Some(media) = media(headers).filter(|media| media != "application/json") else {
        return Ok(List::of(body.json::<Rows>(headers)?.rows)?);
    };
    let Some((_, ending)) = FORMS.iter().find(|(form, _)| *form == media) else {
        let known = FORMS.map(|(form, _)| form).join(", ");
        let hint = format!("Content-Type: application/json with {{\"rows\": […]}}, or one of {known}");
        return Err(Problem::because(Code::UnsupportedMediaType, "a list is no body of this type", &hint));
    };
    // It has a name only as long as it is read.
    let mut file = tempfile::Builder::new().prefix("list").suffix(ending).tempfile_in(asking.hub.spill()).map_err(Error::from)?;
    file.write_all(&body.0).map_err(Error::from)?;
    list::read(&asking.hub, file.path(), LimitArgs::default()).await.map_err(|error| match error.is_of_the_file() {
        // Where it lay for a moment is nobody's business.
        true => Problem::of_file(&error, &error.to_string().replace(&file.path().display().to_string(), "list")),
        false => error.into(),
    })
}
