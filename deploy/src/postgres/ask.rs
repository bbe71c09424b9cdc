//! From what a client sends to the door and back: the one place where this wire asks. Who asks, what for and their turn are as over HTTP; an
//! answer is put down whole, and accounted for, before its first row leaves.

use super::{
    parameter,
    refusal::Refusal,
    rows::{Fields, Rows, Writing, are_alike, fields},
};
use crate::{
    account::Account,
    clock,
    hub::Hub,
    serve::{
        State,
        asker::{Asker, Asking, Whence},
        problem::{Code, Problem},
        turnstile::Pass,
    },
};
use arrow_array::ArrayRef;
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};
use wuwei_query::{Described, Directory, Purpose};

/// Whoever is connected, with what they say it is for.
#[derive(Clone)]
pub(super) struct Connected {
    pub(super) state: Arc<State>,
    pub(super) account: Account,
    pub(super) whence: Whence,
    pub(super) purpose: Option<Purpose>,
    /// What `current_setting` answers.
    pub(super) settings: BTreeMap<String, String>,
    pub(super) seen: Arc<Seen>,
}

/// The catalogue as it was seen last: of which epoch, for what, and with which settings.
#[derive(Default)]
pub(super) struct Seen(Mutex<Option<(Key, Directory)>>);

type Key = (Option<u64>, Option<String>, BTreeMap<String, String>);

/// The catalogue, as long as it is somebody's turn.
struct Looking {
    directory: Directory,
    _asking: Option<Asking>,
    _pass: Option<Pass>,
}

/// A question, and whether it is one for the catalogue.
#[derive(Debug, Clone)]
pub(super) struct Question {
    pub(super) sql: String,
    pub(super) of_catalogue: bool,
}

/// What an answer has to be like.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    pub(super) values: Vec<ArrayRef>,
    /// Forms of the columns.
    pub(super) forms: Vec<i16>,
    /// What the client was told of its columns before.
    pub(super) told: Option<Fields>,
}

impl Question {
    pub(super) fn new(sql: &str) -> Question {
        Question { sql: sql.to_owned(), of_catalogue: Directory::is_asked(sql) }
    }
}

impl Connected {
    /// What a question's answer will be, without asking it; `types` are the numbers that the client tells of its parameters.
    ///
    /// # Errors
    /// It is refused, or makes no sense.
    pub(super) async fn describe(&self, question: &Question, types: &[u32]) -> Result<Described, Refusal> {
        let types = types.iter().map(|number| parameter::kind(*number)).collect();
        if question.of_catalogue {
            let looking = self.directory(&question.sql).await?;
            return Ok(looking.directory.describe(&question.sql, types).await?);
        }
        let asking = self.enter().await?;
        Ok(asking.hub.elsewhere(asking.session).describe(&question.sql, types, clock::now_ms()).await?)
    }

    /// Answers a question.
    ///
    /// # Errors
    /// It is refused, passes a limit, or cannot be accounted for.
    pub(super) async fn answer(&self, question: &Question, wanted: Wanted) -> Result<Rows, Refusal> {
        if question.of_catalogue {
            return self.look(question, wanted).await;
        }
        let asking = self.enter().await?;
        let mut taken = asking.hub.elsewhere(asking.session.clone()).take_with(&question.sql, wanted.values, clock::now_ms()).await?;
        let writing = Writing::new(agreed(fields(&taken.schema, &wanted.forms)?, wanted.told)?, asking.hub.spill());
        while let Some(batch) = taken.next().await? {
            writing.batch(batch).await?;
        }
        let rows = writing.rows().await?;
        taken.close().await?;
        Ok(rows)
    }

    /// Answers from the catalogue. It holds nothing but names that are seen: the look is in the audit, but is no use of data.
    async fn look(&self, question: &Question, wanted: Wanted) -> Result<Rows, Refusal> {
        let looking = self.directory(&question.sql).await?;
        let answer = looking.directory.answer(&question.sql, wanted.values).await?;
        let hub = self.state.hub();
        let writing = Writing::new(agreed(fields(&answer.schema, &wanted.forms)?, wanted.told)?, hub.spill());
        for batch in answer.batches {
            writing.batch(batch).await?;
        }
        writing.rows().await
    }

    /// The catalogue as it is seen now. Without a purpose nothing of the hub is in it.
    async fn directory(&self, question: &str) -> Result<Looking, Refusal> {
        let (asking, pass) = match &self.purpose {
            Some(_) => (Some(self.enter().await?), None),
            None => {
                let pass = self.state.turnstile().enter(&self.account.name, None).await;
                (None, Some(pass.map_err(|problem| Refusal::of(&problem))?))
            }
        };
        if let Some(asking) = &asking {
            asking.session.look("catalogue", question, clock::now_ms())?;
        }
        let epoch = asking.as_ref().map(|asking| asking.hub.lake.epoch().number);
        let key = (epoch, self.purpose.as_ref().map(|purpose| purpose.as_str().to_owned()), self.settings.clone());
        let known = self.seen.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some((_, directory)) = known.filter(|(known, _)| *known == key) {
            return Ok(Looking { directory, _asking: asking, _pass: pass });
        }
        let directory = Directory::of(asking.as_ref().map(|asking| &asking.session), &self.account.name, self.settings.clone())?;
        *self.seen.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((key, directory.clone()));
        Ok(Looking { directory, _asking: asking, _pass: pass })
    }

    /// Waits for its turn, and opens the door.
    async fn enter(&self) -> Result<Asking, Refusal> {
        let Some(purpose) = &self.purpose else {
            let hint = "SET wuwei.purpose = '…' says what the answers are needed for; at the start, options='-c wuwei.purpose=…'";
            return Err(Refusal::of(&Problem::because(Code::PurposeMissing, "no purpose is stated", hint)));
        };
        let asker = Asker::of(&self.state, self.account.clone(), self.whence, purpose.clone());
        asker.enter("sql").await.map_err(|problem| Refusal::of(&problem))
    }

    /// Whether a purpose may be stated by whoever is connected.
    ///
    /// # Errors
    /// It is none, or not registered for them, which is accounted for.
    pub(super) fn may_state(&self, purpose: &str) -> Result<Purpose, Refusal> {
        let purpose = Purpose::parse(purpose).map_err(Refusal::from)?;
        let hub: Arc<Hub> = self.state.hub();
        hub.session_of(self.account.principal()?.at(&self.whence.to_string()), purpose.clone())?;
        Ok(purpose)
    }

    /// Whether a purpose of that name is registered for the role of whoever is connected.
    pub(super) fn is_registered(&self, name: &str) -> bool {
        let hub = self.state.hub();
        let of_role = hub.definitions.policies.purposes().any(|(known, roles)| known == name && roles.contains(&self.account.role));
        of_role && self.account.states(name)
    }
}

/// The columns, if they are what the client was told.
fn agreed(fields: Fields, told: Option<Fields>) -> Result<Fields, Refusal> {
    match told {
        Some(told) if !are_alike(&told, &fields) => {
            Err(Refusal::new("0A000", "the answer has other columns than when it was described", "prepare the statement anew"))
        }
        _ => Ok(fields),
    }
}
