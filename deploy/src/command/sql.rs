//! `wuwei sql`: one SELECT through the door, in the form asked for.

use crate::{
    Error,
    cli::{Common, Format, Sql},
    clock, export,
    hub::Hub,
};
use wuwei_query::{Answer, Session};

pub(super) async fn run(common: &Common, asked: &Sql) -> Result<(), Error> {
    let question = match (&asked.query, &asked.file) {
        (Some(query), _) => query.clone(),
        (None, Some(file)) => std::fs::read_to_string(file).map_err(Error::file("reading", file))?,
        (None, None) => return Err(Error::asked("no question was given", "write it, or give -f FILE")),
    };
    let hub = Hub::open_to_ask(common, "sql").await?;
    let session = hub.elsewhere(hub.session()?);
    let answer = tokio::select! {
        answer = whole(&session, &question) => answer?,
        // What is given up is written down, and its process ends.
        _ = tokio::signal::ctrl_c() => return Err(Error::asked("the question was given up", "ask for less, or for longer")),
    };
    let format = if common.json { Format::Json } else { asked.format };
    export::write(format, &answer.schema, &answer.batches, asked.out.as_deref())
}

async fn whole(session: &Session, question: &str) -> Result<Answer, Error> {
    Ok(session.take(question, clock::now_ms()).await?.whole().await?)
}
