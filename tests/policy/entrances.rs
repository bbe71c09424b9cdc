//! The entrances over a network beside the door: somebody asks each the same, and no entrance tells more than the door does.

use super::{
    questions::{answering, drawn},
    world::{Dice, Who, altered, people, session},
};
use crate::{
    serve::{
        client::{Server, escaped},
        postgres::client::{Answer, Client},
    },
    support::Hub,
};

/// Those who can have an account with all that they are asked as: it has no area, and no operator comes over a network.
pub(super) const WITH_AN_ACCOUNT: [Who; 6] = [Who::Engineer, Who::Liaison, Who::School, Who::Benefit, Who::Auditor, Who::Admin];

/// The program over a hub, and somebody at each of its entrances.
pub(super) struct Entrances {
    server: Server,
    bearer: String,
    purpose: &'static str,
    postgres: Client,
    #[cfg(feature = "flight")]
    flight: crate::serve::flight::Client,
}

/// What an entrance tells.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) entrance: &'static str,
    /// Letters of `statements.txt`, of which it is one; empty of what this entrance answers in its own way.
    pub(super) outcome: &'static str,
    /// All that it tells; lines in order, since rows come in any.
    pub(super) text: String,
}

impl Entrances {
    #[cfg_attr(not(feature = "flight"), expect(clippy::unused_async, reason = "Flight's client is"))]
    pub(super) async fn of(hub: &Hub, who: Who) -> Entrances {
        let (principal, purpose) = who.stated();
        let (role, rest) = principal.split_once(':').unwrap_or((principal, "x"));
        let (name, department) = rest.split_once('@').map_or((rest, None), |(name, department)| (name, Some(department)));
        let mut account = vec!["user", "add", name, "--role", role];
        account.extend(department.iter().flat_map(|department| ["--department", department]));
        hub.says(&account);
        let token = hub.json(&["user", "token", name, "--label", "tests"])["token"].as_str().unwrap().to_owned();
        let mut options = vec!["--pg", "127.0.0.1:0"];
        if cfg!(feature = "flight") {
            options.extend(["--flight", "127.0.0.1:0"]);
        }
        let server = Server::of(hub, token, &options);
        let option = format!("-c wuwei.purpose={purpose}");
        let postgres = Client::open(server.postgres.as_ref().unwrap(), name, &server.token, &[("options", &option)]);
        Entrances {
            bearer: server.bearer(),
            purpose,
            postgres: postgres.unwrap_or_else(|answer| panic!("{:?}", answer.error)),
            #[cfg(feature = "flight")]
            flight: crate::serve::flight::connected(&server, &server.token, &escaped(purpose)).await,
            server,
        }
    }

    /// What each tells of a question.
    #[cfg_attr(not(feature = "flight"), expect(clippy::unused_async, reason = "Flight's client is"))]
    pub(super) async fn ask(&mut self, question: &str) -> Vec<Told> {
        let mut all = vec![self.over_http(question)];
        for answer in [self.postgres.ask(question), self.postgres.ask_with(question, &[], 0)] {
            all.push(over_postgres(question, &answer));
        }
        // What it may have begun is over before the next.
        self.postgres.ask("ROLLBACK");
        #[cfg(feature = "flight")]
        all.push(over_flight(question, crate::serve::flight::asked(&mut self.flight, question).await));
        all
    }

    fn over_http(&self, question: &str) -> Told {
        let purpose = escaped(self.purpose);
        let headers = [
            ("Authorization", self.bearer.as_str()),
            ("Wuwei-Purpose", &purpose),
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Accept", "text/csv"),
        ];
        let answer = self.server.send("POST", "/api/v1/sql", &headers, question.as_bytes());
        if answer.status == 200 {
            return Told { entrance: "HTTP", outcome: "a", text: sorted(&answer.text()) };
        }
        let mut problem = answer.json();
        let outcome = match problem["code"].as_str().unwrap() {
            "refused" => "r",
            "unknown-name" => "u",
            "not-planned" => "p",
            "value" => "v",
            "limit" => "l",
            "internal" => "e",
            other => panic!("{other}: {question}"),
        };
        // Drawn anew for each.
        problem["request_id"].take();
        Told { entrance: "HTTP", outcome, text: problem.to_string() }
    }
}

/// Asks each entrance of the program about a pair of worlds of a seed, for each who can have an account, that many questions; of the audit none,
/// which tells times.
pub(super) async fn asked(seed: u64, questions: usize) {
    for who in WITH_AN_ACCOUNT {
        let (one, other) = (Hub::new(), Hub::new());
        let these = people(seed);
        let tables = answering(&session(&one.path("data"), &these, who).await).await;
        session(&other.path("data"), &altered(&these, who, seed), who).await;
        let (mut here, mut there) = (Entrances::of(&one, who).await, Entrances::of(&other, who).await);
        let mut dice = Dice(seed * 100 + 19);
        let drawn = std::iter::repeat_with(|| drawn(&mut dice, &these, &tables));
        for question in drawn.filter(|question| !question.contains("audit.")).take(questions) {
            assert_eq!(here.ask(&question).await, there.ask(&question).await, "{who:?}, seed {seed}: {question}");
        }
    }
}

/// Whether PostgreSQL's wire answers this by itself: what is about a connection or a transaction, or asks its catalogue.
fn is_of_its_own(question: &str) -> bool {
    ["SHOW", "SET", "RESET", "BEGIN", "COMMIT", "ROLLBACK", "DEALLOCATE"].iter().any(|word| question.starts_with(word))
        || ["pg_", "information_schema", "version()", "current_user"].iter().any(|name| question.contains(name))
}

fn over_postgres(question: &str, answer: &Answer) -> Told {
    let outcome = match answer.state() {
        _ if is_of_its_own(question) => "",
        "" => "a",
        "25006" | "42601" | "54001" | "42P02" | "08P01" => "r",
        // Refused, or of a type that PostgreSQL has not.
        "0A000" => "ra",
        "42P01" | "42703" => "u",
        "42000" => "p",
        "22000" => "v",
        "54000" | "57014" => "l",
        "XX000" => "e",
        other => panic!("{other}: {question}: {:?}", answer.error),
    };
    let rows = answer.texts().iter().map(|row| format!("{row:?}")).collect::<Vec<_>>().join("\n");
    let text = format!("{:?} {:?} {:?}\n{rows}", answer.columns, answer.tags, answer.error);
    Told { entrance: "PostgreSQL", outcome, text: sorted(&text) }
}

#[cfg(feature = "flight")]
fn over_flight(question: &str, answer: Result<Vec<arrow_array::RecordBatch>, arrow_flight::error::FlightError>) -> Told {
    let (outcome, text) = match answer {
        Ok(rows) => ("a", arrow_cast::pretty::pretty_format_batches(&rows).unwrap().to_string()),
        Err(error) => {
            let (code, text) = crate::serve::flight::refused::<()>(Err(error));
            let outcome = match code {
                // What a stream that began breaks off with.
                tonic::Code::Unknown => "",
                tonic::Code::InvalidArgument => "rpv",
                tonic::Code::NotFound => "u",
                tonic::Code::FailedPrecondition => "l",
                tonic::Code::Internal => "e",
                other => panic!("{other}: {question}: {text}"),
            };
            (outcome, text)
        }
    };
    Told { entrance: "Flight SQL", outcome, text: sorted(&text) }
}

fn sorted(text: &str) -> String {
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_unstable();
    lines.join("\n")
}
