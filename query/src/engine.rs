//! The threads that plan and run questions. The planner recurses as deep as a question is nested, in unoptimised builds with frames of
//! kilobytes, so these threads have stacks that the guard's limits cannot fill. They are not the caller's: planning never yields, and a
//! question that hangs must not hang whoever waits for it.

use crate::{Error, Limits};
use futures::future::BoxFuture;
use std::{
    sync::{Arc, Barrier, LazyLock},
    thread::available_parallelism,
    time::Duration,
};
use tokio::{
    runtime::{Builder, Handle, Runtime},
    task::JoinSet,
};

const STACK_BYTES: usize = 64 << 20;

/// Threads that wait for the disk. Few: each has a stack like the others, and is kept, so that what a process maps is known.
const READING: usize = 8;

/// Threads that compute, all processors together at most so many.
const COMPUTING: usize = 32;

static THREADS: LazyLock<Result<Runtime, std::io::Error>> = LazyLock::new(|| {
    let mut threads = Builder::new_multi_thread();
    threads.thread_name("question").thread_stack_size(STACK_BYTES).worker_threads(computing());
    threads.max_blocking_threads(READING).thread_keep_alive(Duration::MAX).enable_all().build()
});

fn computing() -> usize {
    available_parallelism().map_or(1, usize::from).min(COMPUTING)
}

/// Bytes that the stacks of all threads map, which are never touched but for a few pages.
pub fn stacks_bytes() -> u64 {
    (STACK_BYTES * (computing() + READING)) as u64
}

/// Starts every thread, so that a limit of memory that is set afterwards is one on what questions use.
///
/// # Errors
/// The system starts no thread.
pub fn start_threads() -> Result<(), Error> {
    let barrier = Arc::new(Barrier::new(READING + 1));
    for _ in 0..READING {
        let barrier = Arc::clone(&barrier);
        drop(threads()?.spawn_blocking(move || barrier.wait()));
    }
    barrier.wait();
    Ok(())
}

/// Whether nothing of any question runs any more: what was given up goes on until it next yields.
pub fn is_idle() -> bool {
    THREADS.as_ref().is_ok_and(|threads| threads.metrics().num_alive_tasks() == 0)
}

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
