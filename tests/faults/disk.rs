//! The program on a disk that fails: it is run with `fault.c` before its C library, which counts the calls that change the hub's files and
//! lets one of them go wrong. What must hold afterwards is not known here.

use std::{
    fs,
    os::unix::process::ExitStatusExt as _,
    path::{Path, PathBuf},
    process::Command,
};

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The process is killed before the call.
    Kill,
    /// It is killed after it; a write has written half.
    Torn,
    /// A write writes half, and from then on there is no room.
    Full,
    /// The call fails, and later ones do not.
    Broken,
    /// The process that reads the file is killed.
    Reader,
    /// From then on nothing may be changed.
    Sealed,
    /// The machine stops: names and bytes that were not forced to disk are gone.
    Power,
    /// The machine stops: bytes are gone, names are there.
    Hollow,
}

impl Kind {
    /// As `fault.c` calls it.
    fn word(self) -> &'static str {
        match self {
            Kind::Kill => "kill",
            Kind::Torn => "torn",
            Kind::Full => "full",
            Kind::Broken => "broken",
            Kind::Reader => "reader",
            Kind::Sealed => "sealed",
            Kind::Power => "power",
            Kind::Hollow => "hollow",
        }
    }

    /// Whether the process does not live to tell.
    pub(crate) fn kills(self) -> bool {
        matches!(self, Kind::Kill | Kind::Torn | Kind::Power | Kind::Hollow)
    }
}

/// A moment: the n-th call from 1 that changes the hub, and what goes wrong there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Point {
    pub(crate) kind: Kind,
    pub(crate) at: usize,
}

/// How a run ended.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) succeeded: bool,
    pub(crate) was_killed: bool,
    pub(crate) said: String,
    pub(crate) complaint: String,
    /// The calls that changed the hub, in order: number, what, path.
    pub(crate) calls: Vec<String>,
}

/// The library, built, and the folder it is in.
#[derive(Debug)]
pub(crate) struct Disk {
    folder: tempfile::TempDir,
}

impl Disk {
    /// Builds the library with the C compiler that Rust itself links with.
    pub(crate) fn new() -> Disk {
        let folder = tempfile::tempdir().unwrap();
        let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/faults");
        let mut compiler = Command::new("cc");
        compiler.args(["-std=gnu11", "-O1", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-pthread", "-o"]);
        let built = compiler.arg(folder.path().join("fault.so")).args([sources.join("fault.c"), sources.join("power.c")]).output();
        let built = built.unwrap_or_else(|error| panic!("`cc` cannot be started: {error}; hint: install a C compiler, as the README says"));
        assert!(built.status.success(), "tests/faults/*.c cannot be built: {}", String::from_utf8_lossy(&built.stderr));
        Disk { folder }
    }

    /// Runs the program on the hub in `data`; `hours` is by how much its clock is ahead.
    pub(crate) fn run(&self, data: &Path, arguments: &[&str], point: Option<Point>, hours: i64) -> Run {
        let beside = tempfile::tempdir().unwrap();
        let log = beside.path().join("calls");
        let output = self.command(data, arguments, point, hours, &log).output().unwrap();
        let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
        let was_killed = output.status.signal() == Some(9);
        let (said, complaint) = (text(&output.stdout), text(&output.stderr));
        Run { succeeded: output.status.success(), was_killed, said, complaint, calls: calls(&log) }
    }

    /// The program on the hub in `data`, which knows one small department; `{hub}` in its arguments stands for that folder. Nothing is really
    /// forced to disk, since the machine stays up. Calls are told in `log`.
    pub(crate) fn command(&self, data: &Path, arguments: &[&str], point: Option<Point>, hours: i64, log: &Path) -> Command {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut command = Command::new(env!("CARGO_BIN_EXE_wuwei"));
        command.arg("--model").arg(root.join("schema/model")).arg("--departments").arg(root.join("tests/faults/departments"));
        command.args(arguments.iter().map(|argument| argument.replace("{hub}", data.to_str().unwrap())));
        command.env("WUWEI_DATA", data).env("LANG", "C.UTF-8").current_dir(self.folder.path());
        command.env("LD_PRELOAD", self.folder.path().join("fault.so")).env("FAULT_FOLDER", data).env("FAULT_LOG", log);
        command.env("FAULT_KIND", point.map_or("none", |point| point.kind.word()));
        command.env("FAULT_AT", point.map_or(0, |point| point.at).to_string()).env("FAULT_CLOCK", (hours * 3600).to_string());
        command
    }

    /// What the program says; nothing goes wrong.
    pub(crate) fn says(&self, data: &Path, arguments: &[&str]) -> Result<String, String> {
        let run = self.run(data, arguments, None, 0);
        if run.succeeded { Ok(run.said) } else { Err(format!("`wuwei {}` failed: {}", arguments.join(" "), run.complaint.trim())) }
    }
}

/// The calls that a log tells of.
pub(crate) fn calls(log: &Path) -> Vec<String> {
    fs::read_to_string(log).unwrap().lines().map(str::to_owned).collect()
}

/// A new folder of that name for a hub, in canonical form.
pub(crate) fn place(folder: &tempfile::TempDir) -> PathBuf {
    folder.path().canonicalize().unwrap().join("data")
}
