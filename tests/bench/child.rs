//! A run of the program on a hub of its own, measured from outside: its time, its processor time, the most memory it held, and what it
//! left on disk. Linux only, since memory and processor time are read from `/proc`.

use serde_json::Value;
use std::{
    fs::{self, File},
    path::Path,
    process::{Command, Stdio},
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

/// A bench ends with the first thing that goes wrong.
pub(crate) type Fault = Box<dyn std::error::Error + Send + Sync>;

/// How often a child's memory is looked at. The kernel keeps the peak, so only what grows in the last moment is overlooked.
const LOOK: Duration = Duration::from_millis(20);

/// The kernel counts processor time for `/proc` in hundredths of a second on every Linux.
const TICKS_PER_SECOND: f64 = 100.0;

/// A hub and a county in a folder that vanishes afterwards.
pub(crate) struct Hub {
    folder: tempfile::TempDir,
}

/// What a run said and cost.
pub(crate) struct Measured {
    /// The JSON that it printed.
    pub(crate) said: Value,
    pub(crate) seconds: f64,
    pub(crate) cpu_seconds: f64,
    pub(crate) peak_rss_kb: u64,
    /// By how much the folder has grown.
    pub(crate) bytes: u64,
}

impl Hub {
    pub(crate) fn new() -> Result<Hub, Fault> {
        Ok(Hub { folder: tempfile::tempdir()? })
    }

    /// The folder of the invented county.
    pub(crate) fn county(&self) -> String {
        self.folder.path().join("county").to_string_lossy().into_owned()
    }

    /// Runs the program with these arguments; it must succeed.
    pub(crate) fn measure(&self, arguments: &[&str]) -> Result<Measured, Fault> {
        let (out, complaints) = (self.folder.path().join("stdout"), self.folder.path().join("stderr"));
        let mut command = Command::new(env!("CARGO_BIN_EXE_wuwei"));
        command.args(arguments).arg("--json").arg("--data").arg(self.folder.path().join("data"));
        command.stdin(Stdio::null()).stdout(File::create(&out)?).stderr(File::create(&complaints)?);
        let (bytes_before, cpu_before) = (size(self.folder.path())?, cpu_of_children()?);
        let (succeeded, seconds, peak_rss_kb) = wait(&mut command)?;
        if !succeeded {
            return Err(format!("`wuwei {}` failed: {}", arguments.join(" "), fs::read_to_string(&complaints)?.trim()).into());
        }
        let said = serde_json::from_reader(File::open(&out)?)?;
        fs::remove_file(&out)?;
        fs::remove_file(&complaints)?;
        let bytes = size(self.folder.path())?.saturating_sub(bytes_before);
        Ok(Measured { said, seconds, cpu_seconds: cpu_of_children()? - cpu_before, peak_rss_kb, bytes })
    }
}

/// Runs the command to its end: whether it succeeded, in how many seconds, and the most memory it held, in KiB.
fn wait(command: &mut Command) -> Result<(bool, f64, u64), Fault> {
    let begun = Instant::now();
    let mut child = command.spawn()?;
    let (status, ended) = (format!("/proc/{}/status", child.id()), AtomicBool::new(false));
    std::thread::scope(|scope| {
        let watch = scope.spawn(|| watch(&status, &ended));
        let exit = child.wait();
        let seconds = begun.elapsed().as_secs_f64();
        ended.store(true, Ordering::Relaxed);
        let peak = watch.join().map_err(|_| "the memory was not watched to the end")?;
        Ok((exit?.success(), seconds, peak))
    })
}

fn watch(status: &str, ended: &AtomicBool) -> u64 {
    let mut peak = 0;
    while !ended.load(Ordering::Relaxed) {
        peak = peak.max(peak_rss_kb(status).unwrap_or_default());
        std::thread::sleep(LOOK);
    }
    peak
}

/// The line `VmHWM: 12345 kB`.
fn peak_rss_kb(status: &str) -> Option<u64> {
    let text = fs::read_to_string(status).ok()?;
    text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?.split_whitespace().next()?.parse().ok()
}

/// Processor time of all children that have ended: the 16th and 17th field of `stat`, counted behind the name in brackets.
fn cpu_of_children() -> Result<f64, Fault> {
    let text = fs::read_to_string("/proc/self/stat")?;
    let behind = text.rsplit_once(')').map_or("", |(_, behind)| behind);
    let ticks = behind.split_whitespace().skip(13).take(2).map(str::parse::<f64>).sum::<Result<f64, _>>()?;
    Ok(ticks / TICKS_PER_SECOND)
}

/// Bytes of all files below.
fn size(folder: &Path) -> Result<u64, Fault> {
    let mut bytes = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let about = entry.metadata()?;
        bytes += if about.is_dir() { size(&entry.path())? } else { about.len() };
    }
    Ok(bytes)
}
