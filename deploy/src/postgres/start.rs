//! How a connection begins: TLS, the start-up, and who it is. Whoever is not known is told the same, whatever is wrong, and sees the same
//! salt again, as of an account.

use super::{
    Shared,
    message::{Body, Message},
    refusal::Refusal,
    reply,
    scram::{Exchange, MECHANISM},
    wire::Wire,
};
use crate::{
    account::{Account, Proven, scram::Keys, token::random},
    clock,
    serve::{
        asker::{self, Whence},
        tls,
    },
};
use std::collections::BTreeMap;

/// Numbers by which the first packet says what it is.
const TLS: u32 = 80_877_103;
const GSS: u32 = 80_877_104;
const CANCEL: u32 = 80_877_102;

/// By what it was proven, and the server's own signature.
type Proof = (Proven, [u8; 32]);

/// Why a connection does not come about, and the wire over which that is told.
pub(super) type Told = Box<(Wire, Refusal)>;

/// A client that begins.
pub(super) struct Begun {
    pub(super) wire: Wire,
    /// What the start-up says, by name.
    pub(super) parameters: BTreeMap<String, String>,
    minor: u16,
}

/// Agrees on TLS and reads the start-up; none when the client is gone, or wanted no more than to have a question given up.
///
/// # Errors
/// What was sent is none of the protocol, or is in the clear where it must not be; told over the wire that comes with it.
pub(super) async fn begin(shared: &Shared, stream: tls::Stream) -> Result<Option<Begun>, Told> {
    let (mut wire, mut is_secret) = (Wire::new(stream), false);
    loop {
        let first = match wire.first().await {
            Ok(Some(first)) => first,
            Ok(None) => return Ok(None),
            Err(refusal) => return Err(Box::new((wire, refusal))),
        };
        match first {
            (TLS, _) => match &shared.tls {
                Some(acceptor) if !is_secret => {
                    wire.out().push(b'S');
                    if wire.flush().await.is_err() {
                        return Ok(None);
                    }
                    let Some(stream) = wire.into_stream() else { return Ok(None) };
                    let Ok(agreed) = acceptor.accept(stream).await else { return Ok(None) };
                    (wire, is_secret) = (Wire::new(Box::new(agreed)), true);
                }
                _ => wire.out().push(b'N'),
            },
            (GSS, _) => wire.out().push(b'N'),
            (CANCEL, rest) => {
                let mut rest = Body(&rest);
                if let (Some(process), Some(secret)) = (rest.number(), rest.number()) {
                    shared.running.cancel(u32::from_be_bytes(process), u32::from_be_bytes(secret));
                }
                return Ok(None);
            }
            (version, rest) => return begun(shared, wire, is_secret, version, &rest).map(Some),
        }
        if wire.flush().await.is_err() {
            return Ok(None);
        }
    }
}

fn begun(shared: &Shared, wire: Wire, is_secret: bool, version: u32, rest: &[u8]) -> Result<Begun, Told> {
    let [major, minor] = [version >> 16, version & 0xffff];
    if major != 3 {
        return Err(Box::new((wire, Refusal::protocol("this version of the protocol is not spoken"))));
    }
    if shared.tls.is_some() && !is_secret {
        let refusal = Refusal::new("28000", "this entrance is behind TLS", "connect with sslmode=require or verify-full").fatal();
        return Err(Box::new((wire, refusal)));
    }
    let (mut body, mut parameters) = (Body(rest), BTreeMap::new());
    while let Some(name) = body.text().filter(|name| !name.is_empty()) {
        let Some(value) = body.text() else { break };
        parameters.insert(name, value);
    }
    let minor = u16::try_from(minor).unwrap_or(u16::MAX);
    Ok(Begun { wire, parameters, minor })
}

