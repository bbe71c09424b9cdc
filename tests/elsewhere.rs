//! A hub that is somebody else's: a thirteenth department and a model of one's own, given as folders, with no rebuild. The files are invented
//! here in the shape of public data sets; `tests/bench/resolve_against.py` and `real_data.sh` run the same definitions on the real ones.

use crate::support::{COUNTY, Hub, root};

fn folder(name: &str) -> String {
    root().join("tests/elsewhere").join(name).to_str().unwrap().to_owned()
}

fn with<'a>(arguments: &[&'a str], options: &[&'a str]) -> Vec<&'a str> {
    [arguments, options].concat()
}

#[test]
fn a_thirteenth_department_keeps_codes_whole_and_nests_them() {
    let hub = Hub::new();
    let files = hub.path("files");
    std::fs::create_dir(&files).unwrap();
    for (name, text) in [
        ("provinces.csv", "code,name\n01,\"甲省\"\n90,\"乙省\"\n"),
        ("cities.csv", "code,name,provinceCode\n0101,\"甲市\",01\n9001,\"乙市\",90\n"),
        ("areas.csv", "code,name,cityCode,provinceCode\n010101,\"东区\",0101,01\n"),
        ("streets.csv", "code,name,areaCode,provinceCode,cityCode\n010101001,\"中街道\",010101,01,0101\n"),
        ("villages.csv", "code,name,streetCode,provinceCode,cityCode,areaCode\n010101001001,\"一社区\",010101001,01,0101,010101\n"),
    ] {
        std::fs::write(files.join(name), text).unwrap();
    }
    let departments = folder("divisions");
    let options = ["--departments", departments.as_str()];
    let loaded = hub.json(&with(&["ingest", files.to_str().unwrap()], &options));
    assert_eq!((loaded["ingest"]["accepted"].as_u64(), loaded["ingest"]["rejected"].as_u64()), (Some(7), Some(0)));
    hub.says(&with(&["refresh"], &options));
    let count = |sql: &str| {
        let answer: serde_json::Value = serde_json::from_str(&hub.says(&with(&["sql", sql, "--format", "json"], &options))).unwrap();
        answer[0]["n"].as_i64().unwrap()
    };
    assert_eq!(count("SELECT count(*) AS n FROM entity.division"), 7, "a parent is the division it names");
    assert_eq!(count("SELECT count(*) AS n FROM entity.division WHERE code IN ('01', '0101', '010101', '010101001', '010101001001')"), 5);
    assert_eq!(count("SELECT count(*) AS n FROM graph.edge WHERE relation = 'located_in' AND target_type = 'division'"), 5);
    assert_eq!(count("SELECT count(*) AS n FROM contract.department WHERE dept IN ('ga', 'tj')"), 2, "it stands beside the carried ones");
}

#[test]
fn a_model_of_ones_own_resolves_and_is_judged_by_a_property() {
    let hub = Hub::new();
    let (model, departments) = (folder("fake/model"), folder("fake/departments"));
    let options = ["--model", model.as_str(), "--departments", departments.as_str()];
    let mut text = "unique_id,first_name,surname,dob,city,email,cluster\n".to_owned();
    for person in 0..40 {
        let (first, last) = (["Amelia", "Boris", "Chloe", "Dylan", "Esther"][person % 5], ["Quick", "Rowe", "Stone", "Tully"][person % 4]);
        let line = |dob: String, city: &str| format!("{person},{first},{last}{person},{dob},{city},{first}{person}@example.org,{person}\n");
        text.push_str(&line(format!("19{}-0{}-11", 50 + person, 1 + person % 9), "Leeds"));
        text.push_str(&line(format!("19{}-0{}-1{}", 50 + person, 1 + person % 9, 1 + person % 2), ""));
    }
    let file = hub.path("fake.csv");
    std::fs::write(&file, text).unwrap();
    hub.says(&with(&["ingest", file.to_str().unwrap()], &options));
    hub.says(&with(&["refresh"], &options));
    let scores = hub.json(&with(&["eval", "--property", "cluster"], &options));
    assert!(scores["pairwise"]["f1"].as_f64().unwrap() > 0.9, "{scores}");
    assert!(!hub.json(&with(&["people", "Amelia"], &options))["hits"].as_array().unwrap().is_empty());
    let resolved = |options: &[&str]| hub.json(&with(&["refresh"], options))["stages"]["resolve"].clone();
    assert_eq!(resolved(&options), "up to date");
    assert_ne!(resolved(&[]), "up to date", "what another model resolved is out of date");
}

#[test]
fn another_relation_that_departments_register_makes_edges_anew_and_nothing_else() {
    let hub = COUNTY.0.copy();
    let model = hub.path("model");
    crate::folder::copy(&root().join("schema/model"), &model);
    let file = model.join("lives_at.toml");
    let options = ["--model", model.to_str().unwrap()];
    let stages = || hub.json(&with(&["refresh"], &options))["stages"].clone();
    let told = || hub.count("SELECT count(*) FROM graph.registration WHERE relation = 'lives_at'");
    assert_eq!(stages()["link"], "up to date", "the same model in a folder is no other");
    assert!(told() > 0);
    let stated = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, stated.replace("registered = true", "registered = false")).unwrap();
    let after = stages();
    assert_eq!((&after["resolve"], &after["index"]), (&"up to date".into(), &"up to date".into()));
    assert_ne!(after["link"], "up to date");
    assert_eq!(told(), 0, "nobody registers it any more");
    assert_eq!(stages()["link"], "up to date");
}
