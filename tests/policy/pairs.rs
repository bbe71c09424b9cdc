//! Pairs of worlds that differ only in what somebody may not see, asked the same questions: the first answer that differs ends the run.

use super::{
    questions::{answering, drawn, told},
    world::{Dice, EVERYBODY, Who, altered, people, session},
};
use serde::Serialize;
use wuwei::{Error, command::review, file};
use wuwei_query::Session;
use wuwei_schema::Model;

/// What was asked, and how much of it was refused.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    pub(crate) questions: usize,
    pub(crate) refused: usize,
}

/// Asks each pair of worlds of a seed, one pair for everybody who asks, that many questions.
pub(crate) async fn asked(seed: u64, questions: usize) -> Asked {
    let mut asked = Asked::default();
    for who in EVERYBODY {
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let these = people(seed);
        let those = altered(&these, who, seed);
        let (here, there) = (session(one.path(), &these, who).await, session(other.path(), &those, who).await);
        let (mut dice, tables) = (Dice(seed * 100 + 13), answering(&here).await);
        assert_eq!(tables, answering(&there).await, "{who:?}, seed {seed}");
        for _ in 0..questions {
            let question = drawn(&mut dice, if seed.is_multiple_of(2) { &these } else { &those }, &tables);
            let answer = told(&here, &question).await;
            assert_eq!(answer, told(&there, &question).await, "{who:?}, seed {seed}: {question}");
            asked.questions += 1;
            asked.refused += usize::from(answer.starts_with("error"));
        }
        files(&mut asked, who, seed, [&here, &there]).await;
    }
    asked
}

/// Whole files, everybody of a place and the queue of judgements, of both worlds: every number, value, path and sentence of them, what is
/// kept back too.
async fn files(asked: &mut Asked, who: Who, seed: u64, worlds: [&Session; 2]) {
    let model = Model::embedded().unwrap();
    let mut dice = Dice(seed * 100 + 17);
    for id in [1000 + dice.below(24), 1000 + dice.below(72), *dice.of(&[1060, 1512, 1999])] {
        let id = i64::try_from(id).unwrap();
        let mut told = Vec::new();
        for session in worlds {
            told.push([json(file::person(session, &model, id).await), json(file::household(session, &model, id).await)]);
        }
        asked.questions += 2;
        asked.refused += told[0].iter().filter(|told| told.starts_with("error")).count();
        assert_eq!(told[0], told[1], "{who:?}, seed {seed}: the file of {id}");
    }
    let mut told = Vec::new();
    for session in worlds {
        let place = file::Asked { place: "云溪县城关镇人民路1号", level: None };
        let queue = review::queue(&model, session, review::Asked { entity: Some("person"), offset: 0, limit: 50 }).await;
        told.push([json(file::place(session, &model, place).await), json(queue)]);
    }
    asked.questions += 2;
    assert_eq!(told[0], told[1], "{who:?}, seed {seed}: a place, and what awaits a judgement");
}

fn json(found: Result<impl Serialize, Error>) -> String {
    found.map_or_else(|error| format!("error: {error}"), |found| serde_json::to_string(&found).unwrap())
}
