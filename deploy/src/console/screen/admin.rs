//! Who may come in: accounts, made and changed as the API does it. A one-time password is on the page that answers the form which made it, and
//! on no other. What policies say, which departments deliver what and what runs by itself is beside it, to be read.

pub(crate) mod departments;
pub(crate) mod policies;
pub(crate) mod schedules;

use super::{Trouble, of_form, of_path, search::department};
use crate::{
    account::{ROLES, keeping::Change, outside::SignIn},
    clock,
    console::{
        guest::Visit,
        link,
        page::{Page, html},
    },
    serve::problem::{Code, Problem},
};
use askama::Template;
use axum::{
    Form,
    extract::{
        Path,
        rejection::{FormRejection, PathRejection},
    },
    http::Method,
    response::Response,
};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Debug, Deserialize)]
struct Listed {
    accounts: Vec<Account>,
}

#[derive(Debug, Deserialize)]
struct Account {
    name: String,
    role: String,
    department: Option<String>,
    area: Option<String>,
    #[serde(default)]
    purposes: Vec<String>,
    made: String,
    disabled: bool,
    one_time: bool,
    sign_in: SignIn,
    bound: bool,
    second_factor: bool,
    #[serde(default)]
    tokens: Vec<Token>,
}

#[derive(Debug, Deserialize)]
struct Token {
    label: String,
    expires: String,
}

impl Users {
    /// Whether it is whoever looks at the page: nobody changes their own.
    fn is_own(&self, account: &Account) -> bool {
        self.page.who.as_ref().is_some_and(|who| who.name == account.name)
    }
}

impl Account {
    fn made(&self) -> String {
        clock::local(&self.made)
    }

    fn is_of(&self, code: &str) -> bool {
        self.department.as_deref() == Some(code)
    }

    /// What it is, by the key of its words.
    fn state(&self) -> &'static str {
        match (self.disabled, self.one_time, self.sign_in) {
            (true, ..) => "closed",
            (false, true, _) => "one_time",
            (false, false, SignIn::Oidc) if self.bound => "outside",
            (false, false, SignIn::Oidc) => "unbound",
            (false, false, SignIn::Password) => "open",
        }
    }

    /// What may be done to it: each with its address and the key of its words.
    fn changes(&self, provider: &bool) -> Vec<(String, String)> {
        let is_sensible = |change: &Change| match change {
            Change::Disable => !self.disabled,
            Change::Enable => self.disabled,
            Change::ResetSecondFactor => self.second_factor,
            Change::SignInOidc => *provider || self.sign_in == SignIn::Oidc,
            Change::Reset | Change::SignOut => true,
        };
        let path = |change: Change| format!("/admin/users/{}/{}", link::escaped(&self.name), change.name());
        Change::ALL.into_iter().filter(is_sensible).map(|change| (path(change), change.name().to_owned())).collect()
    }
}

/// A purpose that may be stated, and by whom.
#[derive(Debug, Deserialize)]
pub(super) struct Purpose {
    pub(super) name: String,
    pub(super) basis: String,
    pub(super) roles: Vec<String>,
    #[serde(default)]
    pub(super) departments: Vec<String>,
    pub(super) types: Vec<String>,
    pub(super) sources: Vec<String>,
    pub(super) classes: Vec<String>,
    #[serde(default)]
    pub(super) until: Option<String>,
}

/// What the API says of policies; only what the page of accounts needs.
#[derive(Debug, Deserialize)]
struct Registry {
    purposes: Vec<Purpose>,
}

#[derive(Debug, Template)]
#[template(path = "admin.html")]
struct Users {
    page: Page,
    accounts: Vec<Account>,
    roles: Vec<&'static str>,
    /// Code and name.
    departments: Vec<(String, String)>,
    purposes: Vec<Purpose>,
    /// Whether there is a provider that says who comes.
    provider: bool,
    told: Told,
}

/// What became of a form.
#[derive(Debug, Default)]
struct Told {
    /// An account with its one-time password, this once.
    given: Option<(String, String)>,
    /// What was changed.
    done: Option<&'static str>,
    /// Why nothing was.
    wrong: Option<Trouble>,
}

