//! The routes of people and whatever else is found: who they are, their files, what they are tied to.

use super::{Access, Gives, Parameter, Route, Takes, option, part};
use crate::serve::handler::{cross_reference, file, graph, people};
use axum::{http::Method, routing::on};

const ENTITY: Parameter = part("id", "integer", "Entity number, also one that it had");
const TYPES: Parameter = option("types", "string", "Relations with commas between; all if not said");
const AS_OF: Parameter = option("as_of", "string", "The day on which edges hold, or `any`; today if not said");

pub(super) fn routes() -> Vec<Route> {
    found().into_iter().chain(files()).chain(ties()).collect()
}

fn found() -> Vec<Route> {
    use Takes::{List, Nothing};
    vec![
        route!(
            GET "/api/v1/people", Purpose, Nothing, Json,
            [
                part("q", "string", "Name, pinyin, initials, a surname with a title, number or plate, its tail or what is not covered of it, address, words of a text, a year or date of birth beside others; several words are all found. Where no hit is shown `note` says why"),
                option("offset", "integer", "Leave out so many of the first, at most 10000"),
                option("limit", "integer", "At most so many, 20 if not said")
            ],
            people::find,
            "Find people and whoever else has an index"
        ),
        route!(
            POST "/api/v1/cross-reference", Purpose, List, Matches,
            [
                option("limit", "integer", "At most so many for each row, 3 if not said, 10 at most"),
                option("type", "string", "Only of this entity type; else of what the headings speak of, or of those that have names of people")
            ],
            cross_reference::compare,
            "Hold a list of at most 5000 rows against everybody: of each row who it can mean, and in what they agree; with `Accept: text/csv` one row a match"
        ),
    ]
}

fn files() -> Vec<Route> {
    use Takes::{Nothing, Object};
    vec![
        route!(
            GET "/api/v1/people/{id}", Purpose, Nothing, Json,
            [ENTITY],
            file::person,
            "One person, one file; or the file of any other entity"
        ),
        route!(
            GET "/api/v1/people/{id}/export", Purpose, Nothing, Matches,
            [ENTITY],
            file::export,
            "The same file to be taken along, which the audit tells apart: as JSON, or with `Accept` as rows of XLSX, CSV …"
        ),
        route!(
            POST "/api/v1/people/{id}/reveal", Purpose, Object(&[("property", "string"), ("ground", "string")]), Json,
            [ENTITY],
            file::reveal,
            "One property of a file for the purpose that is stated, on a ground that is written to the audit: what another purpose shows masked"
        ),
        route!(
            GET "/api/v1/households/{id}", Purpose, Nothing, Json,
            [part("id", "integer", "Entity number of a household, or of a member")],
            file::household,
            "One household, one file"
        ),
        route!(
            GET "/api/v1/places", Purpose, Nothing, Json,
            [
                part("address", "string", "An address down to the number of the house at least, or the number of a dwelling"),
                option("level", "string", "room, unit or building; as much as the address says if not said")
            ],
            file::place,
            "Everybody of a room, a unit or a building, now and before"
        ),
    ]
}

fn ties() -> Vec<Route> {
    use Takes::Nothing;
    vec![
        route!(
            GET "/api/v1/entities/{id}/graph", Purpose, Nothing, Json,
            [
                ENTITY,
                option("hops", "integer", "Steps from it, 1 to 4; 2 if not said"),
                TYPES,
                AS_OF,
                option("max_degree", "integer", "What has more neighbours by a relation is counted, not walked through; 200 if not said"),
                option("limit", "integer", "At most so many entities besides it, 300 if not said, 2000 at most")
            ],
            graph::around,
            "What is around an entity: nodes, hubs with a count, and edges with the row that asserts each"
        ),
        route!(
            GET "/api/v1/entities/{id}/path/{other}", Purpose, Nothing, Json,
            [
                ENTITY,
                part("other", "integer", "That of the other"),
                option("hops", "integer", "Steps at most, 1 to 12; 6 if not said"),
                TYPES,
                AS_OF
            ],
            graph::between,
            "One shortest path between two entities, with the row that asserts each step; no step where there is none in sight"
        ),
    ]
}
