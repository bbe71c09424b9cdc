//! A door with the work done behind it answers, refuses and accounts as one that does it itself.

use super::*;
use crate::{Coming, session::behind::Running};
use arrow_schema::DataType;
use futures::future::BoxFuture;

/// What a process would be, without one.
#[derive(Debug)]
struct Process(Arc<Behind>);

#[derive(Debug)]
enum Works {
    Planned(Option<Run>, SchemaRef, Reads),
    Runs(Running, SchemaRef, Reads),
}

impl Elsewhere for Process {
    fn plan(&self, asked: Asked) -> BoxFuture<'static, Result<Box<dyn Coming>, Error>> {
        let behind = Arc::clone(&self.0);
        async move {
            let run = behind.plan(asked).await?;
            let (schema, reads) = (run.schema(), run.reads().clone());
            Ok(Box::new(Works::Planned(Some(run), schema, reads)) as Box<dyn Coming>)
        }
        .boxed()
    }
}

impl Coming for Works {
    fn schema(&self) -> SchemaRef {
        let (Works::Planned(_, schema, _) | Works::Runs(_, schema, _)) = self;
        Arc::clone(schema)
    }

    fn parameters(&self) -> Vec<DataType> {
        Vec::new()
    }

    fn reads(&self) -> Reads {
        let (Works::Planned(_, _, reads) | Works::Runs(_, _, reads)) = self;
        reads.clone()
    }

    fn next(&mut self) -> BoxFuture<'_, Result<Option<RecordBatch>, Error>> {
        async move {
            if let Works::Planned(run, schema, reads) = self {
                let running = run.take().unwrap().start()?;
                *self = Works::Runs(running, Arc::clone(schema), reads.clone());
            }
            let Works::Runs(running, ..) = self else { panic!("it runs") };
            running.next().await
        }
        .boxed()
    }
}

/// Two doors to the same tables, each with accounts of its own: one answers itself, behind the other it is done.
fn doors(here: &Path, there: &Path, limits: &Limits) -> [Session; 2] {
    let itself = session_of(here, "mz", limits.clone());
    let before = session_of(there, "mz", limits.clone());
    let catalogue = Arc::new(testing::catalogue(&rows()));
    let process = Process(Arc::new(Behind::new(catalogue, testing::policies(), there, there.join("spill"))));
    [itself, before.answered_by(Arc::new(process))]
}

/// Entries without their numbers and hashes.
fn accounts(folder: &Path) -> Vec<String> {
    audit_text(folder).lines().map(|line| line.split("\"entry\":").nth(1).unwrap().to_owned()).collect()
}

#[tokio::test]
async fn it_answers_refuses_and_accounts_as_the_door_itself() {
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let limits = Limits { rows: 2, ..Limits::default() };
    let [itself, before] = doors(here.path(), there.path(), &limits);
    for question in [
        "SELECT name FROM record.person WHERE phone IS NOT NULL ORDER BY name",
        "SELECT count(*) AS n FROM audit.entry",
        "SELECT count(*) AS n, max(rows_returned) AS most FROM contract.use_log",
        "SELECT name FROM record.person",
        "SELECT CAST(name AS BIGINT) AS n FROM record.person",
        "SELECT nothing FROM record.person",
        "SELECT * FROM record.persons",
        "DROP TABLE record.person",
        "SELECT sum(name) FROM record.person",
    ] {
        let [one, other] = [itself.sql(question, NOW).await, before.sql(question, NOW).await];
        match (one, other) {
            (Ok(one), Ok(other)) => assert_eq!((one.schema, one.batches), (other.schema, other.batches), "{question}"),
            (Err(one), Err(other)) => assert_eq!(one.to_string(), other.to_string(), "{question}"),
            (one, other) => panic!("{question}: {one:?} and {other:?}"),
        }
    }
    assert_eq!(accounts(here.path()), accounts(there.path()));
    let uses = |folder: &Path| std::fs::read_to_string(folder.join("use_log.jsonl")).unwrap();
    assert_eq!(uses(here.path()), uses(there.path()));
    assert!(!uses(here.path()).is_empty());
}

#[tokio::test]
async fn what_is_behind_the_door_writes_no_account_and_runs_nothing_before_it_stands() {
    let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let [_, before] = doors(here.path(), there.path(), &Limits::default());
    let mut taken = before.take("SELECT name FROM record.person", NOW).await.unwrap();
    assert_eq!(accounts(there.path()).len(), 1, "asked, by the door alone");
    taken.next().await.unwrap();
    drop(taken);
    assert!(accounts(there.path())[1].contains("failed: given up"));
    std::fs::rename(there.path().join("audit.jsonl"), there.path().join("away")).unwrap();
    assert!(matches!(before.take("SELECT name FROM record.person", NOW).await, Err(Error::Account { .. })));
}

#[tokio::test]
async fn one_that_never_plans_is_given_up_in_time() {
    #[derive(Debug)]
    struct Frozen;
    impl Elsewhere for Frozen {
        fn plan(&self, _: Asked) -> BoxFuture<'static, Result<Box<dyn Coming>, Error>> {
            futures::future::pending().boxed()
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let limits = Limits { time: Duration::from_millis(20), ..Limits::default() };
    let session = session_of(folder.path(), "mz", limits).answered_by(Arc::new(Frozen));
    assert!(matches!(session.sql("SELECT 1 AS one", NOW).await, Err(Error::Limit { .. })));
    assert!(accounts(folder.path())[0].contains("refused: limit"));
}
