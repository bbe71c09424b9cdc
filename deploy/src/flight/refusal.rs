//! Why a client of Flight SQL gets no answer: the problems of the HTTP entrance, told as gRPC tells them, with one of its codes and the hint in
//! the message. What asks too much at a time may come again by itself, and has a code of its own for that; a question that passes a limit
//! would pass it again. No text holds a value of a table.

use crate::serve::problem::{Code, Problem};
use tonic::{Code as Grpc, Status};

/// A problem as gRPC tells it.
pub(super) fn status(problem: &Problem) -> Status {
    let (message, hint) = problem.told_over("Flight SQL");
    let hint = hint.map(|hint| format!("; hint: {hint}")).unwrap_or_default();
    Status::new(code(problem.code), format!("{message}{hint}"))
}

/// The same of whatever becomes a problem.
pub(super) fn of<E>(error: E) -> Status
where
    Problem: From<E>,
{
    status(&Problem::from(error))
}

/// What a client sent is none of the protocol.
pub(super) fn protocol(message: &str) -> Status {
    Status::invalid_argument(format!("{message}; hint: speak Flight SQL"))
}

/// What is not done here.
pub(super) fn unknown(what: &str) -> Status {
    Status::unimplemented(format!("{what}; hint: a hub is only read, by SELECT"))
}

fn code(code: Code) -> Grpc {
    match code {
        Code::Unauthorized | Code::OneTimePassword | Code::SecondFactor => Grpc::Unauthenticated,
        Code::Forbidden | Code::CrossSite => Grpc::PermissionDenied,
        Code::Busy | Code::TooOften | Code::TooManyFailures => Grpc::ResourceExhausted,
        Code::UnknownName | Code::NotFound => Grpc::NotFound,
        Code::Limit | Code::NotPossible => Grpc::FailedPrecondition,
        Code::Unaccounted => Grpc::Unavailable,
        Code::Internal => Grpc::Internal,
        Code::Slow => Grpc::DeadlineExceeded,
        Code::MethodNotAllowed => Grpc::Unimplemented,
        Code::BadRequest
        | Code::PurposeMissing
        | Code::NotAcceptable
        | Code::TooLarge
        | Code::UnsupportedMediaType
        | Code::Refused
        | Code::NotPlanned
        | Code::Value => Grpc::InvalidArgument,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Error;

    #[test]
    fn a_code_says_whether_to_come_again_and_the_message_what_to_do() {
        let busy = status(&Problem::later(Code::Busy, 2, "too many questions wait already"));
        assert_eq!(busy.code(), Grpc::ResourceExhausted);
        assert_eq!(busy.message(), "too much is asked at a time; hint: too many questions wait already");
        let limit = status(&Problem::because(Code::Limit, "the answer has more than 10 rows", "ask for fewer"));
        assert_eq!(limit.code(), Grpc::FailedPrecondition, "it would be passed again");
        assert_eq!(status(&Problem::new(Code::Forbidden)).code(), Grpc::PermissionDenied);
        let broken = of(Error::file("reading", "/srv/secret")(std::io::Error::other("no")));
        assert!(broken.code() == Grpc::Internal && !broken.message().contains("secret"), "{broken:?}");
    }
}
