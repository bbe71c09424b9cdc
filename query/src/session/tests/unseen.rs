//! What walks tell of what whoever asks may not see: nothing. Of pairs of graphs that differ only in that, all answers are alike.

use super::*;
use wuwei_schema::table;

/// An edge as source, target, department and since.
type Tied = (i64, i64, &'static str, String);

/// Persons below 100, dwellings below 200, vehicles.
fn kind(id: i64) -> &'static str {
    ["person", "dwelling", "vehicle"][usize::try_from(id / 100).unwrap()]
}

fn tied(edges: &[Tied]) -> Rows {
    let numbers: Vec<[String; 2]> = edges.iter().map(|edge| [edge.0, edge.1].map(|end| end.to_string())).collect();
    let cells = |(edge, [source, target]): (&'_ Tied, &'_ [String; 2])| {
        vec![
            ("relation".to_owned(), "owns".to_owned()),
            ("source".to_owned(), source.clone()),
            ("target".to_owned(), target.clone()),
            ("source_type".to_owned(), kind(edge.0).to_owned()),
            ("target_type".to_owned(), kind(edge.1).to_owned()),
            ("department".to_owned(), edge.2.to_owned()),
            ("since".to_owned(), edge.3.clone()),
            ("row".to_owned(), "7".to_owned()),
        ]
    };
    let owned: Vec<Vec<(String, String)>> = edges.iter().zip(&numbers).map(cells).collect();
    let borrowed: Vec<Vec<(&str, &str)>> =
        owned.iter().map(|cells| cells.iter().map(|(name, cell)| (name.as_str(), cell.as_str())).collect()).collect();
    let mut rows = Rows::new();
    testing::stated(&mut rows, table::EDGE, table::edge_schema(), &borrowed.iter().map(Vec::as_slice).collect::<Vec<_>>());
    let persons: Vec<String> = (0..8).map(|id| id.to_string()).collect();
    let persons: Vec<Vec<(&str, &str)>> = persons.iter().map(|id| vec![("entity_id", id.as_str())]).collect();
    testing::of_type(&mut rows, "entity.person", &persons.iter().map(Vec::as_slice).collect::<Vec<_>>());
    rows
}

/// A case worker whose purpose needs persons and dwellings, of the police, and no dates.
fn narrow(rows: &Rows, folder: &Path) -> Session {
    let purpose = "[[purpose]]\nname = \"住址核对\"\nbasis = \"试验\"\nroles = [\"case_worker\"]\ntypes = [\"person\", \"dwelling\"]\nsources = [\"ga\"]\nclasses = [\"public\"]\n";
    let mut files = crate::policy::files();
    files.iter_mut().filter(|file| file.name == "purposes.toml").for_each(|file| file.text = purpose.to_owned());
    let policies = Arc::new(Policies::parse(&files).unwrap());
    let (principal, purpose) = (Principal::parse("case_worker:li@mz").unwrap(), Purpose::parse("住址核对").unwrap());
    let audit = Arc::new(Audit::open(folder).unwrap());
    let mut catalogue = testing::catalogue(rows);
    // A department that no file names is no department.
    catalogue.departments.insert("jy".to_owned());
    Session::open(Arc::new(catalogue), &policies, audit, principal, purpose, Limits::default(), NOW).unwrap()
}

async fn told(session: &Session, question: &str) -> String {
    match session.sql(question, NOW).await {
        Ok(answer) => arrow_cast::pretty::pretty_format_batches(&answer.batches).unwrap().to_string(),
        Err(error) => error.to_string(),
    }
}

#[tokio::test]
async fn what_is_not_seen_is_in_no_path_count_hub_or_limit() {
    let mut state = 5u64;
    let mut dice = move |most: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from((state >> 33) % most).unwrap()
    };
    let (mut found, mut ended) = (0, 0);
    for _ in 0..12 {
        let (mut all, mut seen) = (Vec::new(), Vec::new());
        for _ in 0..40 {
            let ends = [dice(8), dice(3) * 100 + dice(8)];
            let (department, day) = (["ga", "jy", "ga"][usize::try_from(dice(3)).unwrap()], dice(28) + 1);
            all.push((ends[0], ends[1], department, format!("2020-0{}-{day:02}", dice(9) + 1)));
            if department == "ga" && kind(ends[1]) != "vehicle" {
                seen.push((ends[0], ends[1], department, format!("1970-0{}-01", dice(9) + 1)));
            }
        }
        let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let (whole, bare) = (narrow(&tied(&all), here.path()), narrow(&tied(&seen), there.path()));
        for at in 0..12 {
            let (one, other, most) = (dice(8), dice(2) * 100 + dice(8), dice(6) + 1);
            let as_of = ["NULL", "'2020-05'", "'2019-01-01'"][usize::try_from(dice(3)).unwrap()];
            let question = match at % 6 {
                0 => format!("SELECT * FROM neighbours({one}, 4, as_of => {as_of}, max_degree => {most})"),
                1 => format!("SELECT * FROM component({one}, as_of => {as_of}, max_degree => {most})"),
                2 => format!("SELECT * FROM all_shortest_paths({one}, {other}, as_of => {as_of}, max_degree => {most})"),
                3 => format!("SELECT * FROM shortest_path({one}, {other}, as_of => {as_of}, max_degree => {most})"),
                4 => format!("SELECT * FROM common_neighbours({one}, {other}, as_of => {as_of})"),
                _ => format!(
                    "SELECT entity_id, neighbours_of(entity_id, NULL, {as_of}, {}) AS n FROM entity.person ORDER BY entity_id",
                    at / 6 * 2 + 1
                ),
            };
            let answer = told(&whole, &question).await;
            assert_eq!(answer, told(&bare, &question).await, "{question} of {all:?}");
            assert!(!answer.contains("jy") && !answer.contains("vehicle") && !answer.contains("2020-"), "{answer}");
            found += usize::from(answer.lines().count() > 5);
            ended += usize::from(answer.contains("true"));
        }
        for entity_id in 0..8 {
            let wanted = Around { entity_id, hops: 3, relations: Vec::new(), as_of: AsOf::Today, max_degree: 4, most: 5 };
            let [one, other] = [&whole, &bare].map(|session| session.surroundings(wanted.clone(), NOW));
            let (one, other) = (one.await.unwrap(), other.await.unwrap());
            assert_eq!(serde_json::to_string(&one).unwrap(), serde_json::to_string(&other).unwrap(), "{all:?}");
        }
    }
    assert!(found > 40 && ended > 5, "walks find something, and hubs: {found} {ended}");
    let folder = tempfile::tempdir().unwrap();
    let closed = testing::policies();
    let (principal, purpose) = (Principal::parse("operator:li@mz").unwrap(), Purpose::parse("低保核对").unwrap());
    let audit = Arc::new(Audit::open(folder.path()).unwrap());
    let rows = tied(&[(1, 2, "jy", "2020-01-01".to_owned())]);
    let open = Session::open(Arc::new(testing::catalogue(&rows)), &closed, audit, principal, purpose, Limits::default(), NOW).unwrap();
    assert!(told(&open, "SELECT * FROM neighbours(1, as_of => NULL)").await.contains("| 2 "), "who sees all sees it");
}
