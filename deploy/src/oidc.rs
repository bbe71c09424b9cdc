//! Signing in through a provider of the county: authorization code with PKCE, state and nonce (OpenID Connect Core 1.0; RFC 6749, 7636, 9207, 9700).
//! Who somebody is, the provider says; who may come in, and as what, stays ours. Here is what is asked of it and how its answers are judged: no
//! page, and no account. All that it answers is a stranger's word until its signature is proven, and nothing of it is written down.

mod begun;
mod description;
mod fetch;
mod key;
mod settings;
mod token;

use crate::{
    Error,
    account::outside::Subject,
    clock,
    console::link::{self, escaped},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use begun::{Begun, Waiting};
use description::{Asking, Description, Known};
use fetch::Fetch;
use serde::Deserialize;
pub(crate) use settings::Settings;
use std::{net::IpAddr, sync::Arc};
use token::{Claims, Expected, Refused};
use tokio::sync::Mutex;

/// Seconds that the cookie of a way lasts.
pub(crate) const COOKIE_SECONDS: i64 = begun::LASTS_MS / 1000;
/// Characters of what comes back by the browser.
const PART: usize = 4096;

/// Why nobody came in; what in particular is for the operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    /// The provider does not answer, or nothing that is an answer.
    Down(&'static str),
    /// It, or whoever came, did not want to.
    Declined,
    /// What comes back is of no way that this browser began lately. Any page can send a browser here so: it is no attempt of whoever comes.
    Stale,
    /// What comes back is not what the provider sent.
    Foreign(&'static str),
    /// Its word is not believed.
    Disbelieved(Refused),
}

/// A provider, with the ways to it that were begun.
#[derive(Debug)]
pub(crate) struct Oidc {
    settings: Settings,
    fetch: Fetch,
    known: Mutex<Known>,
    waiting: Waiting,
}

/// Where a browser is sent, with the cookie that it comes back by.
#[derive(Debug)]
pub(crate) struct Leaving {
    pub(crate) address: String,
    pub(crate) cookie: String,
}

/// What a browser brings back, by its query.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Brought {
    state: String,
    code: Option<String>,
    iss: Option<String>,
    error: Option<String>,
}

/// Who came back, as the provider has it.
#[derive(Debug)]
pub(crate) struct Proven {
    /// Who it is there.
    pub(crate) subject: Subject,
    /// What an account that is theirs is called, if the provider says it.
    pub(crate) name: Option<String>,
    /// Whether they showed a second factor there.
    pub(crate) vouched: bool,
}

/// What the provider gives for a code.
#[derive(Deserialize)]
struct Granted {
    id_token: String,
    #[serde(default)]
    access_token: Option<String>,
}

impl Oidc {
    /// Asks nothing of it yet: a provider that is down keeps no server from starting.
    ///
    /// # Errors
    /// No connection to it could be made.
    pub(crate) fn open(settings: Settings) -> Result<Oidc, Error> {
        Ok(Oidc { fetch: Fetch::of(&settings)?, settings, known: Mutex::default(), waiting: Waiting::default() })
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Begins a way to the provider, from which somebody comes back to that page of ours.
    ///
    /// # Errors
    /// The provider does not say where to.
    pub(crate) async fn leave(&self, next: &str, address: IpAddr) -> Result<Leaving, Failure> {
        let description = self.description().await?;
        let ticket = self.waiting.begin(next, address, clock::now_ms()).map_err(|_| Failure::Down("the system gives no random bytes"))?;
        let (settings, mut there) = (&self.settings, description.authorization.clone());
        let acr = settings.second_factor.acr.join(" ");
        let pairs = [
            ("response_type", "code"),
            ("client_id", &settings.client),
            ("redirect_uri", &settings.back()),
            ("scope", &settings.scope),
            ("state", &ticket.state),
            ("nonce", &ticket.nonce),
            ("code_challenge", &ticket.challenge),
            ("code_challenge_method", "S256"),
            ("acr_values", &acr),
        ];
        there.query_pairs_mut().extend_pairs(pairs.iter().filter(|(_, value)| !value.is_empty()));
        Ok(Leaving { address: there.into(), cookie: ticket.cookie })
    }

    /// Ends a way, and gives who came back with where they wanted to go. The latter is known even where nobody is.
    pub(crate) async fn back(&self, brought: Brought, cookie: Option<&str>) -> (Option<String>, Result<Proven, Failure>) {
        match self.waiting.take(&brought.state, cookie, clock::now_ms()) {
            Ok(begun) => (Some(begun.next.clone()), self.proven(&begun, brought).await),
            Err(failure) => (None, Err(failure)),
        }
    }

    async fn proven(&self, begun: &Begun, brought: Brought) -> Result<Proven, Failure> {
        let description = self.description().await?;
        // Whose answer it is comes before what it says (RFC 9207, 2.4).
        match &brought.iss {
            Some(issuer) if *issuer == self.settings.issuer => {}
            None if !description.names_itself => {}
            _ => return Err(Failure::Foreign("it comes from another provider")),
        }
        if brought.error.is_some() {
            return Err(Failure::Declined);
        }
        let code = brought.code.filter(|code| (1..=PART).contains(&code.len())).ok_or(Failure::Foreign("it brings no code"))?;
        let granted = self.granted(&description, begun, &code).await?;
        let claims = self.believed(&granted.id_token, begun).await?;
        let name = match claims.text(&self.settings.claim) {
            Some(name) => Some(name.to_owned()),
            None => self.told(&description, &claims, granted.access_token.as_deref()).await?,
        };
        let subject = Subject::of(&self.settings.issuer, claims.text("sub").unwrap_or_default());
        Ok(Proven { subject, name, vouched: self.vouched(&claims) })
    }

    /// Gives the code for a token, as whom the provider knows the hub.
    async fn granted(&self, description: &Description, begun: &Begun, code: &str) -> Result<Granted, Failure> {
        let (settings, back) = (&self.settings, self.settings.back());
        let mut form =
            vec![("grant_type", "authorization_code"), ("code", code), ("redirect_uri", &back), ("code_verifier", &begun.verifier)];
        let authorization = match description.asking {
            Asking::Header => {
                let both = format!("{}:{}", escaped(&settings.client), escaped(settings.secret.as_str()));
                Some(format!("Basic {}", BASE64_STANDARD.encode(both)))
            }
            Asking::Form => {
                form.extend([("client_id", settings.client.as_str()), ("client_secret", settings.secret.as_str())]);
                None
            }
        };
        let form = link::with("", &form).trim_start_matches('?').to_owned();
        match self.fetch.post(&description.token, form, authorization.as_deref()).await? {
            (200, bytes) => serde_json::from_slice(&bytes).map_err(|_| Failure::Down("it gives no token")),
            // RFC 6749, 5.2: the code is no good. All else is between provider and hub, and no attempt of whoever comes.
            (400, _) => Err(Failure::Foreign("the provider does not take the code")),
            (401, _) => Err(Failure::Down("it does not take the hub's secret")),
            _ => Err(Failure::Down("it answers with an error")),
        }
    }

    /// What a token says. Where its key is not known, the provider may have others by now.
    async fn believed(&self, id_token: &str, begun: &Begun) -> Result<Claims, Failure> {
        let expected =
            Expected { issuer: &self.settings.issuer, client: &self.settings.client, nonce: &begun.nonce, now: clock::now_ms() / 1000 };
        let first = token::believed(id_token, &*self.keys().await?, &expected);
        let claims = match first {
            Err(Refused::Key) => token::believed(id_token, &*self.newer_keys().await?, &expected),
            other => other,
        };
        claims.map_err(Failure::Disbelieved)
    }

    /// What an account is called, of a provider whose tokens do not tell it (Core, 5.3): only of whom the token is.
    async fn told(&self, description: &Description, claims: &Claims, access: Option<&str>) -> Result<Option<String>, Failure> {
        let (Some(address), Some(access)) = (&description.userinfo, access) else { return Ok(None) };
        let told: serde_json::Value = serde_json::from_slice(&self.fetch.get(address, Some(access)).await?).unwrap_or_default();
        let is_theirs = told["sub"].as_str().is_some_and(|subject| claims.text("sub") == Some(subject));
        Ok(told[self.settings.claim.as_str()].as_str().filter(|_| is_theirs).map(str::to_owned))
    }

    fn vouched(&self, claims: &Claims) -> bool {
        let wanted = &self.settings.second_factor;
        let by_method = claims.texts("amr").any(|method| wanted.amr.iter().any(|known| known == method));
        by_method || claims.text("acr").is_some_and(|class| wanted.acr.iter().any(|known| known == class))
    }

    /// Where the provider ends its own session, if it says that.
    ///
    /// # Errors
    /// It does not answer.
    pub(crate) async fn end(&self) -> Result<Option<String>, Failure> {
        let description = self.description().await?;
        Ok(description.end.clone().map(|mut end| {
            end.query_pairs_mut().append_pair("client_id", &self.settings.client);
            end.into()
        }))
    }

    async fn description(&self) -> Result<Arc<Description>, Failure> {
        self.known.lock().await.description(&self.fetch, &self.settings, clock::now_ms()).await
    }

    async fn keys(&self) -> Result<Arc<key::Keys>, Failure> {
        self.known.lock().await.keys(&self.fetch, &self.settings, clock::now_ms()).await
    }

    async fn newer_keys(&self) -> Result<Arc<key::Keys>, Failure> {
        self.known.lock().await.newer_keys(&self.fetch, &self.settings, clock::now_ms()).await
    }
}
