//! Archives as departments send them, and archives made to hurt: each file of one is loaded as if it had been handed in alone, one that
//! plays tricks is refused whole, and nothing of either stays on disk. What one entry may be is tested where archives are taken apart.

use crate::support::{Hub, delivered, every_file, pack};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};

const REGISTER: &str =
    "RYBH,GMSFHM,XM,CYM,XMPY,XB,MZ,CSRQ,HKLB_DM,HH,YHZGX,HJQH,HJXZ,XZQH,XZXZ,RFYZLB,WHCD,HYZK,FWCS,LXDH,PCSMC,ZXBS,ZXYY,GXSJ\n";

/// A register of one invented person who lives in that street.
fn register(street: &str) -> Vec<u8> {
    format!("{REGISTER},990101198503070017,王小明,,,,,,,,,,{street},,,,,,,,,,,\n").into_bytes()
}

/// Extracts of three departments of a small county: text, text, a workbook.
fn extracts(hub: &Hub) -> [Vec<u8>; 3] {
    let county = hub.path("county");
    hub.says(&["synth", "--people", "60", "--out", county.to_str().unwrap()]);
    ["ga/ga_hjrk.csv", "mz/mz_hydj.csv", "jy/jy_xj.xlsx"].map(|file| fs::read(delivered(&county, file)).unwrap())
}

/// The files left by whoever unpacked something into the hub or the system's folder for such things.
fn left(hub: &Hub) -> Vec<PathBuf> {
    [hub.path("data/spill"), hub.path("temporary")].iter().flat_map(|folder| every_file(folder)).collect()
}

#[test]
fn each_file_of_an_archive_is_loaded_as_if_it_were_handed_in_alone() {
    let (packed, alone) = (Hub::new(), Hub::new());
    let [residents, marriages, _] = extracts(&alone);
    let files = [("人口/一月.csv", residents), ("二月.csv", marriages), ("__MACOSX/._二月.csv", b"x".to_vec())];
    pack(&packed.path("报送.zip"), &files);
    let loaded = packed.json(&["ingest", "报送.zip"]);
    let told = |name: &str| loaded["jobs"].as_array().unwrap().iter().map(|job| job[name].as_str().unwrap().to_owned()).collect::<Vec<_>>();
    assert_eq!(told("file"), ["报送.zip/人口/一月.csv", "报送.zip/二月.csv"]);
    assert_eq!(told("outcome"), ["published", "published"]);
    for (at, (_, bytes)) in files[..2].iter().enumerate() {
        fs::write(alone.path("a.csv"), bytes).unwrap();
        assert_eq!(alone.json(&["ingest", "a.csv"])["jobs"][0]["batch"], loaded["jobs"][at]["batch"], "the batch is that of its bytes");
    }
    let rows = "SELECT department, extract, batch, row, record_id, name FROM record.person ORDER BY record_id";
    assert_eq!(packed.says(&["sql", rows]), alone.says(&["sql", rows]));
    assert_eq!(left(&packed), Vec::<PathBuf>::new());
    // Unpacked, packed again, sent again: the same files change nothing.
    fs::write(packed.path("二月.csv"), &files[1].1).unwrap();
    for again in ["报送.zip", "二月.csv"] {
        let loaded = packed.json(&["ingest", again]);
        assert!(loaded["jobs"].as_array().unwrap().iter().all(|job| job["outcome"] == "unchanged"), "{loaded}");
    }
}

