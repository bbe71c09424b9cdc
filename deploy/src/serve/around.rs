//! What stands around every request: a number, the check of where it comes from, the headers of every answer, the bodies of problems, and
//! the counts.

use super::{
    State,
    problem::{Code, Problem},
};
use crate::{
    account::token::{hexadecimal, random},
    output,
};
use axum::{
    body::Body,
    extract::{MatchedPath, Request, State as Shared},
    http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use std::{sync::Arc, time::Instant};

/// Headers of every answer: nothing of it is kept, shown in a frame, guessed at or run (OWASP, secure headers).
const HEADERS: [(HeaderName, &str); 4] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
];

/// What a page of the console may load: what the program itself carries, and no script or style that stands in the page.
const PAGE: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; \
                    frame-ancestors 'none'; base-uri 'none'";
/// What everything else may load: nothing.
const NO_PAGE: &str = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// The number of a request, for a page that tells of a problem.
#[derive(Debug, Clone)]
pub(crate) struct Number(pub(crate) String);

/// On an answer whose problem is told in a page already.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Told;

pub(super) async fn around(Shared(state): Shared<Arc<State>>, mut request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let number = random::<8>().map(|bytes| hexadecimal(&bytes)).unwrap_or_default();
    let route = request.extensions().get::<MatchedPath>().map_or_else(|| "none".to_owned(), |path| path.as_str().to_owned());
    let method = request.method().clone();
    request.extensions_mut().insert(Number(number.clone()));
    let mut response = match same_site(&method, request.uri(), request.headers()) {
        Ok(()) => next.run(request).await,
        Err(problem) => problem.into_response(),
    };
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        if let Some(cause) = &problem.cause {
            output::note(&format!("wuwei: request {number}, {method} {route}: {cause}"));
        }
        if response.extensions().get::<Told>().is_none() {
            *response.body_mut() = Body::from(problem.body(&number));
            response.headers_mut().remove(header::CONTENT_LENGTH);
        }
    }
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    let is_page = headers.get(header::CONTENT_TYPE).is_some_and(|media| media.as_bytes().starts_with(b"text/html"));
    // With no referrer at all a browser says of our own forms that they come from nowhere (Fetch, 3.1: `Origin: null`).
    let (policy, referrer) = if is_page { (PAGE, "same-origin") } else { (NO_PAGE, "no-referrer") };
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static(referrer));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if let Ok(value) = HeaderValue::try_from(number) {
        headers.insert(HeaderName::from_static("x-request-id"), value);
    }
    state.metrics.answered(&method, &route, response.status(), begun.elapsed());
    response
}

/// What changes something is not done for a page of another site (OWASP, cross-site request forgery: Fetch metadata, then Origin).
fn same_site(method: &Method, uri: &Uri, headers: &HeaderMap) -> Result<(), Problem> {
    if method.is_safe() {
        return Ok(());
    }
    let text = |name: HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    let own = match (text(HeaderName::from_static("sec-fetch-site")), text(header::ORIGIN)) {
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => {
            let host = text(header::HOST).or(uri.authority().map(|authority| authority.as_str()));
            origin.split_once("://").is_some_and(|(_, from)| Some(from) == host)
        }
        (None, None) => true,
    };
    if own { Ok(()) } else { Err(Problem::new(Code::CrossSite)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_let_in(method: &Method, headers: &[(&'static str, &'static str)]) -> bool {
        let mut map = HeaderMap::new();
        headers.iter().for_each(|(name, value)| drop(map.insert(*name, HeaderValue::from_static(value))));
        same_site(method, &Uri::from_static("/"), &map).is_ok()
    }

    #[test]
    fn pages_of_other_sites_change_nothing() {
        let host = ("host", "hub.gov:8080");
        assert!(is_let_in(&Method::POST, &[host]), "a program sends neither");
        assert!(is_let_in(&Method::POST, &[host, ("origin", "https://hub.gov:8080")]));
        assert!(!is_let_in(&Method::POST, &[host, ("origin", "https://hub.gov")]));
        assert!(!is_let_in(&Method::DELETE, &[host, ("origin", "null")]));
        assert!(is_let_in(&Method::PUT, &[("sec-fetch-site", "same-origin")]));
        assert!(!is_let_in(&Method::PUT, &[host, ("sec-fetch-site", "same-site"), ("origin", "https://hub.gov:8080")]));
        assert!(is_let_in(&Method::GET, &[("sec-fetch-site", "cross-site")]), "what only reads needs an authorization anyhow");
    }
}
