//! An empty file of an extract, for whoever hands it in: the headings, and what each column is for. It is made of definitions alone.

use super::{of_path, of_query};
use crate::{
    clock,
    console::words::Language,
    serve::{
        answer::{self, FORMS, SHEET},
        asker::Asker,
        problem::{Code, Problem},
    },
    template,
    upload::Untaken,
};
use axum::{
    extract::{
        Path, Query,
        rejection::{PathRejection, QueryRejection},
    },
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse as _, Response},
};
use serde::Deserialize;
use serde_json::json;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::serve) struct Asked {
    language: Option<String>,
}

pub(in crate::serve) async fn show(
    asker: Asker,
    headers: HeaderMap,
    extract: Result<Path<String>, PathRejection>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, Problem> {
    let (name, Asked { language }, form) = (of_path(extract)?, of_query(asked)?, answer::form(&headers)?);
    let (hub, session) = asker.admitted("ingest")?;
    let extract = hub.definitions.departments.extract(&name).ok_or(Problem::new(Code::NotFound))?;
    if asker.department().is_some_and(|own| own != extract.department) {
        return Err(crate::Error::from(Untaken::Department).into());
    }
    session.look("template", &extract.name, clock::now_ms())?;
    let (model, language) = (&hub.definitions.model, Language::asked(language.as_deref(), &headers));
    let (media, _, ending) = FORMS[form];
    if answer::is_objects(form) {
        let columns = template::columns(extract, model, language);
        return answer::found(
            &json!({"extract": extract.name, "department": extract.department, "label": extract.label, "columns": columns}),
        );
    }
    let mut response = match media {
        SHEET => ([(header::CONTENT_TYPE, HeaderValue::from_static(SHEET))], template::workbook(extract, model, language)?).into_response(),
        _ => answer::table(template::rows(extract)?, form).await?,
    };
    let name = format!("attachment; filename=\"{}-template.{ending}\"", extract.name);
    let name = HeaderValue::try_from(name).map_err(|_| Problem::new(Code::Internal))?;
    response.headers_mut().insert(header::CONTENT_DISPOSITION, name);
    Ok(response)
}
