//! Figures that are handed in, and figures of townships.

use super::*;

/// Reports: indicator, area, period, and more.
fn reports(all: &[&[(&str, &str)]]) -> Rows {
    let mut rows = Rows::new();
    testing::of_type(&mut rows, "record.indicator_report", all);
    rows
}

/// An indicator's figures as (area, numerator, denominator), and why the whole has no value.
async fn found(rows: &Rows, indicator: &str) -> (Vec<(String, f64, f64)>, Option<String>) {
    let folder = tempfile::tempdir().unwrap();
    let of_it = over(rows, folder.path()).indicator(indicator, NOW).await.unwrap();
    let reason = of_it.iter().find(|figure| figure.is_whole()).unwrap().reason.clone();
    (of_it.iter().map(|figure| (figure.area.clone().unwrap_or_default(), figure.numerator, figure.denominator)).collect(), reason)
}

/// A share in two townships; the tests ask in September 1972.
fn shares(last: &'static str) -> Vec<Vec<(&'static str, &'static str)>> {
    let share = |area, period, top, below| {
        vec![("indicator", "volunteer_retention"), ("area", area), ("period", period), ("numerator", top), ("denominator", below)]
    };
    vec![share("990101001", "1972-03", "9", "10"), share("990101001", "1972-06", "6", "10"), share("990101002", last, "20", "40")]
}

fn of(all: &[Vec<(&'static str, &'static str)>]) -> Rows {
    reports(&all.iter().map(Vec::as_slice).collect::<Vec<_>>())
}

#[tokio::test]
async fn the_latest_period_of_each_township_counts_and_an_old_one_says_nothing() {
    let place = |area: &str, top, below| (area.to_owned(), top, below);
    let both = vec![place("", 26.0, 50.0), place("990101001", 6.0, 10.0), place("990101002", 20.0, 40.0)];
    assert_eq!(found(&of(&shares("1972")), "volunteer_retention").await, (both, None), "a year counts while it lasts");
    let one = vec![place("", 6.0, 10.0), place("990101001", 6.0, 10.0)];
    assert_eq!(found(&of(&shares("1971-05")), "volunteer_retention").await.0, one, "sixteen months are too old");
    assert_eq!(found(&of(&shares("1972-10")), "volunteer_retention").await.0, one, "what is to come does not count");
}

#[tokio::test]
async fn the_county_s_own_statement_is_the_whole() {
    let mut all = shares("1972-06");
    all.push(vec![
        ("indicator", "volunteer_retention"),
        ("area", "990101"),
        ("period", "1972-06"),
        ("value", "70"),
        ("sample_size", "200"),
    ]);
    let (figures, _) = found(&of(&all), "volunteer_retention").await;
    assert_eq!(figures[0], (String::new(), 140.0, 200.0), "70 % of 200 asked, and no township twice");
    assert_eq!(figures.len(), 3);
}

#[tokio::test]
async fn points_weigh_by_how_many_were_asked_and_nothing_handed_in_is_told() {
    let asked = |area, value, sample| {
        vec![("indicator", "public_safety_sense"), ("area", area), ("period", "1972-06"), ("value", value), ("sample_size", sample)]
    };
    let rows = of(&[asked("990101001", "90", "300"), asked("990101002", "80", "100")]);
    assert_eq!(found(&rows, "public_safety_sense").await.0[0], (String::new(), 35_000.0, 400.0));
    let (figures, reason) = found(&rows, "programme_awareness").await;
    assert_eq!(figures, [(String::new(), 0.0, 0.0)]);
    assert!(reason.is_some_and(|reason| reason.contains("handed in")));
}

#[tokio::test]
async fn what_is_told_together_is_what_each_view_tells() {
    let mut all = shares("1972-06");
    all.push(vec![
        ("indicator", "volunteer_growth_rate"),
        ("area", "990101001"),
        ("period", "1972-06"),
        ("numerator", "130"),
        ("denominator", "100"),
    ]);
    all.push(vec![("indicator", "public_safety_sense"), ("area", "990101001"), ("period", "1972-06"), ("value", "90")]);
    let (rows, folder) = (of(&all), tempfile::tempdir().unwrap());
    let session = over(&rows, folder.path());
    for name in ["volunteer_retention", "volunteer_growth_rate", "public_safety_sense"] {
        let answer = session.sql(&format!("SELECT * FROM indicator.{name}"), NOW).await.unwrap();
        let indicator = session.catalogue.indicators.list.iter().find(|one| one.name == name).unwrap();
        let view = crate::figure::figures(indicator, &answer.batches).unwrap();
        assert_eq!(session.indicator(name, NOW).await.unwrap(), view, "{name}");
    }
}

#[tokio::test]
async fn a_dispute_counts_in_the_township_where_it_happened_once_it_was_closed() {
    let mut rows = Rows::new();
    let case = |address, result, accepted| [("department", "sf"), ("address", address), ("result", result), ("accepted_on", accepted)];
    let (east, west) = ("云溪县东河镇人和路1号", "云溪县西山乡柳村2组3号");
    let cases = [
        case(east, "调解成功", "1972-05-01"),
        case(east, "调解不成", "1972-05-02"),
        case(west, "调解成功", "1972-05-03"),
        case("云溪县", "调解成功", "1972-05-04"),
        case(west, "调解中", "1972-05-05"),
        case(west, "调解不成", "1970-05-06"),
    ];
    testing::of_type(&mut rows, "record.dispute", &cases.iter().map(<[_; 4]>::as_slice).collect::<Vec<_>>());
    let grid = |code, township| [("code", code), ("township", township)];
    let grids = [grid("990101001001001", "东河镇"), grid("990101001001002", "东河镇"), grid("990101002001001", "西山乡")];
    testing::of_type(&mut rows, "entity.grid", &grids.iter().map(<[_; 2]>::as_slice).collect::<Vec<_>>());
    let folder = tempfile::tempdir().unwrap();
    let session = over(&rows, folder.path());
    let figures = session.indicator("dispute_mediation_success_rate", NOW).await.unwrap();
    let of_it = figures.iter();
    let told: Vec<_> =
        of_it.map(|figure| (figure.department.as_deref(), figure.area.as_deref(), figure.numerator, figure.denominator)).collect();
    let expected =
        [(None, None, 3.0, 4.0), (None, Some("990101001"), 1.0, 2.0), (None, Some("990101002"), 1.0, 1.0), (Some("sf"), None, 3.0, 4.0)];
    assert_eq!(told, expected);
    assert_eq!(session.areas(NOW).await.unwrap()["990101002"], "西山乡");
    let of_one = session.indicators_of_area("990101001", NOW).await.unwrap();
    assert!(!of_one.is_empty() && of_one.iter().all(|figure| figure.area.as_deref() == Some("990101001")));
}
