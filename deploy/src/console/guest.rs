//! Who comes to a page, from the cookies and headers of a request: somebody, or somebody signed in, or somebody signed in who said what
//! for. Who lacks something for a page is sent where they get it.

use super::{
    Console, link,
    sessions::{Key, Signed},
    words::Language,
};
use crate::{account::Account, serve::wire::Peer};
use axum::{
    extract::FromRequestParts,
    http::{Extensions, HeaderMap, HeaderValue, StatusCode, Uri, header, request::Parts},
    response::{IntoResponse as _, Response},
};
use std::{net::IpAddr, sync::Arc};

/// Cookies: of the session, under TLS with the prefix that binds it to this host (RFC 6265bis); of what somebody likes.
const SESSION: [&str; 2] = ["wuwei_session", "__Host-wuwei_session"];
/// The cookie of a way to the provider and back. It comes along from there, where that of a session does not.
const WAY: [&str; 2] = ["wuwei_way", "__Host-wuwei_way"];
pub(crate) const LANGUAGE: &str = "wuwei_language";
pub(crate) const THEME: &str = "wuwei_theme";
/// What a page may look like; the first is as the system says.
pub(crate) const THEMES: [&str; 3] = ["auto", "light", "dark"];

/// Whoever comes.
#[derive(Debug, Clone)]
pub(crate) struct Guest {
    pub(crate) console: Arc<Console>,
    pub(crate) address: IpAddr,
    pub(crate) language: Language,
    pub(crate) theme: &'static str,
    /// The page, with its query.
    pub(crate) path: String,
    /// Whether a page asks for a part of itself.
    pub(crate) is_part: bool,
    pub(crate) inside: Option<Inside>,
    /// Somebody whose password was right and who has a second factor to show.
    pub(crate) waiting: Option<Inside>,
}

/// Somebody signed in.
#[derive(Debug, Clone)]
pub(crate) struct Inside {
    pub(crate) key: Key,
    pub(crate) account: Account,
    pub(crate) signed: Signed,
}

/// Somebody signed in, if only by a one-time password.
#[derive(Debug, Clone)]
pub(crate) struct Owner {
    pub(crate) guest: Guest,
    pub(crate) inside: Inside,
}

impl Owner {
    /// The same, to do something to the account that is theirs: it needs no purpose of a role.
    pub(crate) fn of_account(&self) -> Visit {
        Visit { guest: self.guest.clone(), inside: self.inside.clone(), purpose: "account".to_owned() }
    }
}

/// Somebody signed in, who said what for.
#[derive(Debug, Clone)]
pub(crate) struct Visit {
    pub(crate) guest: Guest,
    pub(crate) inside: Inside,
    pub(crate) purpose: String,
}

impl Guest {
    /// Whoever sent that request; none when it is not known from where it came.
    pub(super) fn of(console: &Arc<Console>, extensions: &Extensions, headers: &HeaderMap, uri: &Uri) -> Option<Guest> {
        let address = extensions.get::<Peer>()?.0;
        let key = cookie(headers, SESSION[usize::from(console.tls)]).map(Key::of);
        let accounts = console.state.accounts().all().unwrap_or_default();
        let found = key.and_then(|key| Some((key, console.sessions.find(key, &accounts)?)));
        let theme = cookie(headers, THEME);
        let found = found.map(|(key, (signed, account))| Inside { key, account, signed });
        let (waiting, inside) = found.map_or((None, None), |found| match found.signed.waits(&found.account) {
            true => (Some(found), None),
            false => (None, Some(found)),
        });
        Some(Guest {
            console: Arc::clone(console),
            address,
            language: Language::asked(cookie(headers, LANGUAGE), headers),
            theme: THEMES.into_iter().find(|known| Some(*known) == theme).unwrap_or(THEMES[0]),
            path: uri.path_and_query().map_or("/", |path| path.as_str()).to_owned(),
            is_part: headers.contains_key("hx-request"),
            inside,
            waiting,
        })
    }

    /// Sends them to a page of ours.
    pub(crate) fn sent(&self, path: &str) -> Response {
        let address = HeaderValue::try_from(path).unwrap_or(HeaderValue::from_static("/"));
        match self.is_part {
            true => ([("hx-redirect", address)], StatusCode::NO_CONTENT).into_response(),
            false => (StatusCode::SEE_OTHER, [(header::LOCATION, address)]).into_response(),
        }
    }

    /// Sends them to a page that leads back here.
    fn sent_and_back(&self, path: &str) -> Response {
        self.sent(&link::with(path, &[("next", &self.path)]))
    }

    /// The cookie of a session, or the one that ends it.
    pub(crate) fn session_cookie(&self, value: Option<&str>) -> String {
        let tls = self.console.tls;
        let (name, secure) = (SESSION[usize::from(tls)], if tls { "; Secure" } else { "" });
        let until = if value.is_some() { "" } else { "; Max-Age=0" };
        format!("{name}={}; Path=/; HttpOnly; SameSite=Strict{secure}{until}", value.unwrap_or_default())
    }

    /// The cookie of a way to the provider, which lasts so many seconds, or the one that ends it.
    pub(crate) fn way_cookie(&self, value: &str, seconds: i64) -> String {
        let tls = self.console.tls;
        let (name, secure) = (WAY[usize::from(tls)], if tls { "; Secure" } else { "" });
        format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}; Max-Age={seconds}")
    }

    /// What the cookie of a way to the provider holds.
    pub(crate) fn way<'a>(&self, headers: &'a HeaderMap) -> Option<&'a str> {
        cookie(headers, WAY[usize::from(self.console.tls)])
    }

    /// A cookie of what somebody likes, for a year; it says nothing of who they are.
    pub(crate) fn liked_cookie(&self, name: &str, value: &str) -> String {
        let secure = if self.console.tls { "; Secure" } else { "" };
        format!("{name}={value}; Path=/; HttpOnly; SameSite=Strict{secure}; Max-Age=31536000")
    }
}

/// The value of a cookie.
fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = all.flat_map(|all| all.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(known, _)| *known == name).map(|(_, value)| value)
}

impl FromRequestParts<Arc<Console>> for Guest {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, console: &Arc<Console>) -> Result<Guest, Response> {
        let known = parts.extensions.get::<Guest>().cloned();
        known
            .or_else(|| Guest::of(console, &parts.extensions, &parts.headers, &parts.uri))
            .ok_or_else(|| StatusCode::INTERNAL_SERVER_ERROR.into_response())
    }
}

impl FromRequestParts<Arc<Console>> for Owner {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, console: &Arc<Console>) -> Result<Owner, Response> {
        let guest = Guest::from_request_parts(parts, console).await?;
        match guest.inside.clone() {
            Some(inside) => Ok(Owner { guest, inside }),
            None if guest.waiting.is_some() => Err(guest.sent_and_back("/second-factor")),
            None => Err(guest.sent_and_back("/sign-in")),
        }
    }
}

impl FromRequestParts<Arc<Console>> for Visit {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, console: &Arc<Console>) -> Result<Visit, Response> {
        let Owner { guest, inside } = Owner::from_request_parts(parts, console).await?;
        if inside.account.one_time {
            return Err(guest.sent("/password"));
        }
        if guest.console.state.lacks_second(&inside.account) {
            return Err(guest.sent_and_back("/second-factor/set-up"));
        }
        match inside.signed.purpose.clone() {
            Some(purpose) => Ok(Visit { guest, inside, purpose }),
            None => Err(guest.sent_and_back("/purpose")),
        }
    }
}
