//! What is sent to a client, frame by frame (PostgreSQL 15, "Message Formats").

use super::refusal::Refusal;
use pgwire::api::results::FieldInfo;

/// Writes one frame.
pub(super) fn frame(out: &mut Vec<u8>, kind: u8, body: impl FnOnce(&mut Vec<u8>)) {
    out.push(kind);
    let at = out.len();
    out.extend_from_slice(&[0; 4]);
    body(out);
    let length = u32::try_from(out.len() - at).unwrap_or(u32::MAX);
    out[at..at + 4].copy_from_slice(&length.to_be_bytes());
}

pub(super) fn text(out: &mut Vec<u8>, text: &str) {
    // A zero would end it.
    out.extend(text.bytes().filter(|byte| *byte != 0));
    out.push(0);
}

/// One that says all by its kind: `1` parsed, `2` bound, `3` closed, `n` no rows to come, `s` more rows to fetch, `I` nothing was asked.
pub(super) fn plain(out: &mut Vec<u8>, kind: u8) {
    frame(out, kind, |_| {});
}

/// A step of a log-in: 0 done, 10 how to prove, 11 and 12 the server's part.
pub(super) fn authentication(out: &mut Vec<u8>, step: u32, data: &[u8]) {
    frame(out, b'R', |out| {
        out.extend_from_slice(&step.to_be_bytes());
        out.extend_from_slice(data);
    });
}

/// How a setting stands.
pub(super) fn setting(out: &mut Vec<u8>, name: &str, value: &str) {
    frame(out, b'S', |out| {
        text(out, name);
        text(out, value);
    });
}

/// By which a client may have its question given up.
pub(super) fn key(out: &mut Vec<u8>, process: u32, secret: u32) {
    frame(out, b'K', |out| {
        out.extend_from_slice(&process.to_be_bytes());
        out.extend_from_slice(&secret.to_be_bytes());
    });
}

/// That only 3.0 is spoken, and which options are not known.
pub(super) fn negotiation(out: &mut Vec<u8>, options: &[&str]) {
    frame(out, b'v', |out| {
        out.extend_from_slice(&[0; 4]);
        out.extend_from_slice(&u32::try_from(options.len()).unwrap_or(0).to_be_bytes());
        options.iter().for_each(|option| text(out, option));
    });
}

/// The next may come: `I` no transaction, `T` in one, `E` in one that failed.
pub(super) fn ready(out: &mut Vec<u8>, status: u8) {
    frame(out, b'Z', |out| out.push(status));
}

pub(super) fn parameters(out: &mut Vec<u8>, types: &[u32]) {
    frame(out, b't', |out| {
        out.extend_from_slice(&count(types.len()));
        types.iter().for_each(|number| out.extend_from_slice(&number.to_be_bytes()));
    });
}

pub(super) fn columns(out: &mut Vec<u8>, fields: &[FieldInfo]) {
    frame(out, b'T', |out| {
        out.extend_from_slice(&count(fields.len()));
        for field in fields {
            text(out, field.name());
            // Of no table: what is asked may have been masked or computed.
            out.extend_from_slice(&[0; 6]);
            let number = field.datatype().oid();
            out.extend_from_slice(&number.to_be_bytes());
            out.extend_from_slice(&width(number).to_be_bytes());
            out.extend_from_slice(&(-1_i32).to_be_bytes());
            out.extend_from_slice(&field.format().value().to_be_bytes());
        }
    });
}

pub(super) fn complete(out: &mut Vec<u8>, tag: &str) {
    frame(out, b'C', |out| text(out, tag));
}

pub(super) fn refusal(out: &mut Vec<u8>, refusal: &Refusal) {
    told(out, b'E', if refusal.is_fatal { "FATAL" } else { "ERROR" }, refusal);
}

/// What a client should know, though nothing is wrong.
pub(super) fn notice(out: &mut Vec<u8>, said: &Refusal) {
    told(out, b'N', "NOTICE", said);
}

fn told(out: &mut Vec<u8>, kind: u8, severity: &str, said: &Refusal) {
    frame(out, kind, |out| {
        let hint = said.hint.as_deref().map(|hint| (b'H', hint));
        let fields = [(b'S', severity), (b'V', severity), (b'C', said.state), (b'M', &said.message)];
        for (field, value) in fields.into_iter().chain(hint) {
            out.push(field);
            text(out, value);
        }
        out.push(0);
    });
}

fn count(count: usize) -> [u8; 2] {
    u16::try_from(count).unwrap_or(u16::MAX).to_be_bytes()
}

/// Bytes of a value of that type; -1 when they vary.
fn width(number: u32) -> i16 {
    match number {
        16 | 18 => 1,
        21 => 2,
        23 | 26 | 700 | 1082 => 4,
        20 | 701 | 1083 | 1114 | 1184 => 8,
        _ => -1,
    }
}
