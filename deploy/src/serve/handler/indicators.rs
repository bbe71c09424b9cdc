//! The figures that departments and areas are judged by.

use super::of_query;
use crate::{
    command::indicators,
    serve::{answer, asker::Asker, problem::Problem},
};
use axum::{
    extract::{Query, rejection::QueryRejection},
    response::Response,
};
use serde::Deserialize;

#[derive(Deserialize)]
pub(in crate::serve) struct Asked {
    department: Option<String>,
    area: Option<String>,
}

pub(in crate::serve) async fn figures(asker: Asker, asked: Result<Query<Asked>, QueryRejection>) -> Result<Response, Problem> {
    let asked = of_query(asked)?;
    let asking = asker.enter("indicators").await?;
    let (department, area) = (asked.department.as_deref(), asked.area.as_deref());
    answer::found(&indicators::figures(&asking.hub, &asking.session, asker.state().figures(), (department, area)).await?)
}
