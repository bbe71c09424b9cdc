//! What a file of policies may say, and what follows where it says nothing.

use super::*;

fn changed(file: &str, from: &str, to: &str) -> Result<Policies, Error> {
    let mut files = files();
    files.iter_mut().filter(|known| known.name == file).for_each(|known| {
        assert!(known.text.contains(from), "{file} has no `{from}`");
        known.text = known.text.replacen(from, to, 1);
    });
    Policies::parse(&files)
}

fn asker(policies: &Policies, who: &str, purpose: &str) -> Result<Asker, Error> {
    let principal = Principal::parse(who).unwrap();
    let registered = policies.registered(&principal, &Purpose::parse(purpose).unwrap(), "2026-11-28")?;
    Asker::new(&principal, registered)
}

#[test]
fn the_carried_policies_are_in_order_and_every_role_has_a_purpose() {
    let policies = Policies::parse(&files()).unwrap();
    let roles: Vec<&str> = policies.roles().collect();
    assert_eq!(roles, ["admin", "analyst", "auditor", "case_worker", "engineer", "liaison", "operator", "reviewer"]);
    assert!(files().iter().all(|file| file.text.starts_with("// ") || file.text.starts_with("# ")), "every file says whom it is of");
    for role in roles {
        assert!(policies.purposes().any(|(_, may)| may.iter().any(|known| known == role)), "{role} has no purpose");
    }
}

#[test]
fn a_slip_in_a_file_is_named_and_nothing_is_permitted() {
    for (file, from, to, says) in [
        ("engineer.cedar", "context.class", "context.clas", "engineer.cedar"),
        ("engineer.cedar", "Action::\"read\"", "Action::\"reed\"", "engineer.cedar"),
        ("engineer.cedar", "permit (", "permit", "written in Cedar"),
        ("engineer.cedar", "principal in Role::\"engineer\"", "principal", "permits others than its role"),
        ("engineer.cedar", "principal in Role::\"engineer\"", "principal in Role::\"liaison\"", "permits others than its role"),
        ("purpose.cedar", "forbid (", "permit (", "it permits something"),
        ("purposes.toml", "basis   = \"运行维护\"", "basis   = \"\"", "no legal basis"),
        ("purposes.toml", "name    = \"审计\"", "name    = \"统计分析\"", "stands twice"),
        ("purposes.toml", "classes = [\"*\"]", "clases = [\"*\"]", "clases"),
    ] {
        let error = changed(file, from, to).unwrap_err().to_string();
        assert!(error.contains(says) && error.contains("hint: "), "{error}");
    }
    for missing in ["purposes.toml", "purpose.cedar"] {
        let files: Vec<SourceFile> = files().into_iter().filter(|file| file.name != missing).collect();
        assert!(Policies::parse(&files).unwrap_err().to_string().contains("it is missing"));
    }
}

#[test]
fn an_unknown_role_or_purpose_is_refused_with_a_hint() {
    let policies = Policies::embedded().unwrap();
    let refused = |who: &str, purpose: &str| asker(&policies, who, purpose).unwrap_err().to_string();
    assert!(refused("engineeer", "数据治理").contains("did you mean `engineer`?"));
    assert!(refused("purpose", "数据治理").contains("no policy for the role"), "its file binds others and is no role");
    assert!(refused("case_worker:li@mz", "好奇").contains("`低保核对`"));
    assert!(refused("case_worker:li@ga", "低保核对").contains("not registered for whoever asks"), "of another department");
    assert!(refused("liaison:li@mz", "低保核对").contains("not registered for whoever asks"), "of another role");
    assert!(asker(&policies, "case_worker:li@mz", "低保核对").is_ok());
    let ended = changed("purposes.toml", "name        = \"低保核对\"", "until = \"2026-11-27\"\nname = \"低保核对\"").unwrap();
    assert!(asker(&ended, "case_worker:li@mz", "低保核对").is_err(), "its last day was yesterday");
}

#[test]
fn a_table_that_no_policy_names_is_closed_to_all_but_the_operator() {
    let policies = Policies::embedded().unwrap();
    for (who, purpose) in [
        ("admin", "账号与权限管理"),
        ("analyst", "统计分析"),
        ("auditor", "审计"),
        ("case_worker:li@mz", "低保核对"),
        ("engineer", "数据治理"),
        ("liaison:li@mz", "数据报送与核对"),
    ] {
        let asker = asker(&policies, who, purpose).unwrap();
        for table in ["graph.model", "graph.frequency", "graph.decision", "secret.table", "raw.new_extract"] {
            for (action, department) in
                [Action::Read, Action::Clear, Action::Count].into_iter().flat_map(|action| [(action, ""), (action, "ga")])
            {
                let part = Part { table, department, class: "special", column: "name", ..Part::default() };
                let opened = policies.may(&asker, action, part).unwrap() && (action != Action::Clear || who.starts_with("case"));
                let sees = opened && action != Action::Clear;
                assert!(!sees, "{who} may {action:?} {table} of {department:?}");
            }
        }
    }
    let operator = asker(&policies, "operator", "local operation").unwrap();
    assert!(policies.may(&operator, Action::Read, Part { table: "graph.model", ..Part::default() }).unwrap());
}

#[test]
fn nobody_goes_beyond_the_purpose() {
    let policies = Policies::embedded().unwrap();
    let asker = asker(&policies, "case_worker:li@jy", "学龄人口入学审核").unwrap();
    let may = |action, part| policies.may(&asker, action, part).unwrap();
    let person = Part { table: "record.person", kind: "person", department: "ga", class: "personal", ..Part::default() };
    assert!(
        may(Action::Read, Part { class: "", ..person })
            && may(Action::Clear, person)
            && may(Action::Clear, Part { class: "minor", ..person })
    );
    assert!(!may(Action::Clear, Part { class: "identifier", ..person }), "the purpose needs no identifiers");
    assert!(!may(Action::Read, Part { department: "mz", ..person }), "nor rows of others");
    assert!(!may(Action::Read, Part { table: "record.vehicle", kind: "vehicle", ..person }), "nor vehicles");
    assert!(!may(Action::Read, Part { table: "entity.person", department: "", ..person }), "nor what is of all departments together");
}
