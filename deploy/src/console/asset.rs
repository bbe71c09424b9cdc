//! Files that pages load: style, script, and what others wrote, all carried by the program. An address changes with what it gives, so a
//! browser may keep it.

use axum::{
    extract::Path,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use sha2::{Digest as _, Sha256};
use std::sync::LazyLock;

/// Name, media type and bytes of each.
const ASSETS: [(&str, &str, &[u8]); 8] = [
    ("app.css", "text/css; charset=utf-8", include_bytes!("../../console/static/app.css")),
    ("app.js", "text/javascript; charset=utf-8", include_bytes!("../../console/static/app.js")),
    ("upload.js", "text/javascript; charset=utf-8", include_bytes!("../../console/static/upload.js")),
    ("graph.js", "text/javascript; charset=utf-8", include_bytes!("../../console/static/graph.js")),
    ("icon.svg", "image/svg+xml", include_bytes!("../../console/static/icon.svg")),
    ("htmx.min.js", "text/javascript; charset=utf-8", include_bytes!("../../console/vendor/htmx.min.js")),
    ("editor.js", "text/javascript; charset=utf-8", include_bytes!("../../console/static/editor.js")),
    ("codemirror.min.js", "text/javascript; charset=utf-8", include_bytes!("../../console/vendor/codemirror.min.js")),
];

/// Eight hexadecimal digits of each one's SHA-256.
static VERSIONS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let version = |bytes: &[u8]| Sha256::digest(bytes)[..4].iter().map(|byte| format!("{byte:02x}")).collect();
    ASSETS.iter().map(|(_, _, bytes)| version(bytes)).collect()
});

/// The address of one.
pub(crate) fn address(name: &str) -> String {
    let at = ASSETS.iter().position(|(known, ..)| *known == name);
    at.map_or_else(|| format!("/static/{name}"), |at| format!("/static/{name}?v={}", VERSIONS[at]))
}

pub(super) async fn send(Path(name): Path<String>) -> Response {
    let Some((_, media, bytes)) = ASSETS.iter().find(|(known, ..)| *known == name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(media)),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=31536000, immutable")),
    ];
    (headers, *bytes).into_response()
}
