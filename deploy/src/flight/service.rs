//! The calls of Flight, each from its headers to who calls, and from its command to what is answered. Where a question is asked, a ticket is
//! given; what it stands for is kept here, so a client can neither make one nor change it.

use super::{
    actions::{actions, columns, command, no_statement},
    ask::{self, Question},
    catalogue,
    connection::Peer,
    frames,
    kept::{Kept, Owner},
    known, refusal,
};
use crate::{
    Error,
    account::Account,
    console::sessions::Sessions,
    serve::{
        State,
        asker::{self, Asker, Whence},
        problem::{Code, Problem},
    },
};
use arrow_array::ArrayRef;
use arrow_flight::{
    Action, ActionType, Criteria, Empty, FlightData, FlightDescriptor, FlightEndpoint, FlightInfo, HandshakeRequest, HandshakeResponse,
    PollInfo, PutResult, Result as Answer, SchemaResult, Ticket,
    flight_service_server::FlightService,
    sql::{Command, ProstMessageExt as _, TicketStatementQuery},
};
use arrow_schema::SchemaRef;
use axum::http::HeaderMap;
use futures::stream::{self, BoxStream, StreamExt as _};
use prost::{Message as _, bytes::Bytes};
use std::sync::Arc;
use tonic::{Request, Response, Status, Streaming, async_trait, metadata::MetadataValue};
use wuwei_query::{Described, Purpose};

/// Milliseconds that a ticket may wait to be fetched, and a prepared statement to be used.
const TICKET_MS: i64 = 5 * 60_000;
const STATEMENT_MS: i64 = 60 * 60_000;

type Answers<T> = BoxStream<'static, Result<T, Status>>;

/// What all calls share.
#[derive(Debug)]
pub(super) struct Service {
    state: Arc<State>,
    sessions: Sessions,
    tickets: Kept<Wanted>,
    pub(super) statements: Kept<Statement>,
}

/// What a ticket stands for.
#[derive(Debug, Clone)]
enum Wanted {
    Question(Question),
    Catalogue(Box<Command>),
}

/// A prepared statement.
#[derive(Debug, Clone)]
pub(super) struct Statement {
    pub(super) sql: String,
    pub(super) described: Described,
    pub(super) values: Vec<ArrayRef>,
}

/// Somebody who calls and is known, with what they say it is for.
#[derive(Debug)]
pub(super) struct Caller {
    account: Account,
    whence: Whence,
    purpose: Result<Purpose, Problem>,
}

impl Caller {
    pub(super) fn owner(&self) -> Owner {
        let purpose = self.purpose.as_ref().ok().map(|purpose| purpose.as_str().to_owned());
        Owner { account: self.account.name.clone(), purpose }
    }
}

impl Service {
    pub(super) fn new(state: Arc<State>) -> Service {
        let (tickets, statements) = (Kept::new(TICKET_MS), Kept::new(STATEMENT_MS));
        Service { state, sessions: Sessions::default(), tickets, statements }
    }

    fn caller<T>(&self, request: &Request<T>) -> Result<Caller, Status> {
        let (peer, headers) = about(request)?;
        let account = known::known(&self.state, &self.sessions, &peer, &headers).map_err(refusal::of)?;
        let whence = Whence { wire: "flight", address: peer.address };
        Ok(Caller { account, whence, purpose: asker::purpose(&headers) })
    }

    /// Somebody who may ask for what they say it is for.
    pub(super) fn asker(&self, caller: &Caller) -> Result<Asker, Status> {
        let purpose = caller.purpose.clone().map_err(refusal::of)?;
        Ok(Asker::of(&self.state, caller.account.clone(), caller.whence, purpose))
    }

    /// What a command wants, and the columns of its answer.
    async fn wanted(&self, caller: &Caller, command: Command) -> Result<(SchemaRef, Wanted), Status> {
        match command {
            Command::CommandStatementQuery(wanted) if wanted.transaction_id.is_none() => {
                let described = ask::describe(&self.asker(caller)?, &wanted.query).await.map_err(refusal::of)?;
                question(Statement { sql: wanted.query, described, values: Vec::new() })
            }
            Command::CommandPreparedStatementQuery(wanted) => {
                let statement = self.statements.find(&caller.owner(), &wanted.prepared_statement_handle);
                question(statement.ok_or_else(no_statement)?)
            }
            command => {
                let broken = |_| refusal::of(Error::defect("the catalogue has no form in Arrow"));
                let Some(none) = catalogue::rows(&command, &[]).map_err(broken)? else {
                    return Err(refusal::unknown("this is not answered here"));
                };
                if catalogue::is_of_tables(&command) {
                    self.asker(caller)?;
                }
                Ok((none.schema(), Wanted::Catalogue(Box::new(command))))
            }
        }
    }

    async fn answer(&self, caller: &Caller, wanted: Wanted) -> Result<frames::Frames, Status> {
        match wanted {
            Wanted::Question(question) => ask::answer(&self.asker(caller)?, question).await.map_err(refusal::of),
            Wanted::Catalogue(command) => {
                let tables = match catalogue::is_of_tables(&command) {
                    true => ask::tables(&self.asker(caller)?, command.type_url()).await.map_err(refusal::of)?,
                    false => Vec::new(),
                };
                match catalogue::rows(&command, &tables) {
                    Ok(Some(rows)) => Ok(frames::of(rows)),
                    _ => Err(refusal::of(Error::defect("the catalogue has no form in Arrow"))),
                }
            }
        }
    }
}

