//! One upload, from what has come of it to its receipts.

use super::{
    Id, path,
    told::{All, File, Found, Known, Receipt, Upload, Work, size},
};
use crate::{
    console::{
        guest::Visit,
        link,
        page::{Page, html},
        screen::{of_form, of_query},
    },
    serve::problem::Problem,
};
use askama::Template;
use axum::{
    Form,
    body::Body,
    extract::{
        Query,
        rejection::{FormRejection, QueryRejection},
    },
    http::Method,
    response::Response,
};
use serde::Deserialize;
use serde_json::{Value, json};
use wuwei_schema::Label;

/// How a text can be written, as `--encoding` takes it.
const ENCODINGS: [&str; 3] = ["gb18030", "utf-8", "utf-16"];

#[derive(Debug, Template)]
#[template(path = "upload_one.html")]
struct UploadPage {
    page: Page,
    upload: Upload,
    /// The same, while it can be gone on with.
    known: Vec<Upload>,
    most: u64,
    most_said: String,
    found: Option<Found>,
    receipts: Vec<Receipt>,
    /// Extracts that it may be: department, name, label.
    extracts: Vec<(String, String, String)>,
    encodings: [&'static str; 3],
    /// What a file may be said to be.
    formats: [&'static str; 10],
    /// Whether whoever asks may bring up to date what follows.
    refreshes: bool,
    mends: bool,
}

impl UploadPage {
    /// Whether what was found can be published.
    fn publishes(&self) -> bool {
        !self.upload.loaded
            && !self.upload.is_live()
            && !self.upload.waits()
            && self.found.as_ref().is_some_and(|found| found.has_any(self.upload.reading.shrunk))
    }

    fn is_encoding(&self, encoding: &str) -> bool {
        self.upload.reading.encoding.as_deref() == Some(encoding)
    }

    fn is_format(&self, format: &str) -> bool {
        self.upload.reading.format.as_deref() == Some(format)
    }

    fn is_extract(&self, name: &str) -> bool {
        self.upload.reading.extract.as_deref() == Some(name)
    }
}

impl Found {
    /// Whether there is something to load: rows, or that there are none any more, where somebody says so.
    fn has_any(&self, is_shrunk: bool) -> bool {
        self.files.iter().filter_map(|file| file.known.as_ref()).any(|known| known.read > 0 || is_shrunk)
    }

    /// Extracts of it that are loaded only when somebody says so.
    fn off(&self) -> Vec<&Known> {
        self.files.iter().filter_map(|file: &File| file.known.as_ref()).filter(|known| known.is_off).collect()
    }
}

pub(super) async fn show(visit: Visit, id: Id) -> Result<Response, Problem> {
    let path = path(id, "")?;
    let upload: Upload = visit.get(&path).await?;
    let is_looked = upload.is_whole() && !upload.loaded && !upload.is_live() && upload.work.is_some();
    // Where nobody has looked yet, or what was found is forgotten, there is nothing to show.
    let found = if is_looked { visit.get::<Found>(&format!("{path}/check")).await.ok() } else { None };
    let receipts = receipts(&visit, &upload).await;
    let most = visit.get::<All>("/api/v1/uploads").await?.most_bytes;
    let page = Page::of(&visit.guest, "upload");
    let verbs = &visit.inside.signed.verbs;
    Ok(html(&UploadPage {
        extracts: extracts(&visit, &page),
        encodings: ENCODINGS,
        formats: wuwei_ingest::FORMATS,
        refreshes: verbs.contains(&"refresh"),
        mends: verbs.contains(&"rejects"),
        known: Some(upload.clone()).filter(|upload| !upload.is_whole()).into_iter().collect(),
        most_said: size(most),
        most,
        found,
        receipts,
        upload,
        page,
    }))
}

/// Those of its jobs that whoever asks may see.
async fn receipts(visit: &Visit, upload: &Upload) -> Vec<Receipt> {
    let mut receipts = Vec::new();
    for job in upload.work.iter().flat_map(|work: &Work| &work.jobs).take(200) {
        receipts.extend(visit.get::<Receipt>(&format!("/api/v1/jobs/{job}")).await.ok());
    }
    receipts
}

/// Extracts of the department that whoever asks acts for, or of all.
fn extracts(visit: &Visit, page: &Page) -> Vec<(String, String, String)> {
    let (hub, own) = (visit.guest.console.state.hub(), visit.inside.account.department.as_deref());
    let known = hub.definitions.departments.extracts().filter(|(department, _)| own.is_none_or(|own| own == department.code));
    let label = |label: &Label| page.language.label(label).to_owned();
    known.map(|(department, extract)| (label(&department.label), extract.name.clone(), label(&extract.label))).collect()
}

#[derive(Debug, Template)]
#[template(path = "upload_work.html")]
struct WorkPart {
    page: Page,
    upload: Upload,
}

/// How far it is; when nothing is done any more, the page is looked at anew.
pub(super) async fn work(visit: Visit, id: Id) -> Result<Response, Problem> {
    let upload: Upload = visit.get(&path(id, "")?).await?;
    if upload.is_live() {
        return Ok(html(&WorkPart { page: Page::of(&visit.guest, "upload"), upload }));
    }
    Ok(visit.guest.sent(&format!("/upload/{}", upload.upload)))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    extract: String,
    format: String,
    encoding: String,
    delimiter: String,
    quote: String,
    escape: String,
    heading_row: String,
    sheet: String,
    shrunk: Option<String>,
    late: Option<String>,
}

/// Reads it so.
pub(super) async fn check(visit: Visit, id: Id, typed: Result<Form<Typed>, FormRejection>) -> Result<Response, Problem> {
    let typed = of_form(typed)?;
    let said = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let reading = json!({
        "extract": said(&typed.extract), "format": said(&typed.format), "encoding": said(&typed.encoding),
        "delimiter": said(&typed.delimiter),
        "quote": said(&typed.quote), "escape": said(&typed.escape), "heading_row": typed.heading_row.trim().parse::<u64>().ok(),
        "sheet": said(&typed.sheet), "shrunk": typed.shrunk.is_some(), "late": typed.late.is_some(),
    });
    begun(&visit, id, "check", &reading).await
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    refresh: Option<String>,
    /// Extracts that are off by default, with commas between.
    with: Option<String>,
}

pub(super) async fn publish(visit: Visit, id: Id, wanted: Result<Form<Wanted>, FormRejection>) -> Result<Response, Problem> {
    let Wanted { refresh, with } = of_form(wanted)?;
    let with: Vec<&str> = with.iter().flat_map(|names| names.split(',')).filter(|name| !name.is_empty()).collect();
    begun(&visit, id, "publish", &json!({"refresh": refresh.is_some(), "with": with})).await
}

pub(super) async fn cancel(visit: Visit, id: Id) -> Result<Response, Problem> {
    begun(&visit, id, "cancel", &json!({})).await
}

/// Does something with it, and goes back to its page.
async fn begun(visit: &Visit, id: Id, what: &str, body: &Value) -> Result<Response, Problem> {
    let upload: Upload = visit.does(Method::POST, &path(id, &format!("/{what}"))?, Body::from(body.to_string())).await?;
    Ok(visit.guest.sent(&format!("/upload/{}", upload.upload)))
}

#[derive(Deserialize)]
pub(super) struct Called {
    code: String,
}

pub(super) async fn department_file(visit: Visit, id: Id, called: Result<Query<Called>, QueryRejection>) -> Result<Response, Problem> {
    let code = link::escaped(of_query(called)?.code.trim());
    visit.fetch(&path(id, &format!("/department-file?code={code}"))?, "*/*").await
}
