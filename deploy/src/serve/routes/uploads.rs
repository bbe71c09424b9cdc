//! The routes of files that are handed in.

use super::{Access, Gives, LANGUAGE, Parameter, Route, Takes, part};
use crate::serve::handler::{mapping, upload};
use axum::{http::Method, routing::on};

const UPLOAD: Parameter = part("upload", "string", "The upload's number");

pub(super) fn routes() -> Vec<Route> {
    handed_in().into_iter().chain(worked_at()).chain(mapped()).collect()
}

fn handed_in() -> Vec<Route> {
    use Takes::{Bytes, Nothing, Object};
    vec![
        route!(
            POST "/api/v1/uploads", Purpose,
            Object(&[("name", "string"), ("bytes", "integer"), ("sha256", "string"), ("modified", "integer")]), Json,
            [],
            upload::make,
            "Begin to hand in a file: what it is called, how many bytes it has, and its SHA-256 if that is known"
        ),
        route!(GET "/api/v1/uploads", Purpose, Nothing, Json, [], upload::all, "The files that whoever asks has handed in or begun to"),
        route!(
            GET "/api/v1/uploads/{upload}", Purpose, Nothing, Json,
            [UPLOAD],
            upload::one,
            "How much of it has come, how it is read, what is being done with it"
        ),
        route!(
            PATCH "/api/v1/uploads/{upload}", Purpose, Bytes, Json,
            [UPLOAD, part("offset", "integer", "Where the bytes belong: as many as have come")],
            upload::append,
            "Send bytes of it; what has come when they break off stays"
        ),
        route!(
            DELETE "/api/v1/uploads/{upload}", Purpose, Nothing, Nothing,
            [UPLOAD],
            upload::abandon,
            "Take it back"
        ),
    ]
}

fn worked_at() -> Vec<Route> {
    use Takes::{Nothing, Object};
    vec![
        route!(
            POST "/api/v1/uploads/{upload}/check", Purpose, READING, Json,
            [UPLOAD],
            upload::check,
            "Begin to look at the whole file, read so; nothing is loaded"
        ),
        route!(
            GET "/api/v1/uploads/{upload}/check", Purpose, Nothing, Json,
            [UPLOAD, LANGUAGE],
            upload::checked,
            "What was found: as `wuwei check` gives it, for each file, in words too, with the mapping, and first rows where they may be seen"
        ),
        route!(
            GET "/api/v1/uploads/{upload}/suggestion", Purpose, Nothing, Json,
            [UPLOAD],
            upload::suggestion,
            "What the columns of a file that nobody described are likely to be, and why; nothing is applied"
        ),
        route!(
            GET "/api/v1/uploads/{upload}/department-file", Purpose, Nothing, Text,
            [UPLOAD, part("code", "string", "The department's code")],
            upload::department_file,
            "The same as a department file, for a person to complete"
        ),
        route!(
            POST "/api/v1/uploads/{upload}/publish", Purpose, Object(&[("refresh", "boolean"), ("with", "array")]), Json,
            [UPLOAD],
            upload::publish,
            "Begin to load it, read as it was looked at; with `refresh`, for whoever may, what follows is brought up to date too"
        ),
        route!(
            POST "/api/v1/uploads/{upload}/cancel", Purpose, Nothing, Json,
            [UPLOAD],
            upload::cancel,
            "End what is being done with it, unless tables are being written already"
        ),
    ]
}

/// Mappings of files that no department describes.
fn mapped() -> Vec<Route> {
    use Takes::{Nothing, Object};
    vec![
        route!(
            GET "/api/v1/mappings", Purpose, Nothing, Json, [], mapping::all,
            "Files whose mapping waits to be completed or confirmed, for whoever may"
        ),
        route!(
            GET "/api/v1/mappings/{upload}", Purpose, Nothing, Json,
            [UPLOAD, LANGUAGE],
            mapping::one,
            "The mapping of one's own upload, or of one whose mapping was handed over: its text, how far it is, what the file would be by it"
        ),
        route!(
            POST "/api/v1/mappings/{upload}/draft", Purpose,
            Object(&[
                ("code", "string"), ("label", "object"), ("extract", "string"), ("extract_label", "object"), ("fields", "object"),
                ("reasons", "object")
            ]), Json,
            [UPLOAD],
            mapping::draft,
            "What is proposed, with what is chosen for its columns in it, as the text of a department file; nothing is kept"
        ),
        route!(
            PUT "/api/v1/mappings/{upload}", Purpose, Object(&[("text", "string"), ("open", "boolean")]), Json,
            [UPLOAD],
            mapping::propose,
            "Propose a mapping: it is checked as every department file, and the file is read by it; with `open`, somebody else completes it"
        ),
        route!(
            POST "/api/v1/mappings/{upload}/confirm", Purpose, Object(&[("digest", "string")]), Json,
            [UPLOAD],
            mapping::confirm,
            "Make it a department file of the hub, for whoever may and did not write it; an extract that there is, is never replaced"
        ),
        route!(
            POST "/api/v1/mappings/{upload}/refuse", Purpose, Object(&[("digest", "string"), ("reason", "string")]), Json,
            [UPLOAD],
            mapping::refuse,
            "Refuse it, with a reason for whoever wrote it"
        ),
    ]
}

/// What is read of a file, as the options of `check` and `ingest`.
const READING: Takes = Takes::Object(&[
    ("department", "string"),
    ("extract", "string"),
    ("format", "string"),
    ("encoding", "string"),
    ("delimiter", "string"),
    ("quote", "string"),
    ("escape", "string"),
    ("heading_row", "integer"),
    ("sheet", "string"),
    ("shrunk", "boolean"),
    ("late", "boolean"),
    ("with", "array"),
]);
