//! Judgements, drawn at random and made by two people over HTTP (a thousand of them by the library alone: `graph/src/decision/operations.rs`). Each time they are carried out, tables, index, graph and files say the
//! same, and the same as an index and a graph that are made from nothing; every number that was ever given leads somewhere.

use super::client::Server;
use crate::{identity::DELIVERED, review::LOST, support::Hub};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const OPERATIONS: usize = 120;
/// Operations after which they are carried out.
const TOGETHER: usize = 40;

/// Numbers drawn one after the other (xorshift64*).
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        usize::try_from(self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33).unwrap() % most
    }
}

/// Two reviewers and what they judged.
struct Reviewers<'a> {
    hub: &'a Hub,
    server: Server,
    tokens: [String; 2],
    dice: Dice,
    /// Decisions that hold.
    holding: Vec<i64>,
    /// Operations by what came of them.
    done: BTreeMap<String, usize>,
}

impl Reviewers<'_> {
    fn send(&self, who: usize, path: &str, body: &Value) -> Value {
        let bearer = format!("Bearer {}", self.tokens[who]);
        let headers = [("Authorization", bearer.as_str()), ("Wuwei-Purpose", "归并复核"), ("Content-Type", "application/json")];
        let answer = self.server.send("POST", path, &headers, body.to_string().as_bytes());
        assert_eq!(answer.status, 200, "{path} {body}: {}", answer.text());
        answer.json()
    }

    /// One of the two judges two entities that are near by number, or takes back what was judged; what takes two is signed by the other.
    fn operate(&mut self, people: &[i64]) {
        let who = self.dice.below(2);
        let (path, body) = if self.holding.len() > 5 && self.dice.below(2) == 0 {
            let decision = self.holding.swap_remove(self.dice.below(self.holding.len()));
            (format!("/api/v1/decisions/{decision}/revoke"), json!({"ground": "误判"}))
        } else {
            let verdict = ["same", "same", "different", "unsure"][self.dice.below(4)];
            let at = self.dice.below(people.len() - 8);
            let sides = [people[at], people[at + 1 + self.dice.below(7)]].map(|number| number.to_string());
            ("/api/v1/decisions".to_owned(), json!({"verdict": verdict, "sides": sides, "ground": "卷宗"}))
        };
        let mut told = self.send(who, &path, &body);
        if ["proposed", "withdrawing"].contains(&told["state"].as_str().unwrap()) {
            *self.done.entry("signed by two".to_owned()).or_default() += 1;
            told = self.send(1 - who, &format!("/api/v1/decisions/{}/confirm", told["decision"]), &json!({"ground": "同意"}));
        }
        if told["state"] == "holds" {
            self.holding.push(told["decision"].as_i64().unwrap());
        }
        *self.done.entry(told["state"].as_str().unwrap().to_owned()).or_default() += 1;
    }
}

#[test]
fn judgements_take_effect_everywhere_and_as_if_all_were_made_from_nothing() {
    let hub = DELIVERED.0.copy();
    let tokens = ["li", "wang"].map(|name| {
        hub.says(&["user", "add", name, "--role", "reviewer"]);
        hub.json(&["user", "token", name, "--label", "operations"])["token"].as_str().unwrap().to_owned()
    });
    let server = Server::of(&hub, tokens[0].clone(), &[]);
    let mut reviewers = Reviewers { hub: &hub, server, tokens, dice: Dice(20_261_130), holding: Vec::new(), done: BTreeMap::new() };
    for _ in 0..OPERATIONS / TOGETHER {
        let people = column(&hub, "SELECT entity_id FROM entity.person ORDER BY entity_id");
        (0..TOGETHER).for_each(|_| reviewers.operate(&people));
        hub.says(&["refresh"]);
        agree(&mut reviewers);
    }
    let done = &reviewers.done;
    assert!(["holds", "revoked", "signed by two"].iter().all(|what| done[*what] > 10), "{done:?}");
    assert!(hub.count("SELECT count(*) FROM graph.redirect") > 5, "{done:?}");
}

fn column(hub: &Hub, question: &str) -> Vec<i64> {
    let rows = hub.json(&["sql", question, "--format", "json"]);
    rows.as_array().unwrap().iter().map(|row| row.as_object().unwrap().values().next().unwrap().as_i64().unwrap()).collect()
}

/// What is true of a hub in which everything says the same.
fn agree(reviewers: &mut Reviewers<'_>) {
    let hub = reviewers.hub;
    for (question, what) in [
        (
            "SELECT count(*) FROM entity.person e FULL JOIN (SELECT entity_id, count(*) AS n FROM graph.link WHERE entity = 'person' GROUP BY
             entity_id) l ON l.entity_id = e.entity_id WHERE e.records IS DISTINCT FROM l.n",
            "an entity has other records than links say",
        ),
        (
            "SELECT count(*) FROM (SELECT source AS id FROM graph.edge WHERE source_type = 'person' UNION ALL SELECT target FROM graph.edge
             WHERE target_type = 'person') ends WHERE id NOT IN (SELECT entity_id FROM entity.person)",
            "an edge ends at nobody",
        ),
        (LOST, "an old number leads nowhere"),
    ] {
        assert_eq!(hub.count(question), 0, "{what}");
    }
    let anew = hub.copy();
    anew.says(&["link"]);
    anew.says(&["index"]);
    let surnames = hub.json(&["sql", "SELECT DISTINCT substr(name, 1, 1) AS s FROM entity.person ORDER BY s LIMIT 12", "--format", "json"]);
    let found = surnames.as_array().unwrap().iter().map(|row| {
        let typed = row["s"].as_str().unwrap();
        format!("SELECT * FROM search('{typed}', entity => 'person', most => 1000) ORDER BY rank")
    });
    let near = "SELECT p.entity_id, unnest(neighbours_of(p.entity_id, NULL, NULL, 2)) AS n FROM entity.person p".to_owned();
    for question in found.chain([near]) {
        let [stands, made] = [hub, &anew].map(|hub| lines(hub, &question));
        assert!(!made.is_empty() && stands == made, "{question}: {} lines, made from nothing {}", stands.len(), made.len());
    }
    files(reviewers);
}

/// An answer, line by line in an order of its own.
fn lines(hub: &Hub, question: &str) -> Vec<String> {
    let mut lines: Vec<String> =
        hub.json(&["sql", question, "--format", "json"]).as_array().unwrap().iter().map(Value::to_string).collect();
    lines.sort_unstable();
    lines
}

/// Some old numbers open the file of whom they lead to, and a file has the records that links say.
fn files(reviewers: &mut Reviewers<'_>) {
    let hub = reviewers.hub;
    let redirects = hub.json(&["sql", "SELECT from_id, to_id FROM graph.redirect ORDER BY from_id", "--format", "json"]);
    let redirects = redirects.as_array().unwrap();
    for _ in 0..5.min(redirects.len()) {
        let redirect = &redirects[reviewers.dice.below(redirects.len())];
        let file = hub.json(&["person", &redirect["from_id"].to_string()]);
        assert_eq!(file["entity_id"], redirect["to_id"]);
        let mut records: Vec<i64> =
            file["merged"]["records"].as_array().unwrap().iter().map(|record| record["record_id"].as_i64().unwrap()).collect();
        records.sort_unstable();
        let linked = format!("SELECT record_id FROM graph.link WHERE entity_id = {} ORDER BY record_id", file["entity_id"]);
        assert_eq!(records, column(hub, &linked), "the file of {}", file["entity_id"]);
    }
}
