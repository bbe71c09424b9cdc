//! What is answered when there is no answer: problem+json (RFC 9457) with a code that stays. All codes stand here. No text holds a value of
//! a table; what the program itself cannot do is told to its operator, and to whoever asks only as the number under which it was told.

mod kind;

use crate::{
    Error,
    account::token::{hexadecimal, random},
    error::Kind,
    output,
};
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::json;
use wuwei_query::Error as Refused;

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Code {
    BadRequest,
    PurposeMissing,
    Unauthorized,
    OneTimePassword,
    SecondFactor,
    Forbidden,
    CrossSite,
    NotFound,
    MethodNotAllowed,
    NotAcceptable,
    Slow,
    TooLarge,
    UnsupportedMediaType,
    Refused,
    UnknownName,
    NotPlanned,
    Value,
    Limit,
    NotPossible,
    Busy,
    TooOften,
    TooManyFailures,
    Internal,
    Unaccounted,
}

/// Every code, as the documentation lists them.
pub(crate) const CODES: [Code; 24] = [
    Code::BadRequest,
    Code::PurposeMissing,
    Code::Unauthorized,
    Code::OneTimePassword,
    Code::SecondFactor,
    Code::Forbidden,
    Code::CrossSite,
    Code::NotFound,
    Code::MethodNotAllowed,
    Code::NotAcceptable,
    Code::Slow,
    Code::TooLarge,
    Code::UnsupportedMediaType,
    Code::Refused,
    Code::UnknownName,
    Code::NotPlanned,
    Code::Value,
    Code::Limit,
    Code::NotPossible,
    Code::Busy,
    Code::TooOften,
    Code::TooManyFailures,
    Code::Internal,
    Code::Unaccounted,
];

impl Code {
    /// Its status, its name, which never changes, and what it means.
    pub(crate) fn about(self) -> (u16, &'static str, &'static str) {
        match self {
            Code::BadRequest => (400, "bad-request", "the request cannot be understood"),
            Code::PurposeMissing => (400, "purpose-missing", "it is not said what the answer is needed for"),
            Code::Unauthorized => (401, "unauthorized", "nobody is known by this authorization"),
            Code::OneTimePassword => (403, "one-time-password", "a one-time password is good for setting another only"),
            Code::SecondFactor => (403, "second-factor", "a code of the second factor is needed besides the password"),
            Code::Forbidden => (403, "forbidden", "whoever asks may not"),
            Code::CrossSite => (403, "cross-site", "a page of another site asks"),
            Code::NotFound => (404, "not-found", "there is no such thing"),
            Code::MethodNotAllowed => (405, "method-not-allowed", "it is there, but not by this method"),
            Code::NotAcceptable => (406, "not-acceptable", "no form that is accepted can be written"),
            Code::Slow => (408, "slow-request", "the request took too long to come"),
            Code::TooLarge => (413, "too-large", "the request is too large"),
            Code::UnsupportedMediaType => (415, "unsupported-media-type", "a body of this type is not read"),
            Code::Refused => (422, "refused", "the question is one that is not answered"),
            Code::UnknownName => (422, "unknown-name", "a table or column is not there"),
            Code::NotPlanned => (422, "not-planned", "the question makes no sense to the planner"),
            Code::Value => (422, "value", "an expression is not defined for a value that it met"),
            Code::Limit => (422, "limit", "the answer would take more than one question may"),
            Code::NotPossible => (422, "not-possible", "what is asked cannot be had"),
            Code::Busy => (429, "busy", "too much is asked at a time"),
            Code::TooOften => (429, "too-often", "this account asks too often"),
            Code::TooManyFailures => (429, "too-many-failures", "too many log-ins failed"),
            Code::Internal => (500, "internal", "the program could not do it; its operator finds why by the request's number"),
            Code::Unaccounted => (503, "unaccounted", "the audit cannot be written, so nothing is answered"),
        }
    }
}

/// A problem, before it has the request's number.
#[derive(Debug, Clone)]
pub(crate) struct Problem {
    pub(crate) code: Code,
    /// What in particular.
    detail: Option<String>,
    /// What to do.
    hint: Option<String>,
    /// What kind of refusal it is, more closely than its code says; by it pages tell it in the language of whoever asks.
    kind: Option<String>,
    /// In how many seconds it may be well.
    retry: Option<u32>,
    /// What only the operator is told.
    pub(crate) cause: Option<String>,
}

impl Problem {
    pub(crate) fn new(code: Code) -> Problem {
        Problem { code, detail: None, hint: None, kind: None, retry: None, cause: None }
    }

    /// With what in particular, and what to do.
    pub(crate) fn because(code: Code, detail: impl Into<String>, hint: &str) -> Problem {
        Problem { detail: Some(detail.into()), hint: Some(hint.to_owned()), ..Problem::new(code) }
    }

    /// One that is over by itself.
    pub(crate) fn later(code: Code, seconds: u32, hint: &str) -> Problem {
        Problem { hint: Some(hint.to_owned()), retry: Some(seconds), ..Problem::new(code) }
    }

    /// What is asked for by its number and is not there.
    pub(crate) fn not_found(error: Error) -> Problem {
        match error {
            Error::Asked { .. } | Error::Account(_) => Problem { code: Code::NotFound, ..error.into() },
            other => other.into(),
        }
    }

    /// A file that cannot be looked at, for whoever sent it, by that error's text without where the file lies.
    pub(crate) fn of_file(error: &Error, text: &str) -> Problem {
        Problem { kind: error.kind().map(Kind::key), ..told(Code::NotPossible, text) }
    }

