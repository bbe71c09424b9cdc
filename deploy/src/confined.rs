//! Processes of this program's own that do what could end the one that does it: read a stranger's file, plan a stranger's question. Here is
//! what they have in common: how one is started, what it [gives up](limit), what [passes](frame) between the two and how it is
//! [taken](listen), and [why one ended](death). What it does is not known here.

pub(crate) mod death;
pub(crate) mod frame;
pub(crate) mod limit;
pub(crate) mod listen;

use std::{
    io,
    path::PathBuf,
    process::{Child, ChildStderr, ChildStdin, ChildStdout, Command, Stdio},
};

/// The three pipes of a process.
pub(crate) struct Pipes {
    pub(crate) input: ChildStdin,
    pub(crate) output: ChildStdout,
    pub(crate) complaints: ChildStderr,
}

/// This very program again under that verb, even if another one has been put in its place on disk since. It inherits three pipes, no
/// environment and no file of ours: Rust opens every descriptor so that it is not handed on. What whoever started the program handed to it
/// unasked stays open. It is in a group of its own: a key pressed at a terminal is for the program, which ends its processes itself.
///
/// # Errors
/// The system starts no process.
pub(crate) fn spawn(verb: &str) -> io::Result<(Child, Pipes)> {
    let running = PathBuf::from("/proc/self/exe");
    let program = if running.exists() { running } else { std::env::current_exe()? };
    let mut command = Command::new(program);
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(std::os::unix::process::CommandExt::arg0(&mut command, "wuwei"), 0);
    let mut child = command.arg(verb).env_clear().stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    match (child.stdin.take(), child.stdout.take(), child.stderr.take()) {
        (Some(input), Some(output), Some(complaints)) => Ok((child, Pipes { input, output, complaints })),
        _ => Err(io::Error::other("a process has no pipes")),
    }
}

/// Bytes of memory that a process holds, by its number or `self`; none where the system does not tell.
pub(crate) fn resident(process: &str) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.split_whitespace().next()?.parse::<u64>().ok().map(|kib| kib * 1024)
}
