//! What policies say, for administrators and auditors: roles with what each sees and does for a purpose, registered purposes, limits and alarms,
//! and the policies as they are written. It is read only: they are files, and who changes a file is accounted for by whoever keeps the files.

use super::of_query;
use crate::{
    account::ROLES,
    clock,
    serve::{
        answer,
        asker::Asker,
        problem::{Code, Problem},
    },
};
use axum::{
    extract::{Query, rejection::QueryRejection},
    response::Response,
};
use serde::Deserialize;
use serde_json::json;
use wuwei_query::{Principal, Purpose};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::serve) struct Asked {
    role: Option<String>,
    department: Option<String>,
    purpose: Option<String>,
}

pub(in crate::serve) async fn show(asker: Asker, asked: Result<Query<Asked>, QueryRejection>) -> Result<Response, Problem> {
    let Asked { role, department, purpose } = of_query(asked)?;
    let asking = asker.enter("policies").await?;
    asking.session.look("policies", &format!("{role:?} {department:?} {purpose:?}"), clock::now_ms())?;
    let policies = &asking.hub.definitions.policies;
    let mut told = json!({
        "roles": ROLES,
        "second_factor": asker.state().second_factor(),
        "purposes": policies.registry(),
        "limits": policies.allowances(),
        "alarms": policies.alarms(),
        "written": policies.written(),
    });
    if let (Some(role), Some(purpose)) = (role, purpose) {
        // Nobody of that role: what somebody would see who is.
        let place = department.map(|code| format!("@{code}")).unwrap_or_default();
        let (principal, today) = (Principal::parse(&format!("{role}:{role}{place}"))?, clock::today());
        if !policies.purposes_of(&principal, &today).any(|(known, _)| known == purpose) {
            let hint = "`purposes` of this answer without `role` and `purpose` lists who may state which";
            return Err(Problem::because(Code::NotPossible, "the purpose is not registered for this role and department", hint));
        }
        let session = asking.hub.session_of(principal, Purpose::parse(&purpose)?)?;
        told["tables"] = json!(session.tables_seen()?);
        told["verbs"] = json!(policies.verbs().into_iter().filter(|verb| session.offers(verb)).collect::<Vec<_>>());
    }
    answer::found(&told)
}