/// A statement that has its values, and its columns.
fn question(Statement { sql, described, values }: Statement) -> Result<(SchemaRef, Wanted), Status> {
    if values.len() != described.parameters.len() {
        let hint = "prepare the statement, and bind a value for each";
        return Err(refusal::status(&Problem::because(Code::Refused, "parameters of the question have no values", hint)));
    }
    let told = described.schema;
    Ok((Arc::clone(&told), Wanted::Question(Question { sql, values, told })))
}

/// Who is at the other end, and the headers.
fn about<T>(request: &Request<T>) -> Result<(Peer, HeaderMap), Status> {
    let peer = request.extensions().get::<Peer>().cloned().ok_or_else(|| refusal::of(Error::defect("a call comes from nowhere")))?;
    Ok((peer, request.metadata().clone().into_headers()))
}

fn one<T: Send + 'static>(answer: T) -> Answers<T> {
    stream::iter([Ok(answer)]).boxed()
}

#[async_trait]
impl FlightService for Service {
    type HandshakeStream = Answers<HandshakeResponse>;
    type ListFlightsStream = Answers<FlightInfo>;
    type DoGetStream = frames::Frames;
    type DoPutStream = Answers<PutResult>;
    type DoActionStream = Answers<Answer>;
    type ListActionsStream = Answers<ActionType>;
    type DoExchangeStream = Answers<FlightData>;

    async fn handshake(&self, request: Request<Streaming<HandshakeRequest>>) -> Result<Response<Self::HandshakeStream>, Status> {
        let (peer, headers) = about(&request)?;
        let word = known::handshake(&self.state, &self.sessions, &peer, &headers).await.map_err(refusal::of)?;
        let bearer = MetadataValue::try_from(format!("Bearer {word}")).map_err(|_| refusal::protocol("the token is none"))?;
        let mut response = Response::new(one(HandshakeResponse { protocol_version: 0, payload: word.into() }));
        response.metadata_mut().insert("authorization", bearer);
        Ok(response)
    }

    async fn get_flight_info(&self, request: Request<FlightDescriptor>) -> Result<Response<FlightInfo>, Status> {
        let caller = self.caller(&request)?;
        let descriptor = request.into_inner();
        let (schema, wanted) = self.wanted(&caller, command(&descriptor.cmd)?).await?;
        let handle = self.tickets.put(caller.owner(), wanted).map_err(refusal::of)?;
        let ticket = TicketStatementQuery { statement_handle: Bytes::copy_from_slice(&handle) }.as_any().encode_to_vec();
        let endpoint = FlightEndpoint::new().with_ticket(Ticket::new(ticket));
        let info = FlightInfo { schema: columns(&schema)?, total_records: -1, total_bytes: -1, ..FlightInfo::default() };
        Ok(Response::new(info.with_endpoint(endpoint).with_descriptor(descriptor).with_ordered(true)))
    }

    async fn get_schema(&self, request: Request<FlightDescriptor>) -> Result<Response<SchemaResult>, Status> {
        let caller = self.caller(&request)?;
        let (schema, _) = self.wanted(&caller, command(&request.get_ref().cmd)?).await?;
        Ok(Response::new(SchemaResult { schema: columns(&schema)? }))
    }

    async fn do_get(&self, request: Request<Ticket>) -> Result<Response<Self::DoGetStream>, Status> {
        let caller = self.caller(&request)?;
        let Command::TicketStatementQuery(ticket) = command(&request.get_ref().ticket)? else {
            return Err(refusal::protocol("this is no ticket of this server"));
        };
        let gone = || Status::not_found("there is no such ticket; hint: ask anew, each is good once, for five minutes, for whoever asked");
        let wanted = self.tickets.take(&caller.owner(), &ticket.statement_handle).ok_or_else(gone)?;
        self.answer(&caller, wanted).await.map(Response::new)
    }

    async fn do_put(&self, request: Request<Streaming<FlightData>>) -> Result<Response<Self::DoPutStream>, Status> {
        let caller = self.caller(&request)?;
        let app_metadata = self.bind(&caller, request.into_inner()).await?;
        Ok(Response::new(one(PutResult { app_metadata })))
    }

    async fn do_action(&self, request: Request<Action>) -> Result<Response<Self::DoActionStream>, Status> {
        let caller = self.caller(&request)?;
        let Action { r#type, body } = request.into_inner();
        let answer = self.act(&caller, &r#type, &body).await?;
        Ok(Response::new(stream::iter(answer.map(|body| Ok(Answer { body }))).boxed()))
    }

    async fn list_actions(&self, request: Request<Empty>) -> Result<Response<Self::ListActionsStream>, Status> {
        self.caller(&request)?;
        Ok(Response::new(stream::iter(actions().map(Ok)).boxed()))
    }

    async fn list_flights(&self, _: Request<Criteria>) -> Result<Response<Self::ListFlightsStream>, Status> {
        Err(refusal::unknown("there are no flights but those that are asked for"))
    }

    async fn poll_flight_info(&self, _: Request<FlightDescriptor>) -> Result<Response<PollInfo>, Status> {
        Err(refusal::unknown("an answer is waited for, not polled"))
    }

    async fn do_exchange(&self, _: Request<Streaming<FlightData>>) -> Result<Response<Self::DoExchangeStream>, Status> {
        Err(refusal::unknown("nothing is exchanged"))
    }
}
