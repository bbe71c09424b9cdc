//! What the provider says of itself (OpenID Connect Discovery 1.0), and its keys; both are kept for an hour. Where it did not answer a moment ago it
//! is not asked again, so that many who come at once wait for one answer, not for each their own.

use super::{Failure, fetch::Fetch, key::Keys, settings::Settings};
use crate::clock;
use reqwest::Url;
use serde::Deserialize;
use std::sync::Arc;

/// Milliseconds that an answer holds; that a failure does; and that keys are the newest.
const HOLDS_MS: i64 = 3_600_000;
const FAILED_MS: i64 = 3_000;
const NEWEST_MS: i64 = 3_000;

/// How the provider learns who asks it for a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asking {
    Header,
    Form,
}

/// Where to go for what.
#[derive(Debug)]
pub(super) struct Description {
    pub(super) authorization: Url,
    pub(super) token: Url,
    keys: Url,
    pub(super) userinfo: Option<Url>,
    pub(super) end: Option<Url>,
    pub(super) asking: Asking,
    /// Whether what comes back says from whom (RFC 9207).
    pub(super) names_itself: bool,
}

#[derive(Deserialize)]
struct Written {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    #[serde(default)]
    userinfo_endpoint: Option<String>,
    #[serde(default)]
    end_session_endpoint: Option<String>,
    #[serde(default)]
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

impl Description {
    /// What those bytes say.
    ///
    /// # Errors
    /// They are no description, of another provider, or send somebody where others listen in.
    pub(super) fn read(bytes: &[u8], settings: &Settings) -> Result<Description, Failure> {
        let written: Written = serde_json::from_slice(bytes).map_err(|_| Failure::Down("it does not say where to go"))?;
        if written.issuer != settings.issuer {
            return Err(Failure::Down("it says that it is another; `issuer` has to be written as it writes it"));
        }
        let safe = |address: &str| settings.is_safe(address).ok_or(Failure::Down("it names an address without TLS"));
        let methods = written.token_endpoint_auth_methods_supported;
        let takes = |method: &str| methods.as_ref().is_some_and(|known| known.iter().any(|known| known == method));
        let asking = match methods.is_none() || takes("client_secret_basic") {
            true => Asking::Header,
            false if takes("client_secret_post") => Asking::Form,
            false => return Err(Failure::Down("it takes no secret")),
        };
        Ok(Description {
            authorization: safe(&written.authorization_endpoint)?,
            token: safe(&written.token_endpoint)?,
            keys: safe(&written.jwks_uri)?,
            userinfo: written.userinfo_endpoint.as_deref().map(safe).transpose()?,
            end: written.end_session_endpoint.as_deref().map(safe).transpose()?,
            asking,
            names_itself: written.authorization_response_iss_parameter_supported,
        })
    }
}

/// What was answered, each with when.
#[derive(Debug, Default)]
pub(super) struct Known {
    description: Option<(Arc<Description>, i64)>,
    keys: Option<(Arc<Keys>, i64)>,
    failed: Option<(Failure, i64)>,
}

/// What holds still.
fn fresh<T: Clone>(kept: Option<&(T, i64)>, for_ms: i64, now_ms: i64) -> Option<T> {
    kept.filter(|(_, at)| (0..for_ms).contains(&(now_ms - at))).map(|(kept, _)| kept.clone())
}

impl Known {
    pub(super) async fn description(&mut self, fetch: &Fetch, settings: &Settings, now_ms: i64) -> Result<Arc<Description>, Failure> {
        if let Some(known) = fresh(self.description.as_ref(), HOLDS_MS, now_ms) {
            return Ok(known);
        }
        self.may_ask(now_ms)?;
        let address = format!("{}/.well-known/openid-configuration", settings.issuer.trim_end_matches('/'));
        let read = async {
            let address = settings.is_safe(&address).ok_or(Failure::Down("its address is none"))?;
            Description::read(&fetch.get(&address, None).await?, settings)
        };
        let read = Arc::new(read.await.inspect_err(|failure| self.failed(*failure))?);
        self.description = Some((Arc::clone(&read), now_ms));
        Ok(read)
    }

    pub(super) async fn keys(&mut self, fetch: &Fetch, settings: &Settings, now_ms: i64) -> Result<Arc<Keys>, Failure> {
        self.keys_of(fetch, settings, now_ms, HOLDS_MS).await
    }

    /// Keys that were asked for just now, or are.
    pub(super) async fn newer_keys(&mut self, fetch: &Fetch, settings: &Settings, now_ms: i64) -> Result<Arc<Keys>, Failure> {
        self.keys_of(fetch, settings, now_ms, NEWEST_MS).await
    }

    async fn keys_of(&mut self, fetch: &Fetch, settings: &Settings, now_ms: i64, for_ms: i64) -> Result<Arc<Keys>, Failure> {
        if let Some(known) = fresh(self.keys.as_ref(), for_ms, now_ms) {
            return Ok(known);
        }
        let description = self.description(fetch, settings, now_ms).await?;
        self.may_ask(now_ms)?;
        let read = async { Keys::read(&fetch.get(&description.keys, None).await?).ok_or(Failure::Down("its keys are none")) };
        let read = Arc::new(read.await.inspect_err(|failure| self.failed(*failure))?);
        self.keys = Some((Arc::clone(&read), now_ms));
        Ok(read)
    }

    fn may_ask(&self, now_ms: i64) -> Result<(), Failure> {
        fresh(self.failed.as_ref(), FAILED_MS, now_ms).map_or(Ok(()), Err)
    }

    /// From now on, which may be long after it was asked.
    fn failed(&mut self, failure: Failure) {
        self.failed = Some((failure, clock::now_ms()));
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::settings::tests::{WRITTEN, read},
        *,
    };
    use serde_json::{Value, json};

    const ISSUER: &str = "https://sso.county.example/realms/county";

    fn described(change: impl FnOnce(&mut Value)) -> Result<Description, Failure> {
        let mut written = json!({
            "issuer": ISSUER, "authorization_endpoint": "https://sso.county.example/auth", "token_endpoint": "https://sso.county.example/token",
            "jwks_uri": "https://keys.county.example/",
        });
        change(&mut written);
        Description::read(written.to_string().as_bytes(), &read(WRITTEN, "127.0.0.1:8080").unwrap())
    }

    #[test]
    fn a_description_is_of_its_provider_and_sends_nothing_in_the_clear() {
        let plain = described(|_| {}).unwrap();
        assert!(plain.asking == Asking::Header && !plain.names_itself && plain.end.is_none());
        let methods = |methods: Value| described(|written| written["token_endpoint_auth_methods_supported"] = methods);
        assert_eq!(methods(json!(["client_secret_post", "private_key_jwt"])).unwrap().asking, Asking::Form);
        assert_eq!(methods(json!(["client_secret_post", "client_secret_basic"])).unwrap().asking, Asking::Header);
        assert!(methods(json!(["private_key_jwt"])).is_err());
        for (name, value) in [
            ("issuer", "https://sso.county.example/realms/county/"),
            ("issuer", "https://sso.county.example/realms/other"),
            ("token_endpoint", "http://sso.county.example/token"),
            ("jwks_uri", "http://127.0.0.1/keys"),
            ("userinfo_endpoint", "file:///etc/passwd"),
            ("authorization_endpoint", "javascript:alert(1)"),
            ("end_session_endpoint", "/end"),
        ] {
            assert!(described(|written| written[name] = json!(value)).is_err(), "{name}: {value}");
        }
        assert!(described(|written| drop(written.as_object_mut().unwrap().remove("jwks_uri"))).is_err());
    }
}
