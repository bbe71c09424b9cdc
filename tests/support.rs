//! What the tests share: the checkout's files, and the program run as a user runs it.

use crate::folder;
pub(crate) use crate::folder::every_file;
use serde_json::Value;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

/// A text file of the checkout.
pub(crate) struct Source {
    /// Relative to the root, with `/`.
    pub(crate) path: String,
    pub(crate) text: String,
}

pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every text file that belongs to the project.
pub(crate) fn sources() -> Vec<Source> {
    let mut found = Vec::new();
    let mut folders = vec![root().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let foreign = [".git", "target", "wuwei-data", "corpus", "artifacts", "node_modules"].contains(&name.as_str());
            if path.is_dir() && !foreign {
                folders.push(path);
            } else if !foreign && let Ok(text) = std::fs::read_to_string(&path) {
                found.push(Source { path: path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/"), text });
            }
        }
    }
    found.sort_by(|left, right| left.path.cmp(&right.path));
    found
}

/// A file of an invented county's last delivery, by department and name.
pub(crate) fn delivered(county: &Path, file: &str) -> PathBuf {
    let days = std::fs::read_dir(county.join("sources")).unwrap().map(|day| day.unwrap().path());
    days.max().unwrap().join(file)
}

/// Packs files into a ZIP archive, by Deflate.
pub(crate) fn pack(path: &Path, files: &[(&str, Vec<u8>)]) {
    let mut zip = zip::ZipWriter::new(std::fs::File::create(path).unwrap());
    for (name, bytes) in files {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap();
}

/// One county for all tests that only look, and what the demo said of it, in a hub that was refreshed before it held anything. Who changes
/// it, changes a [copy](Hub::copy): loading the files of all departments takes longer than anything else here.
pub(crate) static COUNTY: LazyLock<(Hub, Value)> = LazyLock::new(|| {
    let hub = Hub::new();
    hub.says(&["refresh"]);
    let demo = hub.json(&["demo", "--people", "1500", "--seed", "7", "--no-serve"]);
    (hub, demo)
});

/// The program on a hub of its own.
pub(crate) struct Hub {
    folder: tempfile::TempDir,
}

impl Hub {
    pub(crate) fn new() -> Hub {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("temporary")).unwrap();
        Hub { folder }
    }

    /// Another hub with the same data.
    pub(crate) fn copy(&self) -> Hub {
        let hub = Hub::new();
        folder::copy(&self.path("data"), &hub.path("data"));
        hub
    }

    /// A file or folder beside the hub's data.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wuwei"));
        command
            .args(arguments)
            .env("WUWEI_DATA", self.path("data"))
            .env("TMPDIR", self.path("temporary"))
            .env("LANG", "C.UTF-8")
            .current_dir(self.folder.path());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// What the program prints; it must succeed.
    pub(crate) fn says(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    /// What it prints with `--json`.
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        let mut all = arguments.to_vec();
        all.push("--json");
        serde_json::from_str(&self.says(&all)).unwrap()
    }

    /// What it complains of; it must fail.
    pub(crate) fn complains(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(!output.status.success(), "{arguments:?} should fail: {}", String::from_utf8_lossy(&output.stdout));
        String::from_utf8(output.stderr).unwrap()
    }

    /// The one number that a question is answered with.
    pub(crate) fn count(&self, sql: &str) -> i64 {
        let answer: Value = serde_json::from_str(&self.says(&["sql", sql, "--format", "json"])).unwrap();
        answer[0].as_object().unwrap().values().next().unwrap().as_i64().unwrap()
    }
}
