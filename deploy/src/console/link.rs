//! Addresses of pages, with what is typed put into them so that it stays what it is (RFC 3986).

/// A path with a query.
pub(crate) fn with(path: &str, query: &[(&str, &str)]) -> String {
    let pairs: Vec<String> = query.iter().map(|(key, value)| format!("{key}={}", escaped(value))).collect();
    if pairs.is_empty() { path.to_owned() } else { format!("{path}?{}", pairs.join("&")) }
}

/// All but unreserved characters as `%E4`.
pub(crate) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => escaped.push(char::from(byte)),
            _ => escaped.push_str(&format!("%{byte:02X}")),
        }
    }
    escaped
}

/// Where to go on, if it is a page of ours: an address of another host would send people there who trust this one.
pub(crate) fn own(path: &str) -> Option<&str> {
    let is_own = path.starts_with('/') && !path.starts_with("//") && !path.contains(['\\', '\r', '\n', '\t']) && path.len() <= 2048;
    is_own.then_some(path)
}

/// Households, whose file is of another form than that of everybody and everything else.
pub(crate) const HOUSEHOLD: &str = "household";

/// Where the files of a type are.
pub(crate) fn place(entity: &str) -> &'static str {
    if entity == HOUSEHOLD { "household" } else { "person" }
}

/// The file of an entity.
pub(crate) fn file(entity: &str, id: i64) -> String {
    format!("/{}/{id}", place(entity))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_stays_what_it_is_and_nobody_is_sent_elsewhere() {
        assert_eq!(with("/search", &[("q", "王 a&b")]), "/search?q=%E7%8E%8B%20a%26b");
        assert_eq!(with("/sql", &[]), "/sql");
        assert_eq!(own("/person/7?x=1"), Some("/person/7?x=1"));
        for wrong in ["", "person", "//evil", "/\\evil", "https://evil", "/a\r\nSet-Cookie: x"] {
            assert_eq!(own(wrong), None, "{wrong:?}");
        }
        assert_eq!((file("household", 7), file("vehicle", 8)), ("/household/7".to_owned(), "/person/8".to_owned()));
    }
}
