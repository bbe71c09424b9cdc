//! Classes of statement that got round other programs' policies, as a file, each by every role and entrance: what becomes of it is written beside
//! it, and no answer, refused or given, holds what is hidden. The file's outcomes are the program's; a change of one is to be looked at.

use super::{
    entrances::{Entrances, WITH_AN_ACCOUNT},
    questions::shown,
    world::{EVERYBODY, NOW, RESTRICTED, Who, people, session},
};
use crate::support::{Hub, root};
use wuwei_query::Error;

/// A person of the police's, neither under 14 nor restricted.
const TARGET: usize = 12;

/// A statement with what becomes of it for each of everybody.
struct Known {
    outcomes: String,
    statement: String,
}

fn file() -> (Vec<String>, Vec<Known>) {
    let text = std::fs::read_to_string(root().join("tests/policy/statements.txt")).unwrap();
    let (head, statements): (Vec<&str>, Vec<&str>) = text.lines().filter(|line| !line.is_empty()).partition(|line| line.starts_with('#'));
    let known = |line: &&str| {
        let (outcomes, statement) = line.split_once("  ").unwrap_or(("", line));
        Known { outcomes: outcomes.trim().to_owned(), statement: statement.trim().to_owned() }
    };
    (head.into_iter().map(str::to_owned).collect(), statements.iter().map(known).collect())
}

/// a answered, r refused, u a name unknown, p not planned, v a value, l a limit, e what the engine cannot do and does not say well.
fn outcome(error: &Error) -> char {
    match error {
        Error::Refused { .. } => 'r',
        Error::Unknown { .. } => 'u',
        Error::Plan { .. } => 'p',
        Error::Value => 'v',
        Error::Limit { .. } => 'l',
        Error::Engine { .. } => 'e',
        other => panic!("{other}"),
    }
}

struct World {
    values: [String; 3],
    restricted: String,
    /// Names of two or three characters are several people's.
    shared_name: bool,
}

impl World {
    /// What is hidden of the target from whom; said here by itself, without asking a policy.
    fn hidden(&self, who: Who) -> Vec<&str> {
        let [id, phone, name] = self.values.each_ref().map(String::as_str);
        match who {
            Who::Operator | Who::Reviewer | Who::Benefit | Who::Area => vec![&self.restricted],
            Who::School => vec![id, phone, &self.restricted],
            Who::Liaison if self.shared_name => vec![id, phone, &self.restricted],
            _ => vec![id, phone, name, &self.restricted],
        }
    }

    /// The statement about the target. What somebody wrote is in no error either, so it is put together where that is tested.
    fn written(&self, statement: &str) -> String {
        let [id, phone, name] = self.values.each_ref();
        statement.replace("{id}", id).replace("{phone}", phone).replace("{name}", name).replace("{born}", &id[6..14])
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_class_of_statement_gets_round_a_door() {
    let (head, known) = file();
    assert!(known.len() >= 120, "{}", known.len());
    let everybody = people(4);
    let target = &everybody[TARGET];
    let world = World {
        values: [target.id_no.clone(), target.phone.clone(), target.name.clone()],
        restricted: everybody[RESTRICTED].id_no.clone(),
        shared_name: everybody.iter().any(|human| human.department == "mz" && human.name == target.name),
    };
    let mut found: Vec<String> = vec![String::new(); known.len()];
    for who in EVERYBODY {
        let hub = Hub::new();
        let session = session(&hub.path("data"), &everybody, who).await;
        for (at, known) in known.iter().enumerate() {
            let statement = world.written(&known.statement);
            let answered = session.sql(&statement, NOW).await;
            let answer = shown(&answered, &statement);
            for value in world.hidden(who) {
                assert!(!answer.contains(value), "{who:?} finds {value}: {statement}\n{answer}");
            }
            found[at].push(answered.as_ref().map_or_else(outcome, |_| 'a'));
        }
        if WITH_AN_ACCOUNT.contains(&who) {
            over_a_network(&hub, who, &world, &known, &found).await;
        }
    }
    let lines = known.iter().zip(&found).map(|(known, found)| format!("{found}  {}", known.statement));
    let changed = known.iter().zip(&found).any(|(known, found)| known.outcomes != *found);
    if changed {
        let text = head.into_iter().chain(lines).collect::<Vec<_>>().join("\n") + "\n";
        std::fs::write(root().join("tests/policy/statements.new"), text).unwrap();
        panic!("what becomes of a statement has changed: compare tests/policy/statements.new with the .txt beside it");
    }
}

/// The same of the same hub by the program, at each of its entrances: what the last of `found` says, in their words.
async fn over_a_network(hub: &Hub, who: Who, world: &World, known: &[Known], found: &[String]) {
    let mut entrances = Entrances::of(hub, who).await;
    let mut others = Vec::new();
    for (known, found) in known.iter().zip(found) {
        let statement = world.written(&known.statement);
        let outcome = found.chars().last().unwrap();
        for told in entrances.ask(&statement).await {
            if !told.outcome.is_empty() && !told.outcome.contains(outcome) {
                others.push(format!("{who:?} over {}, {} for {outcome}: {statement}: {}", told.entrance, told.outcome, told.text));
            }
            for value in world.hidden(who) {
                assert!(!told.text.contains(value), "{who:?} finds {value} over {}: {statement}", told.entrance);
            }
        }
    }
    assert!(others.is_empty(), "{}", others.join("\n"));
}
