//! Files that would harm whoever reads them, and names that would harm whoever prints them. Each is read by a process of its own, which may
//! run out of memory or time, break, or be killed: that is one refused file with one sentence, and the other files are loaded. Linux only,
//! since what the process may do is looked up in `/proc`.

use crate::support::Hub;
use std::{
    fs,
    io::Write as _,
    os::unix::ffi::OsStrExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

const REGISTER: &str =
    "RYBH,GMSFHM,XM,CYM,XMPY,XB,MZ,CSRQ,HKLB_DM,HH,YHZGX,HJQH,HJXZ,XZQH,XZXZ,RFYZLB,WHCD,HYZK,FWCS,LXDH,PCSMC,ZXBS,ZXYY,GXSJ\n";

/// A register of so many rows, each with a street of that length. The person is invented.
fn register(rows: usize, street: usize) -> String {
    let row = format!(",990101198503070017,王小明,,,,,,,,,,{},,,,,,,,,,,\n", "街".repeat(street));
    let mut text = REGISTER.to_owned();
    text.extend(std::iter::repeat_n(row.as_str(), rows));
    text
}

/// A folder with a file before and one after the file in question.
fn folder(hub: &Hub, between: &str) -> PathBuf {
    let folder = hub.path("in");
    fs::create_dir(&folder).unwrap();
    for (name, text) in [("a.csv", register(1, 5).as_str()), ("b.csv", between), ("c.csv", &register(1, 6))] {
        fs::write(folder.join(name), text).unwrap();
    }
    folder
}

/// The sentence for the file in the middle; the files around it must be loaded and nothing of it.
fn only_the_middle_is_refused(hub: &Hub, loaded: &serde_json::Value) -> String {
    let outcomes: Vec<&str> = loaded["jobs"].as_array().unwrap().iter().map(|job| job["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["published", "refused", "published"], "{loaded}");
    assert_eq!(hub.count("SELECT count(*) FROM contract.delivery"), 2);
    assert_eq!(hub.count("SELECT count(*) FROM raw.ga_hjrk"), 2);
    // The last one is a full delivery of the same extract, so what was first stands no more.
    assert_eq!(hub.count("SELECT count(*) FROM record.person"), 1);
    loaded["jobs"][1]["reason"].as_str().unwrap().to_owned()
}

fn loaded(hub: &Hub, options: &[&str]) -> serde_json::Value {
    let mut arguments = vec!["ingest", "in", "--json"];
    arguments.extend(options);
    let output = hub.run(&arguments);
    assert!(!output.status.success(), "a file was refused, so the command fails");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn a_file_that_needs_too_much_memory_is_one_refused_file() {
    let hub = Hub::new();
    folder(&hub, &register(2000, 3000));
    let reason = only_the_middle_is_refused(&hub, &loaded(&hub, &["--memory-mb", "40"]));
    assert!(reason.contains("b.csv") && reason.contains("it needs more than 40 MiB of memory; hint: split the file"), "{reason}");
    // With what it needs it is loaded.
    assert_eq!(hub.json(&["ingest", "in/b.csv"])["jobs"][0]["outcome"], "published");
}

#[test]
fn a_file_that_takes_too_long_is_one_refused_file() {
    let hub = Hub::new();
    folder(&hub, &register(300_000, 50));
    let reason = only_the_middle_is_refused(&hub, &loaded(&hub, &["--seconds", "1"]));
    assert!(reason.contains("b.csv") && reason.contains("it needs more than 1 seconds of the processor; hint: split the file"), "{reason}");
}

#[test]
fn a_reader_that_breaks_is_one_refused_file() {
    let hub = Hub::new();
    let folder = folder(&hub, &register(300_000, 50));
    let command = hub.command(&["ingest", "in", "--json"]).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    signal("-ABRT", reader_of(&command, &folder.join("b.csv")));
    let output = command.wait_with_output().unwrap();
    let reason = only_the_middle_is_refused(&hub, &serde_json::from_slice(&output.stdout).unwrap());
    assert!(reason.contains("b.csv") && reason.contains("its reader broke; hint: report this line"), "{reason}");
}

#[test]
fn a_reader_that_stands_still_is_not_waited_for_for_ever() {
    let hub = Hub::new();
    fs::write(hub.path("a.csv"), register(300_000, 50)).unwrap();
    let command = hub.command(&["check", "a.csv", "--seconds", "1"]).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    let reader = reader_of(&command, &hub.path("a.csv"));
    signal("-STOP", reader);
    let output = command.wait_with_output().unwrap();
    let complaint = String::from_utf8(output.stderr).unwrap();
    assert!(complaint.contains("its reader did not go on within 4 seconds; hint: "), "{complaint}");
    assert!(!Path::new(&format!("/proc/{reader}")).exists(), "it is gone, stopped or not");
}

#[test]
fn a_file_that_grows_while_it_is_read_is_refused() {
    let hub = Hub::new();
    let folder = folder(&hub, &register(300_000, 50));
    let command = hub.command(&["ingest", "in", "--json"]).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    reader_of(&command, &folder.join("b.csv"));
    fs::OpenOptions::new().append(true).open(folder.join("b.csv")).unwrap().write_all(b",\n").unwrap();
    let output = command.wait_with_output().unwrap();
    let reason = only_the_middle_is_refused(&hub, &serde_json::from_slice(&output.stdout).unwrap());
    assert!(reason.contains("b.csv") && reason.contains("changed while it was read; hint: let the copy finish"), "{reason}");
}

#[test]
fn a_reader_has_three_pipes_its_file_and_limits_and_nothing_else() {
    let hub = Hub::new();
    let file = hub.path("a.csv");
    fs::write(&file, register(300_000, 50)).unwrap();
    let mut command = hub.command(&["check", "a.csv", "--memory-mb", "300", "--seconds", "30"]).stdout(Stdio::null()).spawn().unwrap();
    let reader = reader_of(&command, &file);
    let of = |name: &str| fs::read(format!("/proc/{reader}/{name}")).unwrap();
    let limits = String::from_utf8(of("limits")).unwrap();
    let limit =
        |name: &str| limits.lines().find(|line| line.starts_with(name)).unwrap()[26..].split_whitespace().next().unwrap().to_owned();
    assert_eq!(limit("Max data size"), (300 << 20).to_string());
    assert_eq!(["Max cpu time", "Max file size", "Max core file size", "Max open files"].map(limit), ["30", "0", "0", "16"]);
    assert_eq!(of("environ"), b"", "no environment");
    assert_eq!(of("cmdline"), b"wuwei\0worker\0", "no path where everybody can read it");
    // What whoever runs the tests has handed on to every process.
    let links = |process: &str| -> Vec<PathBuf> {
        let entries = fs::read_dir(format!("/proc/{process}/fd")).unwrap();
        entries.filter_map(|entry| fs::read_link(entry.unwrap().path()).ok()).collect()
    };
    let given = links("self");
    let own = |target: &PathBuf| *target == file.canonicalize().unwrap() || target.to_string_lossy().starts_with("pipe:");
    let foreign = || links(&reader.to_string()).into_iter().filter(|target| !given.contains(target) && !own(target)).collect::<Vec<_>>();
    // While it gives its rights up, it holds what it does that by.
    let begun = Instant::now();
    while !foreign().is_empty() && begun.elapsed().as_secs() < 2 {
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(foreign(), Vec::<PathBuf>::new());
    command.kill().unwrap();
    command.wait().unwrap();
}

#[test]
fn what_is_no_file_is_refused_before_it_is_read() {
    let hub = Hub::new();
    assert!(Command::new("mkfifo").arg(hub.path("pipe.csv")).status().unwrap().success());
    std::os::unix::fs::symlink("/dev/zero", hub.path("endless.csv")).unwrap();
    std::os::unix::fs::symlink("nowhere.csv", hub.path("lost.csv")).unwrap();
    for (name, says) in [("pipe.csv", "a pipe or a device"), ("endless.csv", "a pipe or a device"), ("lost.csv", "no such file")] {
        for verb in ["check", "ingest"] {
            let words = hub.complains(&[verb, name]);
            assert!(words.contains(name) && words.contains(says) && words.contains("hint:"), "{words}");
        }
    }
}

#[test]
fn a_link_to_a_folder_is_followed_when_named_and_not_when_met() {
    let hub = Hub::new();
    let folder = folder(&hub, &register(3, 5));
    std::os::unix::fs::symlink(".", folder.join("again")).unwrap();
    std::os::unix::fs::symlink("in", hub.path("link")).unwrap();
    assert_eq!(hub.json(&["ingest", "link"])["ingest"]["published"], 3);
}

#[test]
fn names_of_any_bytes_are_loaded_and_shown_on_one_line() {
    let hub = Hub::new();
    let names: [&[u8]; 4] = [b"-a.csv", b"two\nlines\x1b[31m.csv", b"\xbb\xa7\xbc\xae.csv", "户籍 ' \" $(x).csv".as_bytes()];
    for (at, name) in names.iter().enumerate() {
        let name = std::ffi::OsStr::from_bytes(name);
        fs::write(hub.path("").join(name), register(1, at + 5)).unwrap();
        let output = hub.command(&["ingest", "--json", "--"]).arg(name).output().unwrap();
        assert!(output.status.success(), "{name:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
    let listed = hub.says(&["jobs"]);
    assert_eq!(listed.lines().count(), 2 + names.len(), "{listed}");
    assert!(!listed.contains('\u{1b}'));
    fs::write(hub.path("not\nours.csv"), "甲,乙\n1,2\n").unwrap();
    assert_eq!(hub.complains(&["check", "not\nours.csv"]).lines().count(), 1);
    assert_eq!(hub.complains(&["ingest", "not\nours.csv"]).lines().count(), 2, "the file's sentence and the command's");
}

/// The process of the command that has opened the file.
fn reader_of(command: &Child, file: &Path) -> u32 {
    let (file, began) = (file.canonicalize().unwrap(), Instant::now());
    let children = format!("/proc/{0}/task/{0}/children", command.id());
    while began.elapsed() < Duration::from_secs(60) {
        for child in fs::read_to_string(&children).unwrap_or_default().split_whitespace() {
            let opened = fs::read_dir(format!("/proc/{child}/fd")).into_iter().flatten().flatten();
            if opened.filter_map(|entry| fs::read_link(entry.path()).ok()).any(|target| target == file) {
                return child.parse().unwrap();
            }
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    panic!("no process has opened {}", file.display());
}

fn signal(name: &str, process: u32) {
    assert!(Command::new("kill").args([name, &process.to_string()]).status().unwrap().success());
}
