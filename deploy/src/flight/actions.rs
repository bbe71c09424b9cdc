//! Prepared statements: made and closed by actions, bound to values by a stream, asked as any question. Nothing of them is run before.

use super::{
    ask, parameters, refusal,
    service::{Caller, Service, Statement},
};
use arrow_flight::{
    ActionType, FlightData, IpcMessage, SchemaAsIpc,
    sql::{
        ActionClosePreparedStatementRequest, ActionCreatePreparedStatementRequest, ActionCreatePreparedStatementResult, Any, Command,
        DoPutPreparedStatementResult, ProstMessageExt as _,
    },
};
use arrow_ipc::writer::IpcWriteOptions;
use arrow_schema::Schema;
use futures::{StreamExt as _, stream};
use prost::{Message as _, bytes::Bytes};
use tonic::{Status, Streaming};
use wuwei_query::parameter_columns;

/// Names of actions, as `FlightSql.proto` has them.
const CREATE: &str = "CreatePreparedStatement";
const CLOSE: &str = "ClosePreparedStatement";

/// The actions that there are.
pub(super) fn actions() -> [ActionType; 2] {
    [(CREATE, "Prepares a SELECT."), (CLOSE, "Forgets a prepared SELECT.")]
        .map(|(action, description)| ActionType { r#type: action.to_owned(), description: description.to_owned() })
}

impl Service {
    /// Does what an action says; its one answer, if it has one.
    pub(super) async fn act(&self, caller: &Caller, action: &str, body: &[u8]) -> Result<Option<Bytes>, Status> {
        if !actions().iter().any(|known| known.r#type == action) {
            return Err(refusal::unknown("there is no such action"));
        }
        match command(body)? {
            Command::ActionCreatePreparedStatementRequest(wanted) => self.prepare(caller, wanted).await.map(Some),
            Command::ActionClosePreparedStatementRequest(ActionClosePreparedStatementRequest { prepared_statement_handle: handle }) => {
                // One that is gone is as closed as it can be.
                drop(self.statements.take(&caller.owner(), &handle));
                Ok(None)
            }
            _ => Err(refusal::protocol("the action has another body")),
        }
    }

    async fn prepare(&self, caller: &Caller, wanted: ActionCreatePreparedStatementRequest) -> Result<Bytes, Status> {
        if wanted.transaction_id.is_some() {
            return Err(refusal::unknown("there are no transactions"));
        }
        let asker = self.asker(caller)?;
        let described = ask::describe(&asker, &wanted.query).await.map_err(refusal::of)?;
        let values = (*parameter_columns(described.parameters.iter().cloned())).clone();
        let result = |handle: &[u8]| {
            Ok(ActionCreatePreparedStatementResult {
                prepared_statement_handle: Bytes::copy_from_slice(handle),
                dataset_schema: columns(&described.schema)?,
                // What has none is told so by nothing, not by no columns.
                parameter_schema: if described.parameters.is_empty() { Bytes::new() } else { columns(&values)? },
            })
        };
        let statement = Statement { sql: wanted.query, described: described.clone(), values: Vec::new() };
        let handle = self.statements.put(caller.owner(), statement).map_err(refusal::of)?;
        result(&handle).map(|result: ActionCreatePreparedStatementResult| result.as_any().encode_to_vec().into())
    }

    /// Binds values to a prepared statement.
    pub(super) async fn bind(&self, caller: &Caller, mut sent: Streaming<FlightData>) -> Result<Bytes, Status> {
        let Some(first) = sent.message().await? else { return Err(refusal::protocol("there is no command")) };
        let wanted = first.flight_descriptor.as_ref().map(|descriptor| command(&descriptor.cmd)).transpose()?;
        let handle = match wanted {
            Some(Command::CommandPreparedStatementQuery(wanted)) => wanted.prepared_statement_handle,
            Some(_) => return Err(refusal::unknown("nothing is written here")),
            None => return Err(refusal::protocol("there is no command")),
        };
        let owner = caller.owner();
        let statement = self.statements.find(&owner, &handle).ok_or_else(no_statement)?;
        let values = parameters::row(stream::iter([Ok(first)]).chain(sent)).await?;
        if values.len() != statement.described.parameters.len() {
            let (given, wanted) = (values.len(), statement.described.parameters.len());
            return Err(Status::invalid_argument(format!("there are {given} values for {wanted} parameters; hint: bind one for each")));
        }
        self.statements.change(&owner, &handle, |statement| statement.values = values).ok_or_else(no_statement)?;
        Ok(DoPutPreparedStatementResult { prepared_statement_handle: Some(handle) }.encode_to_vec().into())
    }
}

/// What a client wants.
///
/// # Errors
/// It is no command of Flight SQL.
pub(super) fn command(bytes: &[u8]) -> Result<Command, Status> {
    let any = Any::decode(bytes).map_err(|_| refusal::protocol("the command cannot be read"))?;
    Command::try_from(any).map_err(|_| refusal::protocol("the command cannot be read"))
}

/// Columns as a message.
///
/// # Errors
/// They have no form in Arrow.
pub(super) fn columns(schema: &Schema) -> Result<Bytes, Status> {
    let message = IpcMessage::try_from(SchemaAsIpc::new(schema, &IpcWriteOptions::default()));
    message.map(|IpcMessage(bytes)| bytes).map_err(|_| refusal::of(crate::Error::defect("columns have no form in Flight")))
}

pub(super) fn no_statement() -> Status {
    Status::not_found("there is no such prepared statement; hint: prepare it anew, it lasts an hour for whoever prepared it")
}
