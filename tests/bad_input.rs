//! Files that cannot be loaded: each is answered with one sentence that names the file and the remedy, nothing of it is published, and the
//! program ends with a failure. Rows that cannot be loaded, in a file that can, are the tests of the verbs.

use crate::support::{COUNTY, Hub};
use std::path::Path;

/// The heading of the household register, as the department writes it.
fn register() -> &'static str {
    "RYBH,GMSFHM,XM,CYM,XMPY,XB,MZ,CSRQ,HKLB_DM,HH,YHZGX,HJQH,HJXZ,XZQH,XZXZ,RFYZLB,WHCD,HYZK,FWCS,LXDH,PCSMC,ZXBS,ZXYY,GXSJ\r\n"
}

/// A register of one invented person who lives in that street.
fn resident(street: &str) -> String {
    format!("{},990101198503070017,王小明,,,,,,,,,,{street},,,,,,,,,,,\r\n", register())
}

struct Case {
    name: &'static str,
    bytes: Vec<u8>,
    options: &'static [&'static str],
    /// Words that the sentence must contain.
    says: &'static [&'static str],
}

fn cases() -> Vec<Case> {
    let case = |name, bytes: &[u8], says| Case { name, bytes: bytes.to_vec(), options: &[], says };
    let encrypted = [&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1][..], &[0; 504]].concat();
    let noise: Vec<u8> = (0..4096u32).map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    vec![
        case("empty.csv", b"", &["empty"]),
        case("blank.csv", b"\r\n\r\n\r\n", &[]),
        case("encrypted.xlsx", &encrypted, &[]),
        case("cut.xlsx", b"PK\x03\x04\x14\0\0\0\x08\0", &[]),
        case("paper.pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", &[]),
        case("noise.csv", &noise, &[]),
        case("unmapped.csv", "甲,乙,丙\r\n1,2,3\r\n".as_bytes(), &[]),
        case("nearly.csv", register().replace("GMSFHM", "SFZHM").as_bytes(), &["GMSFHM"]),
        Case { options: &["--department", "jy"], ..case("wrong.csv", register().as_bytes(), &["jy"]) },
        Case { options: &["--department", "nobody"], ..case("nobody.csv", register().as_bytes(), &["nobody"]) },
        Case { options: &["--extract", "ga_nothing"], ..case("nothing.csv", register().as_bytes(), &["ga_nothing"]) },
        Case { options: &["--encoding", "klingon"], ..case("klingon.csv", register().as_bytes(), &["klingon"]) },
    ]
}

#[test]
fn a_special_group_is_explained_and_loaded_only_for_whoever_switches_it_on() {
    let hub = Hub::new();
    let path = hub.path("special.csv");
    std::fs::write(&path, "XM,GMSFHM,JZLB,JZKSRQ,JZJSRQ,SFS,JZD\r\n王小明,990101198503070017,02,20250101,20270101,城关司法所,\r\n")
        .unwrap();
    let file = path.to_str().unwrap();
    assert!(hub.says(&["check", file]).contains("`sf_sqjz` is off by default"));
    let words = refused(&hub, &path, &[]);
    assert!(words.contains("off by default") && words.contains("hint:") && words.contains("--with sf_sqjz"), "{words}");
    assert_eq!(hub.json(&["doctor"])["epoch"], 0, "nothing may be published");
    assert!(hub.complains(&["ingest", file, "--with", "sf_sqzj"]).contains("did you mean `sf_sqjz`?"));
    assert_eq!(hub.json(&["ingest", file, "--with", "sf_sqjz"])["ingest"]["accepted"], 1);
}

#[test]
fn a_file_that_cannot_be_loaded_is_one_sentence_and_no_rows() {
    let hub = Hub::new();
    for case in cases() {
        let path = hub.path(case.name);
        std::fs::write(&path, &case.bytes).unwrap();
        let words = refused(&hub, &path, case.options);
        for expected in case.says.iter().chain(&[case.name, "hint:"]) {
            assert!(words.contains(expected), "{}: `{expected}` is not in: {words}", case.name);
        }
        assert!(words.lines().count() <= 2, "{}: more than a sentence: {words}", case.name);
    }
    assert_eq!(hub.json(&["doctor"])["epoch"], 0, "nothing may be published");
    let jobs = hub.json(&["jobs"]);
    let jobs = jobs["jobs"].as_array().unwrap();
    assert_eq!(jobs.len(), cases().len(), "each try is written down");
    assert!(jobs.iter().all(|job| job["outcome"] == "refused" && job["reason"].is_string()));
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let hub = Hub::new();
    for verb in ["ingest", "check"] {
        let words = hub.complains(&[verb, "nowhere/lost.csv"]);
        assert!(words.contains("lost.csv") && words.contains("hint:"), "{words}");
    }
}

