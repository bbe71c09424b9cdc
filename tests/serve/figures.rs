//! Figures that the server keeps: those of the epoch, for who sees as much, and each look at them in the audit.

use super::client::{Answer, Server, escaped};
use crate::support::{COUNTY, Hub, root};
use serde_json::Value;

const PURPOSE: &str = "数据治理";

fn account(hub: &Hub, name: &str, role: &str) -> String {
    hub.says(&["user", "add", name, "--role", role]);
    hub.json(&["user", "token", name, "--label", "figures"])["token"].as_str().unwrap().to_owned()
}

fn get(server: &Server, token: &str, purpose: &str, path: &str) -> Answer {
    let (bearer, purpose) = (format!("Bearer {token}"), escaped(purpose));
    server.send("GET", path, &[("Authorization", &bearer), ("Wuwei-Purpose", &purpose)], b"")
}

#[test]
fn figures_are_kept_for_an_epoch_and_for_whoever_sees_as_much() {
    let hub = COUNTY.0.copy();
    // What tests before this one asked of the county is no use of this copy.
    std::fs::remove_file(hub.path("data/audit/use_log.jsonl")).unwrap();
    let policies = hub.path("policies");
    crate::folder::copy(&root().join("query/policies"), &policies);
    let closed = "\nforbid (principal in Role::\"analyst\", action, resource == Table::\"indicator.data_utilization_rate\");\n";
    let analyst = std::fs::read_to_string(policies.join("analyst.cedar")).unwrap() + closed;
    std::fs::write(policies.join("analyst.cedar"), analyst).unwrap();
    let policies = policies.to_str().unwrap();
    let [qian, sun] = [account(&hub, "qian", "engineer"), account(&hub, "sun", "analyst")];
    let server = Server::ruled(&hub, &["--second-factor", "none", "--policies", policies]);
    let path = "/api/v1/indicators";
    let anew = |more: &[&str]| {
        let asked = ["--policies", policies, "--as", "engineer:zhao", "--purpose", PURPOSE, "indicators"];
        hub.json(&[&asked[..], more].concat())
    };
    let first = anew(&[]);
    let of_mz = anew(&["--department", "mz"]);
    assert_eq!(get(&server, &qian, PURPOSE, &format!("{path}?department=mz")).json(), of_mz, "the first who asks wants a part");
    assert_eq!(get(&server, &qian, PURPOSE, path).json(), first);
    assert_eq!(get(&server, &qian, PURPOSE, &format!("{path}?department=mz")).json(), of_mz);
    assert_eq!(get(&server, &qian, PURPOSE, &format!("{path}?department=xx")).status, 422);
    let closed = get(&server, &sun, "统计分析", path);
    assert!(closed.status >= 400 && !closed.text().contains("\"figures\""), "what others were shown is not shown to who may not");

    // A question of another department is use of data: the rate of it changes at once, and what is kept with the next epoch.
    let asked = [
        "--as",
        "case_worker:li@mz",
        "--purpose",
        "低保核对",
        "sql",
        "SELECT name, sex, birth_date, ethnicity, education, marital, registered_address, live_address FROM record.person LIMIT 50",
    ];
    hub.says(&asked);
    let used = anew(&[]);
    assert_ne!(used, first, "the question counts as use");
    assert_eq!(get(&server, &qian, PURPOSE, path).json(), first);
    let person = hub.count("SELECT min(entity_id) FROM entity.person").to_string();
    hub.says(&["restrict", &person, "--ground", "本人申请"]);
    let is_new = |_| {
        std::thread::sleep(std::time::Duration::from_millis(500));
        get(&server, &qian, PURPOSE, path).json() != first
    };
    assert!((0..60).any(is_new), "a new epoch has other figures");
    assert_eq!(get(&server, &qian, PURPOSE, path).json(), anew(&[]));

    let looks = "SELECT outcome, columns, rows FROM audit.entry WHERE kind = 'indicators' AND principal = 'qian' ORDER BY seq";
    let looks: Vec<Value> = hub.json(&["sql", looks, "--format", "json"]).as_array().unwrap().clone();
    let of = |outcome: &str| looks.iter().filter(|look| look["outcome"] == outcome).cloned().collect::<Vec<_>>();
    let (begun, ended) = (of("asked"), of("answered"));
    assert!(begun.len() >= 6 && begun.len() == ended.len(), "each look is in the audit: {} {}", begun.len(), ended.len());
    assert!(begun.iter().all(|look| look["columns"] == begun[0]["columns"]), "with the columns that figures are computed from");
    let shown = [&of_mz, &first, &of_mz].map(|shown| shown["figures"].as_array().unwrap().len());
    let told: Vec<usize> = ended.iter().take(3).map(|look| usize::try_from(look["rows"].as_u64().unwrap()).unwrap()).collect();
    assert_eq!(told, shown, "and with how many it showed");
}
