//! Which department delivers what, how often, and under which class of sharing, as the department files have it.

use crate::{
    console::{
        guest::Visit,
        page::{Page, html},
        screen::{plain, search::department},
    },
    serve::problem::{Code, Problem},
};
use askama::Template;
use axum::response::Response;

const RESOURCES: &str =
    "SELECT provider, rid, name_zh, share_class, obliged, status, cycle_days FROM contract.resource ORDER BY provider, rid";

#[derive(Debug, Template)]
#[template(path = "admin_departments.html")]
struct Shown {
    page: Page,
    departments: Vec<Department>,
}

#[derive(Debug)]
struct Department {
    code: String,
    name: String,
    /// Its file, among those that the program carries or was given.
    file: String,
    resources: Vec<Resource>,
}

#[derive(Debug)]
struct Resource {
    rid: String,
    name: String,
    share_class: String,
    obliged: bool,
    status: String,
    cycle_days: String,
}

pub(crate) async fn show(visit: Visit) -> Result<Response, Problem> {
    if !visit.inside.signed.verbs.contains(&"user") {
        return Err(Problem::new(Code::Forbidden));
    }
    let page = Page::of(&visit.guest, "admin");
    let mut departments: Vec<Department> = Vec::new();
    for row in &visit.rows(RESOURCES).await?.rows {
        let [provider, rid, name, share_class, obliged, status, cycle_days] = row.as_slice() else { continue };
        let code = plain(provider);
        let resource = Resource {
            rid: plain(rid),
            name: plain(name),
            share_class: plain(share_class),
            obliged: obliged.as_bool().unwrap_or_default(),
            status: plain(status),
            cycle_days: plain(cycle_days),
        };
        match departments.last_mut().filter(|last| last.code == code) {
            Some(last) => last.resources.push(resource),
            None => {
                let (name, file) = (department(&page, &visit, &code), format!("departments/{code}.toml"));
                departments.push(Department { name, file, code, resources: vec![resource] });
            }
        }
    }
    Ok(html(&Shown { page, departments }))
}
