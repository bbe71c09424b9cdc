//! Mappings of files that no department describes: handed over or proposed by whoever handed the file in, completed by whoever may define what
//! departments deliver, and confirmed by one of these who did not write it. What is confirmed is a department file of the hub from then on.
//! Of the file itself only its headings and counts are shown to others than its owner.

use super::{
    Whole, of_path,
    upload::{apart, in_words},
};
use crate::{
    Error, clock,
    command::suggest::{is_code, naming},
    console::words::Language,
    definitions::confirmed::{self, BYTES, Kept},
    hub::Hub,
    serve::{
        answer,
        asker::Asker,
        problem::{Code, Problem},
    },
    upload::{self, Order, ReadAs, Stands, Unsettled, Upload, What, file_name},
};
use axum::{
    extract::{Path, rejection::PathRejection},
    http::HeaderMap,
    response::Response,
};
use serde::Deserialize;
use serde_json::{Value, json};
use std::{collections::BTreeMap, sync::Arc};
use wuwei_ingest::{Departments, Meant, Naming, Settled, conform};
use wuwei_query::Session;
use wuwei_schema::{Label, SourceFile};

/// What whoever completes and confirms mappings may do.
const VERB: &str = "define";
/// What of a mapping that does not hold is told at once.
const TOLD: usize = 5;

type Id = Result<Path<String>, PathRejection>;

/// A file whose mapping is looked at.
struct Looking {
    upload: Arc<Upload>,
    hub: Arc<Hub>,
    session: Session,
    /// Whether whoever asks handed it in.
    is_own: bool,
}

/// The upload of that number: one's own, or one whose mapping was handed over, for whoever may define.
fn looking(asker: &Asker, id: Id) -> Result<Looking, Problem> {
    let id = of_path(id)?;
    let uploads = asker.state().uploads();
    if let Some(upload) = uploads.find(asker.name(), &id)? {
        let (hub, session) = asker.admitted("ingest")?;
        return Ok(Looking { upload, hub, session, is_own: true });
    }
    // Another's is not there for whoever may not define.
    let (hub, session) = asker.session()?;
    let upload = uploads.handed_over(&id)?.filter(|_| session.offers(VERB)).ok_or(Problem::new(Code::NotFound))?;
    Ok(Looking { upload, hub, session, is_own: false })
}

/// Those that wait.
pub(in crate::serve) async fn all(asker: Asker) -> Result<Response, Problem> {
    let (_, session) = asker.admitted(VERB)?;
    session.look(VERB, "", clock::now_ms())?;
    answer::found(&json!({"mappings": asker.state().uploads().waiting()?}))
}

pub(in crate::serve) async fn one(asker: Asker, headers: HeaderMap, id: Id) -> Result<Response, Problem> {
    let looking = looking(&asker, id)?;
    looking.session.look(VERB, &looking.upload.id(), clock::now_ms())?;
    answer::found(&told(&asker, &looking, &headers)?)
}

/// How it stands, without a value of the file.
fn told(asker: &Asker, looking: &Looking, headers: &HeaderMap) -> Result<Value, Problem> {
    let language = Language::asked(None, headers);
    let Looking { upload, session, is_own, .. } = looking;
    let proposal = upload.proposal();
    let text = proposal.as_ref().map(|_| upload.mapping_text()).transpose()?;
    let defines = session.offers(VERB);
    let confirms = proposal.as_ref().is_some_and(|proposal| defines && upload.to_confirm(asker.name(), &proposal.digest).is_ok());
    let found = upload.looked().ok().map(|found| in_words(without_values(found), language));
    Ok(json!({
        "upload": upload.shown(), "owner": upload.owner(), "own": is_own, "mapping": proposal, "text": text, "found": found,
        "defines": defines, "confirms": confirms,
    }))
}

/// What was found in a file, without its first rows.
fn without_values(mut found: Value) -> Value {
    for file in found["files"].as_array_mut().into_iter().flatten() {
        if let Some(file) = file.as_object_mut() {
            file.remove("first");
        }
    }
    found
}

/// What a person says of a file and its columns.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Chosen {
    code: String,
    label: Option<Label>,
    extract: Option<String>,
    extract_label: Option<Label>,
    /// By heading: `person.name`, `groom:person.name`, or nothing for a column that is not mapped.
    fields: BTreeMap<String, String>,
    /// By heading, why it is not.
    reasons: BTreeMap<String, String>,
}