    /// A mapping that somebody wrote, with the place where something is wrong with it.
    pub(crate) fn of_mapping(error: Error) -> Problem {
        match error {
            Error::Ingest(wuwei_ingest::Error::Department { .. }) => {
                Problem { kind: Some("mapping".to_owned()), ..told(Code::NotPossible, &error.to_string()) }
            }
            other => other.into(),
        }
    }

    /// What in particular, or else what its code means; and what to do.
    pub(crate) fn told(&self) -> (String, Option<&str>) {
        let said = self.detail.clone().unwrap_or_else(|| self.code.about().2.to_owned());
        (said, self.hint.as_deref())
    }

    /// The same over a wire on which requests have no numbers: what the operator has to know is told to them, under a number that whoever asks
    /// is given.
    pub(crate) fn told_over(&self, wire: &str) -> (String, Option<String>) {
        let (message, hint) = self.told();
        let hint = match &self.cause {
            None => hint.map(str::to_owned),
            Some(cause) => {
                let number = random::<8>().map(|bytes| hexadecimal(&bytes)).unwrap_or_default();
                output::note(&format!("wuwei: request {number}, over {wire}: {cause}"));
                Some(format!("the operator finds why under {number}"))
            }
        };
        (message, hint)
    }

    /// The kind of refusal, or else its code: a key of the words that pages have for it.
    pub(crate) fn kind(&self) -> &str {
        self.kind.as_deref().unwrap_or(self.code.about().1)
    }

    /// The body, for a request of that number.
    pub(crate) fn body(&self, request: &str) -> String {
        let (status, code, title) = self.code.about();
        let mut body =
            json!({"type": format!("urn:wuwei:problem:{code}"), "title": title, "status": status, "code": code, "request_id": request});
        for (key, text) in [("detail", &self.detail), ("hint", &self.hint)] {
            if let Some(text) = text {
                body[key] = json!(text);
            }
        }
        body.to_string()
    }
}

/// An error's sentence and its hint apart.
fn told(code: Code, text: &str) -> Problem {
    match text.split_once("; hint: ") {
        Some((detail, hint)) => Problem::because(code, detail, hint),
        None => Problem { detail: Some(text.to_owned()), ..Problem::new(code) },
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Problem {
        let (text, kind) = (error.to_string(), kind::of(&error));
        let code = match &error {
            Error::Asked { .. } | Error::Account(_) | Error::Upload(_) | Error::Mapping(_) | Error::Date | Error::Ground(_) => {
                Code::NotPossible
            }
            Error::Query(refused) => match refused {
                Refused::Purpose => Code::PurposeMissing,
                Refused::Denied { .. } | Refused::Principal => Code::Forbidden,
                Refused::Refused { .. } => Code::Refused,
                Refused::Unknown { .. } => Code::UnknownName,
                Refused::Plan { .. } => Code::NotPlanned,
                Refused::Value => Code::Value,
                Refused::Limit { .. } => Code::Limit,
                Refused::Checkpoint => Code::NotPossible,
                Refused::Account { .. } | Refused::Chain { .. } => Code::Unaccounted,
                _ => Code::Internal,
            },
            _ => Code::Internal,
        };
        match code {
            Code::Internal | Code::Unaccounted => Problem { cause: Some(text), ..Problem::new(code) },
            told_to_all => Problem { kind, ..told(told_to_all, &text) },
        }
    }
}

impl From<Refused> for Problem {
    fn from(error: Refused) -> Problem {
        Error::from(error).into()
    }
}

impl IntoResponse for Problem {
    /// Status and headers; `around` puts the body in, since it knows the request's number.
    fn into_response(self) -> Response {
        let mut response = StatusCode::from_u16(self.code.about().0).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = self.retry {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.code == Code::Unauthorized {
            headers.append(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"wuwei\""));
            headers.append(header::WWW_AUTHENTICATE, HeaderValue::from_static("Basic realm=\"wuwei\", charset=\"UTF-8\""));
        }
        response.extensions_mut().insert(self);
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::Wrong;
    use std::collections::BTreeSet;

    #[test]
    fn every_code_has_a_name_of_its_own_and_a_status_of_failure() {
        let names: BTreeSet<&str> = CODES.iter().map(|code| code.about().1).collect();
        assert_eq!(names.len(), CODES.len());
        assert!(CODES.iter().all(|code| (400..600).contains(&code.about().0)));
    }

    #[test]
    fn the_asker_is_told_what_to_do_and_the_operator_what_broke() {
        let refused: Problem = Refused::Refused { rule: "size", detail: "it has 9 bytes".to_owned(), hint: "ask less".to_owned() }.into();
        let body: serde_json::Value = serde_json::from_str(&refused.body("7")).unwrap();
        assert_eq!((body["code"].as_str(), body["hint"].as_str(), body["status"].as_u64()), (Some("refused"), Some("ask less"), Some(422)));
        let last: Problem = Error::from(Wrong::Last).into();
        assert_eq!((last.code, last.kind()), (Code::NotPossible, "account-last"));
        let unknown = Problem::not_found(Wrong::Unknown.into());
        assert_eq!(
            (unknown.code, unknown.kind(), unknown.told().1),
            (Code::NotFound, "account-unknown", Some("`wuwei user list` names them"))
        );
        let broken: Problem = Error::file("reading", "/srv/secret")(std::io::Error::other("no")).into();
        assert!(!broken.body("7").contains("secret") && broken.cause.unwrap().contains("/srv/secret"));
    }
}
