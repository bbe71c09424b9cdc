//! The threads that plan and run questions. The planner recurses as deep as a question is nested, in unoptimised builds with frames of
//! kilobytes, so these threads have stacks that the guard's limits cannot fill. They are not the caller's: planning never yields, and a
//! question that hangs must not hang whoever waits for it.

use crate::{Error, Limits};
use futures::future::BoxFuture;
use std::sync::LazyLock;
use tokio::{
    runtime::{Builder, Handle, Runtime},
    task::JoinSet,
};

const STACK_BYTES: usize = 64 << 20;

static THREADS: LazyLock<Result<Runtime, std::io::Error>> =
    LazyLock::new(|| Builder::new_multi_thread().thread_name("question").thread_stack_size(STACK_BYTES).enable_all().build());

/// Where a question's work is spawned.
pub(crate) fn threads() -> Result<&'static Handle, Error> {
    THREADS.as_ref().map(Runtime::handle).map_err(|_| Error::Engine { detail: "its threads cannot be started" })
}

/// Runs some work of a question there; gives it up when its time is over, or when nobody waits any more.
pub(crate) async fn run<T: Send + 'static>(limits: &Limits, work: BoxFuture<'static, Result<T, Error>>) -> Result<T, Error> {
    let mut tasks = JoinSet::new();
    tasks.spawn_on(work, threads()?);
    match tokio::time::timeout(limits.time, tasks.join_next()).await {
        Err(_) => Err(limits.too_slow()),
        Ok(Some(Ok(result))) => result,
        Ok(Some(Err(_)) | None) => Err(Error::Engine { detail: "it stopped at a question" }),
    }
}