impl Begun {
    /// Who it is; none when the client is gone.
    ///
    /// # Errors
    /// Nobody is known by what was proven, or it was proven by a one-time password.
    pub(super) async fn known(&mut self, shared: &Shared, whence: Whence) -> Result<Option<(Account, Proven)>, Refusal> {
        let unknown: Vec<&str> = self.parameters.keys().map(String::as_str).filter(|name| name.starts_with("_pq_.")).collect();
        if self.minor > 0 || !unknown.is_empty() {
            reply::negotiation(self.wire.out(), &unknown);
        }
        let name = self.parameters.get("user").cloned().unwrap_or_default();
        let state = &shared.state;
        state.logins().may_try(whence.address, Some(&name)).map_err(|problem| Refusal::of(&problem).fatal())?;
        let accounts = state.accounts().all()?;
        let account = accounts.iter().find(|account| account.name == name && !account.disabled);
        let salt = match account.and_then(Account::salt) {
            Some(salt) => salt,
            None => state.accounts().salt_of_nobody(&name)?,
        };
        let Some(proven) = self.proven(account, &salt).await? else { return Ok(None) };
        match (account, proven) {
            (Some(account), Some((Proven::Password, _))) if account.one_time => {
                let hint = "PUT /api/v1/account/password over HTTP sets another; it is good for nothing else";
                Err(Refusal::new("28000", "this password was given out by the program", hint).fatal())
            }
            (Some(account), Some((Proven::Password, _))) if !state.suffices_password(account) => {
                let hint = "give a token for a password: POST /api/v1/account/tokens over HTTP makes one";
                Err(Refusal::new("28000", "this account signs in with a second factor, for which this wire has no place", hint).fatal())
            }
            (Some(account), Some((proven, signature))) => {
                reply::authentication(self.wire.out(), 12, format!("v={}", base64(&signature)).as_bytes());
                reply::authentication(self.wire.out(), 0, &[]);
                Ok(Some((account.clone(), proven)))
            }
            (account, None | Some(_)) => {
                let problem = asker::failed(state, whence, Some(&name), account);
                let hint = "user is the account's name, password its password or one of its tokens (whoever signs in through a provider has tokens only); one that was set before there was this wire has to be set anew";
                Err(Refusal { hint: Some(hint.to_owned()), ..Refusal::of(&problem) }.fatal())
            }
        }
    }

    /// What the client proves, if anything, of that account; none when it is gone.
    async fn proven(&mut self, account: Option<&Account>, salt: &[u8]) -> Result<Option<Option<Proof>>, Refusal> {
        reply::authentication(self.wire.out(), 10, format!("{MECHANISM}\0\0").as_bytes());
        let Some(said) = self.said().await? else { return Ok(None) };
        let mut body = Body(&said);
        let is_ours = body.text().as_deref() == Some(MECHANISM);
        let first = body.number::<4>().and_then(|_| std::str::from_utf8(body.0).ok()).filter(|_| is_ours);
        let nonce = base64(&random::<18>()?);
        let exchange = first.and_then(|first| Exchange::begin(first, salt, &nonce));
        let exchange = exchange.ok_or_else(|| Refusal::protocol("only SCRAM-SHA-256 proves who one is"))?;
        reply::authentication(self.wire.out(), 11, exchange.first.as_bytes());
        let Some(said) = self.said().await? else { return Ok(None) };
        let proof = std::str::from_utf8(&said).ok().and_then(|said| exchange.proof(said));
        let Some((said, proof)) = proof else { return Err(Refusal::protocol("this proves nothing")) };
        Ok(Some(match account {
            Some(account) => account.proven(&said, &proof, clock::now_ms()),
            None => {
                // As long as for somebody who is there.
                let _: Option<[u8; 32]> = Keys::nobody().signature(&said, &proof);
                None
            }
        }))
    }

    /// What the client says next of who it is.
    async fn said(&mut self) -> Result<Option<Vec<u8>>, Refusal> {
        if self.wire.flush().await.is_err() {
            return Ok(None);
        }
        match self.wire.next().await? {
            Some(Message::Password(said)) => Ok(Some(said)),
            Some(_) => Err(Refusal::protocol("who it is has to come first")),
            None => Ok(None),
        }
    }
}

fn base64(bytes: &[u8]) -> String {
    base64::Engine::encode(&base64::prelude::BASE64_STANDARD, bytes)
}
