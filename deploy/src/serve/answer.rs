//! The answer to a question in SQL, in the form that whoever asks accepts. It is written down whole and accounted for before its first byte
//! leaves; when whoever asks is gone meanwhile, it is given up.

use super::{
    asker::Asking,
    problem::{Code, Problem},
    spool::Spool,
};
use crate::{Error, clock, export::Form};
use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use axum::{
    http::{HeaderMap, HeaderName, HeaderValue, header},
    response::{IntoResponse as _, Response},
};
use serde::Serialize;

/// The media type of a workbook.
pub(super) const SHEET: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// Forms by media type, the first for whoever accepts all; and how a file of it ends.
pub(super) const FORMS: [(&str, Form, &str); 5] = [
    ("application/json", Form::Rows, ""),
    ("text/csv", Form::Csv, "csv"),
    ("application/vnd.apache.arrow.stream", Form::ArrowStream, "arrows"),
    (SHEET, Form::Sheet, "xlsx"),
    ("application/vnd.apache.parquet", Form::Parquet, "parquet"),
];

/// The form that the header `Accept` likes best; of those that it likes alike, the first of [`FORMS`].
///
/// # Errors
/// It accepts none of them.
pub(super) fn form(headers: &HeaderMap) -> Result<usize, Problem> {
    let accept = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok()).collect::<Vec<_>>().join(",");
    if accept.trim().is_empty() {
        return Ok(0);
    }
    let liking = |media: &str| {
        let likings = accept.split(',').filter_map(|range| liked(range, media));
        likings.max_by_key(|(precision, _)| *precision).map_or(0.0, |(_, quality)| quality)
    };
    let best = FORMS.iter().map(|(media, ..)| liking(media)).enumerate().rev().max_by(|left, right| left.1.total_cmp(&right.1));
    match best {
        Some((at, quality)) if quality > 0.0 => Ok(at),
        _ => {
            let known = FORMS.map(|(media, ..)| media).join(", ");
            Err(Problem::because(Code::NotAcceptable, "the header `Accept` names no form that can be written", &format!("one of {known}")))
        }
    }
}

/// How precisely a range of `Accept` names a media type, and how much it is liked.
fn liked(range: &str, media: &str) -> Option<(u8, f32)> {
    let mut parts = range.split(';').map(str::trim);
    let name = parts.next()?.to_ascii_lowercase();
    let precision = match name.as_str() {
        "*/*" => 1,
        _ if name == media => 3,
        _ if name.strip_suffix("/*").is_some_and(|kind| media.split('/').next() == Some(kind)) => 2,
        _ => return None,
    };
    let quality = parts.find_map(|part| part.strip_prefix("q=")).map_or(Some(1.0), |quality| quality.parse().ok())?;
    Some((precision, quality))
}

/// Answers a question in one of [`FORMS`].
///
/// # Errors
/// It is refused, passes a limit, or cannot be accounted for.
pub(super) async fn answer(asking: Asking, question: &str, form: usize) -> Result<Response, Problem> {
    let (media, form, ending) = FORMS[form];
    let (folder, epoch) = (asking.hub.spill().to_owned(), asking.hub.lake.epoch().number);
    let session = asking.hub.elsewhere(asking.session.clone());
    let mut taken = session.take(question, clock::now_ms()).await?;
    let spool = Spool::new(folder.clone());
    let (schema, out) = (SchemaRef::clone(&taken.schema), spool.clone());
    let mut writing = apart(move || form.begin(&schema, out, Some(&folder))).await?;
    while let Some(batch) = taken.next().await? {
        writing = apart(move || writing.batch(&batch).map(|()| writing)).await?;
    }
    apart(move || writing.finish()).await?;
    let whole = spool.clone();
    let (body, bytes) = apart(move || whole.body()).await?;
    let rows = taken.close().await?;
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    headers.insert(header::CONTENT_LENGTH, HeaderValue::from(bytes));
    headers.insert(HeaderName::from_static("wuwei-rows"), HeaderValue::from(rows));
    headers.insert(HeaderName::from_static("wuwei-epoch"), HeaderValue::from(epoch));
    if !ending.is_empty() {
        let name = format!("attachment; filename=\"wuwei-{rows}-rows.{ending}\"");
        headers.insert(header::CONTENT_DISPOSITION, HeaderValue::try_from(name).map_err(|_| Problem::new(Code::Internal))?);
    }
    Ok(response)
}

/// Whether that place in [`FORMS`] is the one in which a verb says all that it found.
pub(super) fn is_objects(form: usize) -> bool {
    FORMS[form].1 == Form::Rows
}

/// Rows that a verb found, in one of [`FORMS`].
///
/// # Errors
/// They have no such form.
pub(super) async fn table(rows: RecordBatch, form: usize) -> Result<Response, Problem> {
    let (media, form, ending) = FORMS[form];
    let count = rows.num_rows();
    let bytes = apart(move || {
        let mut bytes = Vec::new();
        let mut writing = form.begin(&rows.schema(), &mut bytes, None)?;
        writing.batch(&rows)?;
        writing.finish()?;
        Ok(bytes)
    });
    let mut response = bytes.await?.into_response();
    let name = format!("attachment; filename=\"wuwei-{count}-rows.{ending}\"");
    let name = HeaderValue::try_from(name).map_err(|_| Problem::new(Code::Internal))?;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media));
    response.headers_mut().insert(header::CONTENT_DISPOSITION, name);
    Ok(response)
}

/// Work that waits for the disk or takes its time, where nobody else waits for it.
///
/// # Errors
/// Its own; or it broke.
pub(crate) async fn apart<T: Send + 'static>(work: impl FnOnce() -> Result<T, Error> + Send + 'static) -> Result<T, Problem> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => Ok(done?),
        Err(_) => Err(Error::defect("an answer could not be written").into()),
    }
}

/// What a verb found, as JSON.
///
/// # Errors
/// It has no form in JSON.
pub(super) fn found<T: Serialize>(found: &T) -> Result<Response, Problem> {
    let body = serde_json::to_vec(found).map_err(|_| Error::defect("an answer has no form in JSON"))?;
    Ok(([(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], body).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(accept: &str) -> Result<&'static str, Code> {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, HeaderValue::from_str(accept).unwrap());
        form(&headers).map(|at| FORMS[at].0).map_err(|problem| problem.code)
    }

    #[test]
    fn the_form_is_the_one_liked_best() {
        assert_eq!(FORMS[form(&HeaderMap::new()).unwrap()].0, "application/json");
        assert_eq!(chosen("*/*"), Ok("application/json"));
        assert_eq!(chosen("text/csv"), Ok("text/csv"));
        assert_eq!(chosen("text/html, text/*;q=0.5, */*;q=0.1"), Ok("text/csv"));
        assert_eq!(chosen("application/json;q=0.2, application/vnd.apache.parquet"), Ok("application/vnd.apache.parquet"));
        assert_eq!(chosen("application/json;q=0, */*"), Ok("text/csv"), "what is not wanted is not sent");
        assert_eq!(chosen("text/html"), Err(Code::NotAcceptable));
        assert_eq!(chosen("text/csv;q=x"), Err(Code::NotAcceptable));
    }
}
