//! Plans tell what is read and kept back: the same of two hubs that differ in what is in them, and no word of what the asker wrote.

use super::*;
use crate::{Foreseen, Operator};

fn engineer(rows: &Rows, folder: &Path) -> Session {
    let policies = Arc::new(Policies::parse(&crate::policy::files()).unwrap());
    let (principal, purpose) = (Principal::parse("engineer:zhao").unwrap(), Purpose::parse("数据治理").unwrap());
    let audit = Arc::new(Audit::open(folder).unwrap());
    Session::open(Arc::new(testing::catalogue(rows)), &policies, audit, principal, purpose, Limits::default(), NOW).unwrap()
}

async fn plan(session: &Session, question: &str) -> Foreseen {
    session.plan(question, NOW).await.unwrap_or_else(|error| panic!("{question}: {error}"))
}

#[tokio::test]
async fn a_plan_tells_reads_masks_and_steps_and_is_accounted_for() {
    let folder = tempfile::tempdir().unwrap();
    let session = engineer(&rows(), folder.path());
    let question = "SELECT count(*) AS n FROM record.person WHERE phone = '11900000001' AND department <> 'mz'";
    let told = plan(&session, question).await;
    assert_eq!((told.reads.len(), told.reads[0].table.as_str(), told.columns[0].name.as_str()), (1, "record.person", "n"));
    assert_eq!(told.reads[0].columns, ["department", "phone"]);
    let masked = &told.reads[0].withheld.as_ref().unwrap().masked;
    assert!(masked.len() == 1 && masked[0].columns == ["phone"], "{masked:?}");
    let done: Vec<(Operator, usize)> = told.steps.iter().map(|step| (step.operator, step.depth)).collect();
    assert_eq!(done, [(Operator::Aggregate, 0), (Operator::Filter, 1), (Operator::Read, 2)]);
    assert_eq!(
        (told.steps[0].functions.as_slice(), told.steps[1].columns.as_slice()),
        (&["count".to_owned()][..], &["department".to_owned(), "phone".to_owned()][..])
    );
    let text = serde_json::to_string(&told).unwrap();
    assert!(!text.contains("1190000") && !text.contains("Barrier") && !text.contains("\"mz\""), "{text}");
    let audit = audit_text(folder.path());
    assert!(audit.lines().count() == 1 && audit.contains("\"kind\":\"plan\"") && audit.contains("\"outcome\":\"planned\""), "{audit}");
    assert!(session.plan("EXPLAIN SELECT 1", NOW).await.is_err() && session.plan("SELECT * FROM audit.entry", NOW).await.is_err());
    assert!(audit_text(folder.path()).contains("refused: "));
    assert!(shown(&session, "SELECT count(*) AS n FROM record.person").await.contains('3'), "nothing of it lasts");
}

#[tokio::test]
async fn it_is_the_same_whatever_is_in_the_tables() {
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let (full, empty) = (engineer(&rows(), here.path()), engineer(&Rows::new(), there.path()));
    for question in [
        "SELECT * FROM record.person ORDER BY name LIMIT 3",
        "SELECT department, count(DISTINCT id_no) FROM record.person GROUP BY 1 HAVING count(*) > (SELECT avg(share_class) FROM contract.resource)",
        "SELECT p.name FROM record.person p WHERE EXISTS (SELECT 1 FROM contract.item i WHERE i.property = p.name) OR p.phone IN ('1', '2')",
        "SELECT r.provider, i.item FROM contract.resource r LEFT JOIN contract.item i ON i.rid = r.rid UNION ALL SELECT 'a', 'b'",
        "SELECT * FROM indicator.data_sharing_rate",
        "SELECT name, row_number() OVER (PARTITION BY department ORDER BY name) FROM record.person",
    ] {
        let [one, other] = [plan(&full, question).await, plan(&empty, question).await].map(|told| serde_json::to_string(&told).unwrap());
        assert_eq!(one, other, "{question}");
    }
    let figures = plan(&full, "SELECT * FROM indicator.data_sharing_rate").await;
    assert_eq!(figures.reads.iter().map(|read| read.table.as_str()).collect::<Vec<_>>(), ["indicator.data_sharing_rate"]);
    assert_eq!(figures.steps.len(), 1, "what figures are computed from is no step: {:?}", figures.steps);
}

#[tokio::test]
async fn who_only_counts_is_told_so() {
    let folder = tempfile::tempdir().unwrap();
    let policies = Arc::new(Policies::parse(&crate::policy::files()).unwrap());
    let (principal, purpose) = (Principal::parse("analyst:sun").unwrap(), Purpose::parse("统计分析").unwrap());
    let audit = Arc::new(Audit::open(folder.path()).unwrap());
    let session =
        Session::open(Arc::new(testing::catalogue(&rows())), &policies, audit, principal, purpose, Limits::default(), NOW).unwrap();
    let told = plan(&session, "SELECT sex, sum(rows) FROM record.person GROUP BY sex").await;
    assert!(told.reads[0].cells && told.reads[0].withheld.is_none(), "{told:?}");
    assert!(told.steps.iter().all(|step| step.table.as_deref().is_none_or(|table| table == "record.person")));
}