/// The proposal with what somebody chose in it, as columns and as the text of a department file; nothing is kept.
pub(in crate::serve) async fn draft(asker: Asker, id: Id, headers: HeaderMap, body: Whole) -> Result<Response, Problem> {
    let looking = looking(&asker, id)?;
    let Chosen { code, label, extract, extract_label, fields, reasons } = body.json(&headers)?;
    looking.session.look("suggest", &looking.upload.id(), clock::now_ms())?;
    let own = if looking.is_own { asker.department() } else { None };
    let code = if code.trim().is_empty() { own.unwrap_or_default().to_owned() } else { code.trim().to_owned() };
    let settled = settled(fields)?;
    let said = Naming { label, extract, extract_label, reasons, ..Naming::default() };
    let naming = naming(&looking.hub.definitions.departments, &code, said);
    let hint = looking.upload.reading().hint(own)?;
    // Processes that read wait for their turn like those that answer.
    let _asking = asker.enter(if looking.is_own { "ingest" } else { VERB }).await?;
    let suggestion = upload::suggest(&looking.hub, &looking.upload, &hint, &settled).await.map_err(of_file)?;
    answer::found(&json!({"text": suggestion.department_file(&naming), "naming": naming, "suggestion": suggestion}))
}

/// A file that cannot be looked at is told to whoever asks, as the refusal of a file.
fn of_file(error: Error) -> Problem {
    if error.is_of_the_file() { Problem::of_file(&error, &error.to_string()) } else { error.into() }
}

fn settled(fields: BTreeMap<String, String>) -> Result<Settled, Problem> {
    let one = |(heading, field): (String, String)| match field.trim() {
        "" => Ok((heading, None)),
        text => match Meant::parse(text) {
            Some(meant) => Ok((heading, Some(meant))),
            None => Err(Problem::because(
                Code::BadRequest,
                "what a column becomes is no field",
                "write it as person.name, or with the part that somebody plays as groom:person.name",
            )),
        },
    };
    fields.into_iter().map(one).collect::<Result<_, _>>().map(Settled)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    text: String,
    /// Whether it leaves something open on purpose, for somebody else to settle.
    #[serde(default)]
    open: bool,
}

/// Hands a mapping over: complete, and the file is read by it to see what it would be; or with what somebody else has to settle.
pub(in crate::serve) async fn propose(asker: Asker, id: Id, headers: HeaderMap, body: Whole) -> Result<Response, Problem> {
    let looking = looking(&asker, id)?;
    let Written { text, open } = body.json(&headers)?;
    if text.len() as u64 > BYTES {
        return Err(Error::from(Unsettled::Long).into());
    }
    let (upload, who) = (Arc::clone(&looking.upload), asker.name().to_owned());
    if open {
        account_for(&looking, &format!("mapping handed over: {}", confirmed::digest(&text)))?;
        apart(move || upload.propose(&who, None, &text)).await?;
        return answer::found(&told(&asker, &looking, &headers)?);
    }
    let (code, extract) = stated(&text)?;
    check_owner(&asker, &looking.upload, &code)?;
    let hub = read_by(&looking.hub, &code, &extract, &text).await?;
    account_for(&looking, &format!("mapping proposed: {code} {extract} {}", confirmed::digest(&text)))?;
    let order = order(&looking, hub, &code, &looking.upload.reading())?;
    let state = Arc::clone(asker.state());
    let begin = move || {
        let digest = upload.propose(&who, Some((code, extract)), &text)?;
        state.uploads().begin(&upload, Order { by: Some(digest), ..order })
    };
    apart(begin).await?;
    answer::found(&told(&asker, &looking, &headers)?)
}

/// What a text says that it defines: one extract of one department.
fn stated(text: &str) -> Result<(String, String), Problem> {
    let file = SourceFile { name: "mapping.toml".to_owned(), text: text.to_owned() };
    let (code, mut extracts) = Departments::stated(&file).map_err(|error| Problem::of_mapping(error.into()))?;
    match (extracts.pop(), extracts.is_empty()) {
        (Some(extract), true) if is_code(&code) && is_code(&extract) => Ok((code, extract)),
        _ => Err(Error::from(Unsettled::Name).into()),
    }
}

/// Whoever acts for a department hands in what is its own.
fn check_owner(asker: &Asker, upload: &Upload, code: &str) -> Result<(), Problem> {
    let owner = upload.owner();
    let accounts = asker.state().accounts().all()?;
    let department = accounts.iter().find(|account| account.name == owner).and_then(|account| account.department.clone());
    match department.filter(|department| department != code) {
        Some(department) => Err(Error::from(Unsettled::Department(department)).into()),
        None => Ok(()),
    }
}

