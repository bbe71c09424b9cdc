//! A file as a plain form sends it (`multipart/form-data`, RFC 7578), for browsers without scripts. The form has one field, so that where
//! its bytes begin and end follows from the lengths: nothing is looked for in them, and they go to the upload as they come.

use super::{path_of, told::Upload};
use crate::{
    console::guest::Visit,
    serve::problem::{Code, Problem},
};
use axum::{
    body::{Body, Bytes},
    extract::Request,
    http::{HeaderMap, Method, header},
    response::Response,
};
use futures::{Stream, StreamExt as _, stream};
use serde_json::json;
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// Bytes before those of the file, at most.
const HEAD: usize = 16 << 10;
/// How long they may take to come.
const PATIENCE: Duration = Duration::from_secs(60);

/// Takes the file, lets it be looked at, and leads to its page.
pub(super) async fn take(visit: Visit, request: Request) -> Result<Response, Problem> {
    let (delimiter, length) = announced(request.headers())?;
    let mut body = request.into_body().into_data_stream();
    let (head, first) = tokio::time::timeout(PATIENCE, headed(&mut body)).await.map_err(|_| Problem::new(Code::Slow))??;
    let name = file_name(&head, &delimiter)?;
    let end = format!("\r\n{delimiter}--\r\n");
    let bytes = length.checked_sub((head.len() + end.len()) as u64).ok_or_else(wrong)?;
    let made: Upload = visit.does(Method::POST, "/api/v1/uploads", Body::from(json!({"name": name, "bytes": bytes}).to_string())).await?;
    let (file, rest) = cut(stream::iter([Ok(first)]).chain(body), bytes);
    let path = path_of(&made.upload);
    visit.does::<Upload>(Method::PATCH, &format!("{path}?offset=0"), Body::from_stream(file)).await?;
    if *rest.lock().unwrap_or_else(PoisonError::into_inner) != end.as_bytes() {
        visit.is_done(Method::DELETE, &path).await?;
        return Err(wrong());
    }
    visit.does::<Upload>(Method::POST, &format!("{path}/check"), Body::from("{}")).await?;
    Ok(visit.guest.sent(&format!("/upload/{}", made.upload)))
}

/// What stands between the parts of the form, and how many bytes it has.
fn announced(headers: &HeaderMap) -> Result<(String, u64), Problem> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let declared = text(header::CONTENT_TYPE).and_then(|declared| declared.strip_prefix("multipart/form-data"));
    let boundary = declared.and_then(|declared| declared.split_once("boundary=")).map(|(_, boundary)| boundary.trim_matches('"'));
    let length = text(header::CONTENT_LENGTH).and_then(|length| length.parse().ok());
    match (boundary, length) {
        // RFC 2046: 1 to 70 characters.
        (Some(boundary), Some(length)) if (1..=70).contains(&boundary.len()) => Ok((format!("--{boundary}"), length)),
        _ => Err(wrong()),
    }
}

/// The body up to the first byte of the file, and what came of the file with it.
async fn headed(body: &mut (impl Stream<Item = Result<Bytes, axum::Error>> + Unpin)) -> Result<(Vec<u8>, Bytes), Problem> {
    let mut head = Vec::new();
    while head.len() <= HEAD {
        let piece = body.next().await.and_then(Result::ok).ok_or_else(wrong)?;
        head.extend_from_slice(&piece);
        if let Some(at) = head.windows(4).position(|four| four == b"\r\n\r\n") {
            let first = head.split_off(at + 4);
            return if head.len() <= HEAD { Ok((head, first.into())) } else { Err(wrong()) };
        }
    }
    Err(wrong())
}

/// What the file is called, as the browser says in the head of its part: quotes and ends of lines are escaped there (WHATWG, HTML 4.10.21.8).
fn file_name(head: &[u8], delimiter: &str) -> Result<String, Problem> {
    let head = std::str::from_utf8(head).map_err(|_| wrong())?;
    let mut lines = head.strip_prefix(delimiter).and_then(|rest| rest.strip_prefix("\r\n")).ok_or_else(wrong)?.split("\r\n");
    let said = lines.find(|line| line.to_ascii_lowercase().starts_with("content-disposition:")).ok_or_else(wrong)?;
    let name = said.split_once("; filename=\"").and_then(|(_, rest)| rest.split_once('"')).map(|(name, _)| name).ok_or_else(wrong)?;
    if name.is_empty() {
        return Err(Problem::because(Code::NotPossible, "no file was chosen", "choose one, then send it"));
    }
    Ok(name.replace("%22", "\"").replace("%0D", "").replace("%0A", ""))
}

/// So many bytes of a stream, and a place for what comes behind them: a length was declared, so that is little.
fn cut<S, E>(pieces: S, bytes: u64) -> (impl Stream<Item = Result<Bytes, E>>, Arc<Mutex<Vec<u8>>>)
where
    S: Stream<Item = Result<Bytes, E>>,
{
    let rest = Arc::<Mutex<Vec<u8>>>::default();
    let (behind, mut left) = (Arc::clone(&rest), bytes);
    let file = pieces.map(move |piece| {
        let mut piece = piece?;
        let own = piece.split_to(usize::try_from(left).unwrap_or(usize::MAX).min(piece.len()));
        left -= own.len() as u64;
        behind.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(&piece);
        Ok(own)
    });
    (file, rest)
}

fn wrong() -> Problem {
    Problem::because(Code::BadRequest, "the form is not the one that sends a file, or breaks off", "go back and send it again")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(head: &str) -> Result<String, Code> {
        file_name(head.as_bytes(), "--x").map_err(|problem| problem.code)
    }

    #[test]
    fn a_file_is_called_what_the_browser_calls_it() {
        let head =
            |name: &str| format!("--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: a/b\r\n\r\n");
        assert_eq!(named(&head("婚姻 登记.csv")), Ok("婚姻 登记.csv".to_owned()));
        assert_eq!(named(&head("a%22b%0D%0A.csv")), Ok("a\"b.csv".to_owned()));
        assert_eq!(named(&head("")), Err(Code::NotPossible));
        for wrong in ["", "--y\r\n\r\n", "--x\r\nContent-Type: a/b\r\n\r\n", "--x\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n"]
        {
            assert_eq!(named(wrong), Err(Code::BadRequest), "{wrong:?}");
        }
    }

    #[tokio::test]
    async fn whatever_the_pieces_the_bytes_of_the_file_and_what_is_behind_are_kept_apart() {
        let whole = b"--x\r\nA: b\r\n\r\nfile\r\n\r\n--x\r\n--x--\r\n";
        for size in 1..=whole.len() {
            let pieces: Vec<_> = whole.chunks(size).map(|piece| Ok::<_, axum::Error>(Bytes::copy_from_slice(piece))).collect();
            let mut pieces = stream::iter(pieces);
            let (head, first) = headed(&mut pieces).await.unwrap();
            assert_eq!(head, b"--x\r\nA: b\r\n\r\n");
            let (file, rest) = cut(stream::iter([Ok(first)]).chain(pieces), 11);
            let file: Vec<u8> = file.map(Result::unwrap).collect::<Vec<_>>().await.concat();
            assert_eq!((file.as_slice(), rest.lock().unwrap().as_slice()), (&b"file\r\n\r\n--x"[..], &b"\r\n--x--\r\n"[..]), "{size}");
        }
    }
}