#[test]
fn nobody_asks_without_a_name_or_a_purpose() {
    let hub = Hub::new();
    for option in ["--as", "--purpose"] {
        assert!(hub.complains(&["sql", "SELECT 1", option, " "]).contains("hint:"), "{option}");
    }
}

#[test]
fn check_refuses_what_ingest_refuses() {
    let hub = Hub::new();
    let path = hub.path("unmapped.csv");
    std::fs::write(&path, "甲,乙,丙\n1,2,3\n").unwrap();
    assert!(hub.complains(&["check", path.to_str().unwrap()]).contains("unmapped.csv"));
}

#[test]
fn a_file_that_is_refused_does_not_keep_the_others_out() {
    let hub = Hub::new();
    let folder = hub.path("in");
    std::fs::create_dir(&folder).unwrap();
    for (name, text) in [("aaa.csv", "甲,乙\n1,2\n"), ("b.csv", &resident("东街")), ("c.csv", "ccc"), ("d.csv", &resident("西街"))] {
        std::fs::write(folder.join(name), text).unwrap();
    }
    let output = hub.run(&["ingest", "in", "--json"]);
    assert!(!output.status.success());
    let loaded: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let [files, refused, published] = ["files", "refused", "published"].map(|name| loaded["ingest"][name].as_u64().unwrap());
    assert_eq!((files, refused, published), (4, 2, 2));
}

#[test]
fn a_folder_that_holds_the_hub_too_is_loaded_without_it() {
    let hub = Hub::new();
    std::fs::write(hub.path("a.csv"), resident("东街")).unwrap();
    for published in [1, 0] {
        let loaded = hub.json(&["ingest", "."]);
        assert_eq!((&loaded["ingest"]["files"], &loaded["ingest"]["published"]), (&1.into(), &published.into()));
    }
}

#[test]
fn an_extract_without_rows_is_written_down_once_and_is_no_delivery() {
    let hub = Hub::new();
    std::fs::write(hub.path("none.csv"), register()).unwrap();
    for _ in 0..2 {
        assert_eq!(hub.json(&["ingest", "none.csv"])["jobs"][0]["outcome"], "empty");
    }
    assert_eq!(hub.count("SELECT count(*) FROM contract.delivery WHERE outcome = 'empty'"), 1);
    assert_eq!(hub.count("SELECT count(*) FROM raw.ga_hjrk"), 0);
}

#[test]
fn a_demo_of_which_a_file_is_refused_fails() {
    let hub = COUNTY.0.copy();
    std::fs::write(hub.path("data").join("county").join("aaa.csv"), "甲,乙\n1,2\n").unwrap();
    assert!(hub.complains(&["demo"]).contains("1 of "));
}

#[test]
fn a_definition_with_a_slip_is_shown_with_its_line() {
    let hub = Hub::new();
    let folder = hub.path("departments");
    std::fs::create_dir(&folder).unwrap();
    let text = "department = \"ls\"\nlabel = { zh = \"林\", en = \"Forestry\" }\n[[extract]]\nname = \"ls_a\"\nlabel = { zh = \"甲\", en = \"A\" }\n\
                format = \"csv\"\nencoding = \"utf-8\"\ncontract = \"full\"\ncycle_days = 30\nshare_class = 1\nobliged = true\ncolumns = [\"XM\"]\n\
                [extract.record.person]\nentity = \"person\"\nnmae = \"XM\"\n";
    std::fs::write(folder.join("ls.toml"), text).unwrap();
    let words = hub.complains(&["doctor", "--departments", folder.to_str().unwrap()]);
    let all = format!("{words}{}", String::from_utf8_lossy(&hub.run(&["doctor", "--departments", folder.to_str().unwrap()]).stdout));
    assert!(all.contains("ls.toml") && all.contains("15") && all.contains("did you mean `name`"), "{all}");
}

fn refused(hub: &Hub, path: &Path, options: &[&str]) -> String {
    let mut arguments = vec!["ingest", path.to_str().unwrap()];
    arguments.extend(options);
    hub.complains(&arguments)
}
