//! What is done with a file that has come whole: how it is read, what its columns may be, loading it. The first and the last take their
//! time, go on by themselves, and are asked after.

use super::{Id, VERB, apart, own};
use crate::{
    clock,
    command::suggest::is_code,
    console::words::Language,
    serve::{
        State, answer,
        asker::Asker,
        handler::{Whole, mapping, of_query},
        problem::{Code, Problem},
    },
    upload::{self, Order, ReadAs, What},
};
use axum::{
    extract::{Query, rejection::QueryRejection},
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse as _, Response},
};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::runtime::Handle;
use wuwei_ingest::{Naming, Settled, Suggestion};
use wuwei_schema::Notice;

/// What was found, as it is told in that language: each code with its sentence, each reason for which a row would be refused. It is kept once,
/// in codes and in Chinese.
pub(in crate::serve::handler) fn in_words(mut found: Value, language: Language) -> Value {
    for file in found["files"].as_array_mut().into_iter().flatten() {
        for told in ["/understood/evidence", "/understood/remarks"] {
            for told in file.pointer_mut(told).and_then(Value::as_array_mut).into_iter().flatten() {
                if let Ok(Notice { code, with }) = Notice::deserialize(&*told) {
                    let said = language.told(&Notice { code: code.clone(), with: with.clone() });
                    *told = json!({"code": code, "with": with, "said": said});
                }
            }
        }
        for reject in file.pointer_mut("/rejects").and_then(Value::as_array_mut).into_iter().flatten() {
            let text = |name: &str| reject[name].as_str().unwrap_or_default();
            reject["reason"] = json!(language.why(text("rule"), text("reason")));
        }
    }
    found
}

/// Begins to look at it, read as the body says.
pub(in crate::serve) async fn check(asker: Asker, id: Id, headers: HeaderMap, body: Whole) -> Result<Response, Problem> {
    let (upload, session) = own(&asker, id)?;
    let reading: ReadAs = body.json(&headers)?;
    let hint = reading.hint(asker.department())?;
    session.look("check", &upload.id(), clock::now_ms())?;
    // While a mapping of it waits to be confirmed, it is read by that.
    let order = match mapping::again(&asker, &session, &upload, &reading).await? {
        Some(order) => order,
        None => Order {
            what: What::Check,
            hint,
            refresh: false,
            session: Some(session),
            by: None,
            hub: asker.state().hub(),
            turn: Box::new(|| {}),
        },
    };
    begun(&asker, upload, Some(reading), order).await
}

/// What was found.
pub(in crate::serve) async fn checked(asker: Asker, headers: HeaderMap, id: Id) -> Result<Response, Problem> {
    let (upload, session) = own(&asker, id)?;
    session.look("check", &upload.id(), clock::now_ms())?;
    let found = apart(move || upload.looked()).await?;
    answer::found(&in_words(found, Language::asked(None, &headers)))
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Wanted {
    refresh: bool,
    with: Option<Vec<String>>,
}

/// Begins to load it, read as it was looked at last.
pub(in crate::serve) async fn publish(asker: Asker, id: Id, headers: HeaderMap, body: Whole) -> Result<Response, Problem> {
    let (upload, session) = own(&asker, id)?;
    let Wanted { refresh, with } = body.json(&headers)?;
    if refresh {
        session.may_run("refresh", clock::now_ms())?;
    }
    let mut hint = upload.reading().hint(asker.department())?;
    hint.with = with.unwrap_or(hint.with);
    session.look(VERB, &upload.id(), clock::now_ms())?;
    let (hub, turn) = (asker.state().hub(), turning(asker.state()));
    let order = Order { what: What::Publish, hint, refresh, session: None, by: None, hub, turn };
    begun(&asker, upload, None, order).await
}

/// Turns to the newest epoch, from a thread that waits for it; where that fails, it is looked for again anyhow.
fn turning(state: &Arc<State>) -> Box<dyn Fn() + Send> {
    let (state, handle) = (Arc::clone(state), Handle::current());
    Box::new(move || drop(handle.block_on(state.turn())))
}

async fn begun(asker: &Asker, upload: Arc<upload::Upload>, reading: Option<ReadAs>, order: Order) -> Result<Response, Problem> {
    let (state, begun) = (Arc::clone(asker.state()), Arc::clone(&upload));
    let begin = move || {
        if let Some(reading) = reading {
            begun.read_as(reading)?;
        }
        state.uploads().begin(&begun, order)
    };
    apart(begin).await?;
    answer::found(&upload.shown())
}

/// Ends what is being done with it.
pub(in crate::serve) async fn cancel(asker: Asker, id: Id) -> Result<Response, Problem> {
    let (upload, session) = own(&asker, id)?;
    session.look("upload", "cancelled", clock::now_ms())?;
    upload.cancel()?;
    answer::found(&upload.shown())
}

pub(in crate::serve) async fn suggestion(asker: Asker, id: Id) -> Result<Response, Problem> {
    answer::found(&suggested(&asker, id).await?)
}

#[derive(Deserialize)]
pub(in crate::serve) struct Called {
    code: String,
}

/// The same as the file of a department of that code, for a person to complete.
pub(in crate::serve) async fn department_file(
    asker: Asker,
    id: Id,
    called: Result<Query<Called>, QueryRejection>,
) -> Result<Response, Problem> {
    let Called { code } = of_query(called)?;
    if !is_code(&code) {
        return Err(Problem::because(Code::BadRequest, "no department has such a code", "small letters, digits and `_`, a letter first"));
    }
    let text = suggested(&asker, id).await?.department_file(&Naming { code: code.clone(), ..Naming::default() });
    let mut response = text.into_response();
    let name = HeaderValue::try_from(format!("attachment; filename=\"{code}.toml\"")).map_err(|_| Problem::new(Code::Internal))?;
    response.headers_mut().insert(header::CONTENT_DISPOSITION, name);
    Ok(response)
}

async fn suggested(asker: &Asker, id: Id) -> Result<Suggestion, Problem> {
    let (upload, session) = own(asker, id)?;
    session.look("suggest", &upload.id(), clock::now_ms())?;
    let asking = asker.enter(VERB).await?;
    let hint = upload.reading().hint(asker.department())?;
    upload::suggest(&asking.hub, &upload, &hint, &Settled::default()).await.map_err(of_file)
}

/// A file that cannot be looked at is told to whoever sent it.
fn of_file(error: crate::Error) -> Problem {
    if error.is_of_the_file() { Problem::of_file(&error, &error.to_string()) } else { error.into() }
}
