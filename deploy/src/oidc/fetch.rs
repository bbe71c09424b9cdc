//! What is asked of the provider over HTTP: of one host that the configuration or its own description names, without proxy and redirects, for ten
//! seconds at most, and no more bytes than what is asked for may have. Nobody else is asked anything.

use super::{Failure, settings::Settings};
use crate::Error;
use reqwest::{Client, RequestBuilder, Response, Url, header, redirect::Policy};
use std::time::Duration;
use tokio::{sync::Semaphore, time::timeout};

/// Time for an answer, whole; and until there is a connection.
const TIME: Duration = Duration::from_secs(10);
const CONNECT: Duration = Duration::from_secs(5);
/// Bytes of one answer.
pub(super) const MOST: usize = 256 * 1024;
/// Answers that are waited for at once.
const AT_ONCE: usize = 16;

#[derive(Debug)]
pub(super) struct Fetch {
    client: Client,
    places: Semaphore,
}

impl Fetch {
    /// Asks as that provider's certificates allow. No connection is kept: it would be closed by the next sign-in.
    ///
    /// # Errors
    /// The system's certificates cannot be read.
    pub(super) fn of(settings: &Settings) -> Result<Fetch, Error> {
        let client = Client::builder()
            .no_proxy()
            .redirect(Policy::none())
            .referer(false)
            .timeout(TIME)
            .connect_timeout(CONNECT)
            .pool_max_idle_per_host(0);
        let client = match &settings.certificates {
            Some(certificates) => client.tls_certs_only(certificates.clone()),
            None => client,
        };
        let client = client.https_only(!settings.is_here).build();
        let failed = |_| Error::asked("no TLS to the provider can be made", "check the system's certificates, or give `certificates`");
        Ok(Fetch { client: client.map_err(failed)?, places: Semaphore::new(AT_ONCE) })
    }

    /// What stands at an address; to whoever has a token, when it is given.
    ///
    /// # Errors
    /// There is no answer, or not with status 200.
    pub(super) async fn get(&self, address: &Url, token: Option<&str>) -> Result<Vec<u8>, Failure> {
        let request = self.client.get(address.clone());
        let request = match token {
            Some(token) => request.bearer_auth(token),
            None => request,
        };
        match self.sent(request).await? {
            (200, bytes) => Ok(bytes),
            _ => Err(Failure::Down("it answers with an error")),
        }
    }

    /// What a form is answered with, and by which status.
    ///
    /// # Errors
    /// There is no answer.
    pub(super) async fn post(&self, address: &Url, form: String, authorization: Option<&str>) -> Result<(u16, Vec<u8>), Failure> {
        let request = self.client.post(address.clone()).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded").body(form);
        let request = match authorization {
            Some(authorization) => request.header(header::AUTHORIZATION, authorization),
            None => request,
        };
        self.sent(request).await
    }

    async fn sent(&self, request: RequestBuilder) -> Result<(u16, Vec<u8>), Failure> {
        let _place = timeout(TIME, self.places.acquire()).await.map_err(|_| Failure::Down("too many wait for it"))?;
        let failed = |error: reqwest::Error| match error.is_timeout() {
            true => Failure::Down("it takes too long"),
            false => Failure::Down("there is no connection to it"),
        };
        let response = request.header(header::ACCEPT, "application/json").send().await.map_err(failed)?;
        Ok((response.status().as_u16(), whole(response).await?))
    }
}

/// An answer, if it is not too long; it is given up where it becomes so.
async fn whole(mut response: Response) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if bytes.len() + chunk.len() <= MOST => bytes.extend_from_slice(&chunk),
            Ok(None) => return Ok(bytes),
            Ok(Some(_)) => return Err(Failure::Down("its answer is too long")),
            Err(_) => return Err(Failure::Down("its answer breaks off")),
        }
    }
}
