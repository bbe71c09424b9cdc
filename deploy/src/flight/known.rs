//! Who calls: by a token in each call, or by name and password once, in the handshake, for which a word is given that stands for them from then
//! on. That word is a session as those of the console are: it ends as they do, and with the program.

use super::connection::Peer;
use crate::{
    account::{Account, token},
    console::sessions::{Key, Sessions},
    serve::{
        State,
        asker::{self, Whence},
        problem::{Code, Problem},
    },
};
use axum::http::HeaderMap;
use std::sync::atomic::Ordering;

/// The account that name and password of the handshake are, and the word that stands for it.
///
/// # Errors
/// They are nobody's, or not enough.
pub(super) async fn handshake(state: &State, sessions: &Sessions, peer: &Peer, headers: &HeaderMap) -> Result<String, Problem> {
    let whence = Whence { wire: "flight", address: peer.address };
    let account = match asker::authorization(headers)? {
        (scheme, secret) if scheme == "basic" => asker::by_password(state, whence, secret).await?,
        // Some clients say the same token again in the handshake, and want it back.
        (scheme, secret) if scheme == "bearer" => {
            known(state, sessions, peer, headers)?;
            return Ok(secret.to_owned());
        }
        _ => return Err(Problem::new(Code::Unauthorized)),
    };
    if account.one_time {
        let hint = "PUT /api/v1/account/password over HTTP sets another; it is good for nothing else";
        return Err(Problem::because(Code::OneTimePassword, "this password was given out by the program", hint));
    }
    if !state.suffices_password(&account) {
        let hint = "give a token: POST /api/v1/account/tokens over HTTP makes one";
        return Err(Problem::because(
            Code::SecondFactor,
            "this account signs in with a second factor, for which this wire has no place",
            hint,
        ));
    }
    peer.is_known.store(true, Ordering::Relaxed);
    Ok(sessions.begin(&account)?)
}

/// The account that a call is of.
///
/// # Errors
/// Nobody is known by what it says.
pub(super) fn known(state: &State, sessions: &Sessions, peer: &Peer, headers: &HeaderMap) -> Result<Account, Problem> {
    let whence = Whence { wire: "flight", address: peer.address };
    let (scheme, secret) = asker::authorization(headers)?;
    if scheme != "bearer" {
        return Err(Problem::new(Code::Unauthorized));
    }
    let account = match token::parts(secret) {
        Some(_) => asker::by_token(state, whence, secret)?,
        None => {
            let found = sessions.find(Key::of(secret), &state.accounts().all()?);
            let is_let_in = found.filter(|(signed, account)| !signed.waits(account) && state.suffices_password(account));
            // A word of a session that is over is no guess: nobody guesses 256 bits.
            let ended = || Problem::new(Code::Unauthorized);
            let is_word = secret.len() == 64 && secret.bytes().all(|byte| byte.is_ascii_hexdigit());
            is_let_in.ok_or_else(|| if is_word { ended() } else { asker::failed(state, whence, None, None) })?.1
        }
    };
    peer.is_known.store(true, Ordering::Relaxed);
    Ok(account)
}