/// The hub with that mapping beside all others, once it holds and does what every department file must.
async fn read_by(hub: &Hub, code: &str, extract: &str, text: &str) -> Result<Arc<Hub>, Problem> {
    let file = SourceFile { name: file_name(code, extract), text: text.to_owned() };
    let hub = Arc::new(hub.with(file).await.map_err(Problem::of_mapping)?);
    let (definitions, extract) = (Arc::clone(&hub.definitions), extract.to_owned());
    // Rows are written and read back by it, which takes long where it has many columns.
    apart(move || {
        let complaints = definitions.departments.extract(&extract).map(|extract| conform::complaints(extract, &definitions.model));
        match complaints.unwrap_or_default() {
            none if none.is_empty() => Ok(()),
            some => Err(Unsettled::Unfit(some.into_iter().take(TOLD).collect::<Vec<_>>().join("; ")).into()),
        }
    })
    .await?;
    Ok(hub)
}

/// To read the file by it and say how. First rows are for its owner.
fn order(looking: &Looking, hub: Arc<Hub>, code: &str, reading: &ReadAs) -> Result<Order, Problem> {
    let (principal, purpose) = (looking.session.principal().clone(), looking.session.purpose().clone());
    let session = if looking.is_own { Some(hub.session_of(principal, purpose)?) } else { None };
    let hint = reading.hint_of(code)?;
    Ok(Order { what: What::Check, hint, refresh: false, session, by: None, hub, turn: Box::new(|| {}) })
}

/// The same once more, for an upload that is read otherwise while its mapping waits; none where none does.
pub(super) async fn again(asker: &Asker, session: &Session, upload: &Arc<Upload>, reading: &ReadAs) -> Result<Option<Order>, Problem> {
    let Some(proposal) = upload.proposal().filter(|proposal| proposal.state == Stands::Proposed) else { return Ok(None) };
    let hub = asker.state().hub();
    let with = read_by(&hub, &proposal.code, &proposal.extract, &upload.mapping_text()?).await?;
    let looking = Looking { upload: Arc::clone(upload), hub, session: session.clone(), is_own: true };
    Ok(Some(Order { by: Some(proposal.digest), ..order(&looking, with, &proposal.code, reading)? }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Seen {
    /// The digest of the text that whoever settles it saw.
    digest: String,
    #[serde(default)]
    reason: Option<String>,
}

/// Makes it a department file of the hub. Whoever confirms it did not write it, and saw what the file would be by it.
pub(in crate::serve) async fn confirm(asker: Asker, id: Id, headers: HeaderMap, body: Whole) -> Result<Response, Problem> {
    let Seen { digest, .. } = body.json(&headers)?;
    let looking = confirming(&asker, id)?;
    let (proposal, file) = looking.upload.to_confirm(asker.name(), &digest)?;
    check_owner(&asker, &looking.upload, &proposal.code)?;
    let (upload, hub, who) = (Arc::clone(&looking.upload), Arc::clone(&looking.hub), asker.name().to_owned());
    let (principal, purpose) = (looking.session.principal().clone(), looking.session.purpose().clone());
    let told = format!("mapping confirmed: {} {} {digest}, of {}", proposal.code, proposal.extract, proposal.author);
    let kept = apart(move || {
        let account_for = || Ok(hub.audit().event(VERB, &principal, &purpose, &told, clock::now_ms())?);
        let kept = confirmed::keep(&hub.root, &hub.definitions, &file, account_for)?;
        // Where the program ended between the two, the file is there and its upload does not know.
        if matches!(kept, Kept::Before) {
            account_for()?;
        }
        upload.settle(&digest, &who, None)
    });
    kept.await?;
    asker.turn().await?;
    answer::found(&self::told(&asker, &looking, &headers)?)
}

/// Says that it does not become one, and why.
pub(in crate::serve) async fn refuse(asker: Asker, id: Id, headers: HeaderMap, body: Whole) -> Result<Response, Problem> {
    let Seen { digest, reason } = body.json(&headers)?;
    let looking = confirming(&asker, id)?;
    account_for(&looking, &format!("mapping refused: {}", looking.upload.id()))?;
    let (upload, who) = (Arc::clone(&looking.upload), asker.name().to_owned());
    apart(move || upload.settle(&digest, &who, Some(reason.as_deref().unwrap_or_default()))).await?;
    answer::found(&told(&asker, &looking, &headers)?)
}

/// For whoever may define, whosever the file is.
fn confirming(asker: &Asker, id: Id) -> Result<Looking, Problem> {
    let id = of_path(id)?;
    let (hub, session) = asker.admitted(VERB)?;
    let upload = asker.state().uploads().handed_over(&id)?.ok_or(Problem::new(Code::NotFound))?;
    let is_own = upload.owner() == asker.name();
    Ok(Looking { upload, hub, session, is_own })
}

/// Writes into the audit what is done to a mapping, before it is. What stands in a text is in none of it but its digest, and codes that are
/// checked.
fn account_for(looking: &Looking, what: &str) -> Result<(), Problem> {
    let (principal, purpose) = (looking.session.principal(), looking.session.purpose());
    Ok(looking.hub.audit().event(VERB, principal, purpose, what, clock::now_ms())?)
}
