//! What can be wrong with an account or with what is asked of one, each with a kind that stays: by it pages tell it in the language of whoever asks
//! (`refusal.account-…` in `deploy/console/locale/`). None of it names anybody.

use super::{
    ROLES,
    queries::{BYTES, NAME},
    token::{DAYS_MOST, LABEL_LENGTH},
};

/// Why an account is not made or changed: whoever asked for it.
#[derive(Debug, thiserror::Error)]
pub enum Wrong {
    /// It can be the name of none.
    #[error("no account can have this name; hint: letters, digits, `.`, `_` and `-`, 64 at most, and not `wuwei`")]
    Name,
    /// The name is given already.
    #[error("there is an account of that name; hint: `wuwei user list` names them; `reset` gives a new password")]
    Exists,
    /// None has the name.
    #[error("there is no such account; hint: `wuwei user list` names them")]
    Unknown,
    /// It can be the role of none.
    #[error("there is no such role; hint: one of {}", ROLES.join(", "))]
    Role,
    /// No department has the code.
    #[error("there is no department `{name}`; hint: {hint}")]
    Department {
        /// The code given.
        name: String,
        /// The nearest code known, as a sentence.
        hint: String,
    },
    /// An area, and no department.
    #[error("an area is one of a department; hint: say the department too")]
    Area,
    /// A purpose that whoever has the account could never state.
    #[error("a purpose is not registered for this role and department; hint: {hint}")]
    Purpose {
        /// Those that are.
        hint: String,
    },
    /// Nobody could look after accounts any more.
    #[error(
        "this is the last account that looks after accounts; hint: make another of role `admin` first; one that signs in through a provider does not count, since that may be down"
    )]
    Last,
    /// As many kept queries as an account may have.
    #[error("the account keeps too many queries; hint: forget one that is not needed any more")]
    Queries,
    /// A name of a kept query that is none.
    #[error("no query can have this name; hint: {} characters at most, without blanks around it", NAME)]
    QueryName,
    /// A kept query that is empty or too long.
    #[error("the query is empty or too long; hint: {} KiB are the most", BYTES >> 10)]
    QueryLong,
    /// Whoever would change their own role.
    #[error("nobody changes what their own account may; hint: ask another who looks after accounts")]
    Own,
    /// Neither by a password nor by the provider.
    #[error("there is no such way to sign in; hint: password or oidc")]
    SignIn,
    /// A password for an account that has none.
    #[error("the account has no password: it signs in through the provider; hint: change it there")]
    NoPassword,
    /// A password that is guessed too easily, or costs too much to compare.
    #[error(
        "the password is too short, too long or too plain; hint: 12 characters at least, not all the same and without the account's name; several words do well"
    )]
    Password,
    /// As many tokens as an account may have.
    #[error("the account has too many tokens; hint: take some back with `wuwei user revoke`")]
    Tokens,
    /// A token for no day, or for too many.
    #[error("a token cannot hold for so many days; hint: 1 to {}", DAYS_MOST)]
    TokenDays,
    /// A token's label of several lines, or too long.
    #[error("this is no label; hint: one line of at most {} characters", LABEL_LENGTH)]
    TokenLabel,
    /// A first code of a second factor that nobody began to set up.
    #[error("no second factor is being set up; hint: POST /api/v1/account/second-factor, or begin anew in the browser")]
    NotBegun,
    /// The key that seals secrets is broken: the operator.
    #[error("the key of second factors is none; hint: bring back a copy of `accounts/second_factor.key`")]
    SecondKey,
    /// A secret was sealed by another key, or for another account: the operator.
    #[error(
        "the secret of a second factor cannot be opened; hint: bring back `accounts/second_factor.key`, or `wuwei user reset-second-factor`"
    )]
    SecondSecret,
}

impl Wrong {
    /// Of what kind it is, in a word that stays.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Wrong::Name => "account-name",
            Wrong::Exists => "account-exists",
            Wrong::Unknown => "account-unknown",
            Wrong::Role => "account-role",
            Wrong::Department { .. } => "account-department",
            Wrong::Area => "account-area",
            Wrong::Purpose { .. } => "account-purpose",
            Wrong::Last => "account-last",
            Wrong::Queries => "account-queries",
            Wrong::QueryName => "account-query-name",
            Wrong::QueryLong => "account-query-long",
            Wrong::Own => "account-own",
            Wrong::SignIn => "account-sign-in",
            Wrong::NoPassword => "account-no-password",
            Wrong::Password => "account-password",
            Wrong::Tokens => "account-tokens",
            Wrong::TokenDays => "account-token-days",
            Wrong::TokenLabel => "account-token-label",
            Wrong::NotBegun => "account-second-not-begun",
            Wrong::SecondKey => "account-second-key",
            Wrong::SecondSecret => "account-second-secret",
        }
    }
}
