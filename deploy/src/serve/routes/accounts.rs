//! The routes about accounts: one's own, and those of others.

use super::{Access, Gives, Method, Parameter, Route, Takes, on, option, part};
use crate::serve::handler::{account, policies, schedules, second_factor, users};

/// What whoever is known does with their own.
pub(super) fn own() -> Vec<Route> {
    use Takes::{Nothing, Object};
    vec![
        route!(GET "/api/v1/account", Known, Nothing, Json, [], account::show, "Whoever asks, and their tokens without secrets"),
        route!(
            PUT "/api/v1/account/password", Known, Object(&[("password", "string")]), Nothing,
            [],
            account::password,
            "Set another password; tokens stay"
        ),
        route!(
            POST "/api/v1/account/tokens", Known, Object(&[("label", "string"), ("days", "integer")]), Json,
            [],
            account::make_token,
            "Make a token, which is shown once"
        ),
        route!(
            DELETE "/api/v1/account/tokens/{token}", Known, Nothing, Nothing,
            [part("token", "string", "Its number")],
            account::revoke,
            "Take a token back"
        ),
        route!(
            POST "/api/v1/account/second-factor", Known, Object(&[("code", "string")]), Json,
            [],
            second_factor::begin,
            "Begin to set up a second factor: its secret and address, shown once; `code` is one of the factor before, if there is one"
        ),
        route!(
            PUT "/api/v1/account/second-factor", Known, Object(&[("code", "string")]), Json,
            [],
            second_factor::confirm,
            "Set it up by its first code; gives recovery codes, shown once. From then on a password needs the header Wuwei-Code"
        ),
    ]
}

/// What whoever looks after accounts does, what the policies say, and what runs by itself.
pub(super) fn of_others() -> Vec<Route> {
    use Takes::{Nothing, Object};
    vec![
        route!(GET "/api/v1/users", Purpose, Nothing, Json, [], users::list, "Accounts and their tokens, without secrets"),
        route!(
            POST "/api/v1/users", Purpose,
            Object(&[
                ("name", "string"), ("role", "string"), ("department", "string"), ("area", "string"), ("purposes", "array"),
                ("sign_in", "string")
            ]), Json,
            [],
            users::add,
            "Make an account; its one-time password is in this answer only. With `sign_in` oidc it has none: the provider says who comes"
        ),
        route!(
            PATCH "/api/v1/users/{name}", Purpose,
            Object(&[("role", "string"), ("department", "string"), ("area", "string"), ("purposes", "array")]), Json,
            [part("name", "string", "Its name")],
            users::assign,
            "Give an account another role, department, area or purposes; an empty text is none. Its sessions and tokens end; nobody changes their own"
        ),
        route!(
            POST "/api/v1/users/{name}/{change}", Purpose, Nothing, Json,
            [part("name", "string", "Its name"), part("change", "string", "disable, enable, reset, sign-out, reset-second-factor or sign-in-oidc")],
            users::change,
            "Change an account; of reset the one-time password is in this answer only. The last that looks after accounts is not closed"
        ),
        route!(
            GET "/api/v1/policies", Purpose, Nothing, Json,
            [
                option("role", "string", "With `purpose`: which tables this role sees, which rows of them, what in clear"),
                option("purpose", "string", "As it is registered"),
                option("department", "string", "For which department whoever asks acts")
            ],
            policies::show,
            "Roles, registered purposes, limits and alarms, as the files of policies have them"
        ),
        route!(
            GET "/api/v1/schedules", Purpose, Nothing, Json,
            [],
            schedules::list,
            "What the server runs at its times, when next, and what came of it last, as the file of schedules has them"
        ),
    ]
}
