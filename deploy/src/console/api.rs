//! The one way from a page to the data: a request to the API, of whoever signed in, for what they said it is for.

use super::{guest::Visit, link};
use crate::{
    Error,
    serve::{
        asker::{PURPOSE, Signed},
        problem::{Code, Problem},
        wire::Peer,
    },
};
use axum::{
    body::Body,
    http::{Method, Request, header},
    response::Response,
};
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

/// Bytes of an answer that a page is made of.
const MOST: usize = 32 << 20;

/// Rows, as the API gives them in JSON.
#[derive(Debug, Deserialize)]
pub(crate) struct Rows {
    pub(crate) schema: Vec<Column>,
    pub(crate) rows: Vec<Vec<Value>>,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Column {
    pub(crate) name: String,
    #[serde(rename = "type")]
    pub(crate) kind: String,
}

impl Visit {
    /// What the API answers at that path.
    ///
    /// # Errors
    /// What the API refuses with.
    pub(crate) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Problem> {
        parsed(self.send(Method::GET, path, "application/json", Body::empty()).await?).await
    }

    /// The answer at that path as it is, in the form of that media type.
    ///
    /// # Errors
    /// What the API refuses with.
    pub(crate) async fn fetch(&self, path: &str, accept: &str) -> Result<Response, Problem> {
        self.send(Method::GET, path, accept, Body::empty()).await
    }

    /// The rows that a question is answered with.
    ///
    /// # Errors
    /// What the API refuses with.
    pub(crate) async fn rows(&self, question: &str) -> Result<Rows, Problem> {
        parsed(self.ask(question, "application/json").await?).await
    }

    /// The answer to a question, in the form of that media type.
    ///
    /// # Errors
    /// What the API refuses with.
    pub(crate) async fn ask(&self, question: &str, accept: &str) -> Result<Response, Problem> {
        self.send(Method::POST, "/api/v1/sql", accept, Body::from(json!({ "sql": question }).to_string())).await
    }

    /// What the API answers to what is sent to that path, as JSON.
    ///
    /// # Errors
    /// What the API refuses with.
    pub(crate) async fn post<T: DeserializeOwned>(&self, path: &str, body: &Value) -> Result<T, Problem> {
        parsed(self.send(Method::POST, path, "application/json", Body::from(body.to_string())).await?).await
    }

    /// Sets another password.
    ///
    /// # Errors
    /// What the API refuses with.
    pub(crate) async fn set_password(&self, password: &str) -> Result<(), Problem> {
        self.put("/api/v1/account/password", &json!({ "password": password })).await
    }

    /// Puts something at that path.
    ///
    /// # Errors
    /// What the API refuses with.
    pub(crate) async fn put(&self, path: &str, what: &Value) -> Result<(), Problem> {
        self.send(Method::PUT, path, "application/json", Body::from(what.to_string())).await.map(drop)
    }

    /// Takes away what is at that path.
    ///
    /// # Errors
    /// What the API refuses with.
    pub(crate) async fn delete(&self, path: &str) -> Result<(), Problem> {
        self.send(Method::DELETE, path, "application/json", Body::empty()).await.map(drop)
    }

    /// What a question would do.
    ///
    /// # Errors
    /// What the API refuses with.
    pub(crate) async fn plan<T: DeserializeOwned>(&self, question: &str) -> Result<T, Problem> {
        let body = Body::from(json!({ "sql": question }).to_string());
        parsed(self.send(Method::POST, "/api/v1/sql/plan", "application/json", body).await?).await
    }

    /// Asks for something to be done, and gives what the API answers to that.
    ///
    /// # Errors
    /// What the API refuses with.
    pub(crate) async fn submit<T: DeserializeOwned>(&self, method: Method, path: &str, what: &Value) -> Result<T, Problem> {
        parsed(self.send(method, path, "application/json", Body::from(what.to_string())).await?).await
    }

    async fn send(&self, method: Method, path: &str, accept: &str, body: Body) -> Result<Response, Problem> {
        let failed = |_| Problem::from(Error::defect("a page asked what is no request"));
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::ACCEPT, accept)
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::ACCEPT_LANGUAGE, self.guest.language.tag())
            .header(PURPOSE, link::escaped(&self.purpose))
            .extension(Peer(self.guest.address))
            .extension(Signed(self.inside.account.clone()))
            .body(body);
        let service = TowerToHyperService::new(self.guest.console.api.clone());
        let mut response = match service.call(request.map_err(failed)?).await {
            Ok(response) => response,
            Err(never) => match never {},
        };
        match response.extensions_mut().remove::<Problem>() {
            Some(problem) => Err(problem),
            None if response.status().is_success() => Ok(response),
            None => Err(Problem::new(Code::NotFound)),
        }
    }
}

async fn parsed<T: DeserializeOwned>(response: Response) -> Result<T, Problem> {
    let bytes = axum::body::to_bytes(response.into_body(), MOST).await;
    let bytes = bytes.map_err(|_| Error::asked("the answer is too large for a page", "ask for less, or export it"))?;
    serde_json::from_slice(&bytes).map_err(|_| Error::defect("a page does not understand an answer of the API").into())
}

impl Visit {
    /// Does something by the API, and gives what it answers.
    ///
    /// # Errors
    /// What the API refuses with.
    pub(crate) async fn does<T: DeserializeOwned>(&self, method: Method, path: &str, body: Body) -> Result<T, Problem> {
        parsed(self.send(method, path, "application/json", body).await?).await
    }

    /// Does something of which there is nothing to say but that it is done.
    ///
    /// # Errors
    /// What the API refuses with.
    pub(crate) async fn is_done(&self, method: Method, path: &str) -> Result<(), Problem> {
        self.send(method, path, "application/json", Body::empty()).await.map(drop)
    }
}
