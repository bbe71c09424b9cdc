//! Pairs of worlds that differ only in what somebody may not see, asked the same questions: the first answer that differs ends the run.

use super::{
    questions::{answering, drawn, told},
    world::{Dice, EVERYBODY, altered, people, session},
};

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
    }
    asked
}
