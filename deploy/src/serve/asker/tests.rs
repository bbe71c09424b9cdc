//! What is read off a request's headers.

use super::*;

#[test]
fn name_and_password_end_in_signs_or_not() {
    assert_eq!(BASIC.decode("bGk6eA==").unwrap(), b"li:x");
    assert_eq!(BASIC.decode("bGk6eA").unwrap(), b"li:x");
}

#[test]
fn a_purpose_may_be_escaped_or_not_and_must_be_there() {
    let of = |value: &[u8]| {
        let mut headers = HeaderMap::new();
        headers.insert(PURPOSE, axum::http::HeaderValue::from_bytes(value).unwrap());
        purpose(&headers).map(|purpose| purpose.as_str().to_owned())
    };
    assert_eq!(of("低保核对".as_bytes()).unwrap(), "低保核对");
    assert_eq!(of(b"%E4%BD%8E%E4%BF%9D").unwrap(), "低保");
    for wrong in [&b""[..], b" ", b"100%", b"%zz", b"\xff\xfe"] {
        assert_eq!(of(wrong).unwrap_err().code, Code::PurposeMissing, "{wrong:?}");
    }
    assert_eq!(purpose(&HeaderMap::new()).unwrap_err().code, Code::PurposeMissing);
}