async fn shown(visit: &Visit, told: Told) -> Result<Response, Problem> {
    let Listed { accounts } = visit.get("/api/v1/users").await?;
    let Registry { purposes } = visit.get("/api/v1/policies").await?;
    let page = Page::of(&visit.guest, "admin");
    let hub = visit.guest.console.state.hub();
    let codes = hub.definitions.departments.list.iter().map(|known| known.code.clone());
    let departments = codes.map(|code| (code.clone(), department(&page, visit, &code))).collect();
    let provider = visit.guest.console.state.oidc().is_some();
    Ok(html(&Users { page, accounts, roles: ROLES.to_vec(), departments, purposes, provider, told }))
}

pub(crate) async fn users(visit: Visit) -> Result<Response, Problem> {
    shown(&visit, Told::default()).await
}

/// What the API answers to a change.
#[derive(Debug, Deserialize)]
struct Made {
    account: String,
    #[serde(default)]
    one_time_password: Option<String>,
}

/// What to show of it; a refusal that whoever asked can mend is told beside the form.
fn told(made: Result<Made, Problem>, done: &'static str) -> Result<Told, Problem> {
    match made {
        Ok(Made { account, one_time_password }) => {
            Ok(Told { given: one_time_password.map(|password| (account, password)), done: Some(done), wrong: None })
        }
        Err(problem) if [Code::NotPossible, Code::NotFound].contains(&problem.code) => {
            Ok(Told { wrong: Some(Trouble::of(&problem)), ..Told::default() })
        }
        Err(problem) => Err(problem),
    }
}

/// Makes one. A purpose may be ticked more than once, so the form is read as pairs.
pub(crate) async fn add(visit: Visit, typed: Result<Form<Vec<(String, String)>>, FormRejection>) -> Result<Response, Problem> {
    let typed = of_form(typed)?;
    let one = |name| filled(&typed, name).next().unwrap_or_default();
    let some = |name| filled(&typed, name).next().map_or(Value::Null, |value| json!(value));
    let asked = json!({
        "name": one("name"), "role": one("role"), "department": some("department"), "area": some("area"),
        "purposes": filled(&typed, "purpose").collect::<Vec<_>>(),
        "sign_in": filled(&typed, "sign_in").next().unwrap_or("password"),
    });
    let made = visit.submit(Method::POST, "/api/v1/users", &asked).await;
    shown(&visit, told(made, "admin.added")?).await
}

/// What was filled in of a field, in its order.
fn filled<'a>(typed: &'a [(String, String)], name: &'static str) -> impl Iterator<Item = &'a str> {
    typed.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
}

pub(crate) async fn change(visit: Visit, which: Result<Path<(String, String)>, PathRejection>) -> Result<Response, Problem> {
    let (name, change) = of_path(which)?;
    let path = format!("/api/v1/users/{}/{}", link::escaped(&name), link::escaped(&change));
    let made = visit.submit(Method::POST, &path, &json!({})).await;
    shown(&visit, told(made, "admin.changed")?).await
}

/// What an account is to be.
#[derive(Debug, Deserialize)]
pub(crate) struct Becomes {
    role: String,
    department: String,
    area: String,
    /// Whether it may state every purpose that is registered for it; else those that it may, if these are.
    every: Option<String>,
}

pub(crate) async fn assign(
    visit: Visit,
    name: Result<Path<String>, PathRejection>,
    typed: Result<Form<Becomes>, FormRejection>,
) -> Result<Response, Problem> {
    let path = format!("/api/v1/users/{}", link::escaped(&of_path(name)?));
    let Becomes { role, department, area, every } = of_form(typed)?;
    let mut asked = json!({"role": role, "department": department, "area": area.trim()});
    if every.is_some() {
        asked["purposes"] = json!([]);
    }
    let made = visit.submit(Method::PATCH, &path, &asked).await;
    shown(&visit, told(made, "admin.changed")?).await
}
