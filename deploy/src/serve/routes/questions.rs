//! Routes about questions in SQL: what one would do, and those that are kept to be asked again.

use super::{
    super::handler::{queries, sql},
    Access, Gives, Method, Parameter, Route, Takes, on, part,
};

pub(super) fn of_the_questions() -> Vec<Route> {
    use Takes::{Nothing, Object, Question};
    vec![
        route!(
            POST "/api/v1/sql/plan", Purpose, Question, Json,
            [],
            sql::plan,
            "What one SELECT would do, without doing it: what it reads, what of that is kept back, its limits, its steps"
        ),
        route!(
            GET "/api/v1/queries", Purpose, Nothing, Json,
            [],
            queries::all,
            "Names of the questions in SQL that the account keeps, and of those that the program carries"
        ),
        route!(
            GET "/api/v1/queries/{query}", Purpose, Nothing, Json,
            [part("query", "string", "Its name")],
            queries::one,
            "One of them, with its SQL"
        ),
        route!(
            PUT "/api/v1/queries/{query}", Purpose, Object(&[("sql", "string")]), Nothing,
            [part("query", "string", "Its name, 100 characters at most")],
            queries::keep,
            "Keep a question under a name, in place of the one that has it; 100 of 64 KiB at most"
        ),
        route!(
            DELETE "/api/v1/queries/{query}", Purpose, Nothing, Nothing,
            [part("query", "string", "Its name")],
            queries::forget,
            "Forget one that the account keeps"
        ),
    ]
}