#[test]
fn a_file_of_an_archive_that_is_refused_does_not_keep_the_others_out() {
    let hub = Hub::new();
    fs::create_dir(hub.path("in")).unwrap();
    pack(&hub.path("inner.zip"), &[("a.csv", register("南街"))]);
    let inner = fs::read(hub.path("inner.zip")).unwrap();
    pack(
        &hub.path("in/b.zip"),
        &[("1.csv", register("东街")), ("2.csv", b"x,y\n1,2\n".to_vec()), ("3.zip", inner), ("4.csv", register("西街"))],
    );
    fs::write(hub.path("in/a.csv"), register("北街")).unwrap();
    let output = hub.run(&["ingest", "in", "--json"]);
    let (loaded, noted): (serde_json::Value, _) =
        (serde_json::from_slice(&output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    let outcomes: Vec<&str> = loaded["jobs"].as_array().unwrap().iter().map(|job| job["outcome"].as_str().unwrap()).collect();
    assert_eq!(outcomes, ["published", "published", "refused", "refused", "published"], "{loaded}");
    let reason = |at: usize| loaded["jobs"][at]["reason"].as_str().unwrap();
    assert!(reason(2).starts_with("file `in/b.zip/2.csv` is no extract that is known"), "{}", reason(2));
    assert!(reason(3).starts_with("file `in/b.zip/3.zip` is a ZIP archive; hint: unpack it"), "{}", reason(3));
    assert!(noted.contains("in/b.zip/2.csv: file") && !noted.contains("archive-"), "{noted}");
    assert_eq!(left(&hub), Vec::<PathBuf>::new());
}

#[test]
fn an_archive_that_plays_tricks_is_refused_whole_and_leaves_nothing() {
    let hub = Hub::new();
    let zeros = vec![b'0'; 3 << 20];
    let cases = [
        ("outside.zip", vec![("a.csv", register("东街")), ("../../b.csv", register("西街"))], "would lie outside of it (`../../b.csv`)"),
        ("bomb.zip", vec![("a.csv", register("东街")), ("b.csv", zeros)], "more than 100 times its size"),
        ("root.zip", vec![("/etc/passwd", register("东街"))], "would lie outside of it"),
        ("none.zip", vec![("__MACOSX/._a.csv", b"x".to_vec())], "without any file in it"),
        ("twice.zip", vec![("a.csv", register("东街")), ("b.csv", register("西街"))], "two entries of one name"),
    ];
    for (name, files, says) in cases {
        let path = hub.path(name);
        pack(&path, &files);
        if name == "twice.zip" {
            let named = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).contains("b.csv");
            assert!(named(fs::read(&path).unwrap()));
            edit(&path, b"b.csv", b"a.csv");
        }
        for verb in ["ingest", "check"] {
            let words = hub.complains(&[verb, name]);
            assert!(words.contains(name) && words.contains(says) && words.contains("hint:"), "{verb}: {words}");
        }
    }
    assert_eq!(hub.json(&["doctor"])["epoch"], 0, "nothing may be published");
    assert_eq!(left(&hub), Vec::<PathBuf>::new());
    let names: Vec<PathBuf> = every_file(&hub.path("")).into_iter().filter(|path| path.ends_with("b.csv")).collect();
    assert_eq!(names, Vec::<PathBuf>::new(), "no name of an archive reaches the disk");
}

#[test]
fn names_as_chinese_windows_packs_them_are_read() {
    let hub = Hub::new();
    pack(&hub.path("a.zip"), &[("WXYZ.csv", register("东街"))]);
    edit(&hub.path("a.zip"), b"WXYZ", b"\xbb\xa7\xbc\xae");
    assert_eq!(hub.json(&["ingest", "a.zip"])["jobs"][0]["file"], "a.zip/户籍.csv");
}

#[test]
fn check_says_of_each_file_what_it_is_and_keeps_nothing() {
    let hub = Hub::new();
    pack(&hub.path("a.zip"), &[("1.csv", register("东街")), ("2.csv", register("西街"))]);
    let checked = hub.json(&["check", "a.zip"]);
    let files: Vec<&str> = checked["files"].as_array().unwrap().iter().map(|file| file["file"].as_str().unwrap()).collect();
    assert_eq!(files, ["a.zip/1.csv", "a.zip/2.csv"]);
    assert!(checked["files"].as_array().unwrap().iter().all(|file| file["extract"] == "ga_hjrk" && file["accepted"] == 1), "{checked}");
    assert!(hub.says(&["check", "a.zip"]).contains("a.zip/2.csv: ga_hjrk of ga"));
    pack(&hub.path("b.zip"), &[("1.csv", register("东街")), ("2.csv", b"x,y\n1,2\n".to_vec())]);
    assert!(hub.complains(&["check", "b.zip"]).contains("1 of 2 files would be refused"));
    assert!(!hub.path("data").exists(), "a check makes no hub");
    assert_eq!(left(&hub), Vec::<PathBuf>::new());
}

/// Everything that loading leaves behind.
const STATE: &str = "SELECT (SELECT count(*) FROM raw.ga_hjrk) AS raw, (SELECT count(*) FROM record.person) AS people, \
    (SELECT sum(record_id) FROM record.person) AS sum, (SELECT count(*) FROM raw.jy_xj) AS pupils, \
    (SELECT count(*) FROM contract.delivery) AS deliveries";

#[test]
fn a_kill_while_an_archive_is_loaded_loses_and_doubles_and_leaves_nothing() {
    let quiet = Hub::new();
    let [residents, marriages, pupils] = extracts(&quiet);
    let files = [("1.csv", residents), ("2.csv", marriages), ("3.xlsx", pupils)];
    pack(&quiet.path("a.zip"), &files);
    let began = Instant::now();
    quiet.says(&["ingest", "a.zip"]);
    let whole = began.elapsed();
    let (hub, mut kills) = (Hub::new(), 0);
    pack(&hub.path("a.zip"), &files);
    for part in [0.1, 0.3, 0.5, 0.6, 0.7, 0.8] {
        let mut child = hub.command(&["ingest", "a.zip"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        wait(&mut child, whole.mul_f64(part));
        kills += usize::from(child.try_wait().unwrap().is_none());
        drop(child.kill());
        child.wait().unwrap();
    }
    assert!(kills > 0);
    hub.says(&["ingest", "a.zip"]);
    assert_eq!(hub.says(&["sql", STATE]), quiet.says(&["sql", STATE]));
    assert_eq!(left(&hub), Vec::<PathBuf>::new());
}

/// Waits until the process ends or the time is over.
fn wait(child: &mut std::process::Child, time: Duration) {
    let began = Instant::now();
    while began.elapsed() < time && child.try_wait().unwrap().is_none() {
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// A department with one table that has memos.
const MEMOS: &str = r#"department = "ls"
label = { zh = "林业局", en = "Forestry" }
[[extract]]
name = "ls_hu"
label = { zh = "林户", en = "Households" }
format = "dbf"
encoding = "gb18030"
contract = "full"
cycle_days = 30
share_class = 1
obliged = true
columns = ["XM", "ADDR"]
[extract.record.person]
entity = "person"
name = "XM"
live_address = "ADDR"
"#;

/// A FoxPro table of one invented person with the address in a memo file, and that file.
fn table_with_memo() -> (Vec<u8>, Vec<u8>) {
    let field = |name: &[u8], kind: u8, length: u8| {
        let mut field = [0; 32];
        field[..name.len()].copy_from_slice(name);
        (field[11], field[16]) = (kind, length);
        field
    };
    let fields = [field(b"XM", b'C', 10), field(b"ADDR", b'M', 10)].concat();
    let mut table = vec![0xf5, 26, 1, 1, 1, 0, 0, 0];
    let start = u16::try_from(32 + fields.len() + 1).unwrap();
    table.extend(start.to_le_bytes());
    table.extend(21u16.to_le_bytes());
    table.resize(32, 0);
    table[29] = 0x4d;
    table.extend(fields);
    table.extend(b"\r ");
    // 王小明 in GBK, filled up to ten bytes; the memo's number.
    table.extend(b"\xcd\xf5\xd0\xa1\xc3\xf7             1\x1a");
    let mut memo = b"\0\0\0\x02\0\0\x02\0".to_vec();
    memo.resize(512, 0);
    // 东街 in GBK, a text of four bytes.
    memo.extend(b"\0\0\0\x01\0\0\0\x04\xb6\xab\xbd\xd6");
    memo.resize(1024, 0);
    (table, memo)
}

#[test]
fn the_memos_of_a_table_are_read_beside_it_and_in_an_archive() {
    let hub = Hub::new();
    let (table, memo) = table_with_memo();
    fs::create_dir(hub.path("departments")).unwrap();
    fs::write(hub.path("departments/ls.toml"), MEMOS).unwrap();
    fs::create_dir(hub.path("in")).unwrap();
    fs::write(hub.path("in/hu.dbf"), &table).unwrap();
    fs::write(hub.path("in/hu.FPT"), &memo).unwrap();
    pack(&hub.path("hu.zip"), &[("林/hu.FPT", memo), ("林/HU.DBF", table)]);
    for (given, file) in [("in", "hu.dbf"), ("in/hu.dbf", "hu.dbf"), ("hu.zip", "hu.zip/林/HU.DBF")] {
        let hub_of_one = format!("data-{}", given.replace('/', "-"));
        let options = ["--departments", "departments", "--data", &hub_of_one];
        let loaded = hub.json(&[&["ingest", given], &options[..]].concat());
        assert_eq!((loaded["jobs"].as_array().unwrap().len(), &loaded["jobs"][0]["file"]), (1, &file.into()), "{loaded}");
        let told = hub.says(&[&["sql", "SELECT name, live_address FROM record.person", "--format", "json"], &options[..]].concat());
        assert!(told.contains("王小明") && told.contains("东街"), "{given}: {told}");
    }
}

/// Puts bytes of the same length in the place of others, wherever they stand.
fn edit(path: &Path, from: &[u8], to: &[u8]) {
    let mut bytes = fs::read(path).unwrap();
    let places: Vec<usize> = (0..bytes.len() - from.len()).filter(|at| bytes[*at..].starts_with(from)).collect();
    places.into_iter().for_each(|at| bytes[at..at + from.len()].copy_from_slice(to));
    fs::write(path, bytes).unwrap();
}
