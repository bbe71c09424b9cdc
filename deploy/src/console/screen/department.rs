//! One department: what it owes and delivers, whether that is late by its contract, how good it is, and how much of what it needs of others, and
//! others of it, can really be used. Quality is computed from all records, so it comes after the page.

pub(crate) mod template;

use super::{of_path, plain, search::department};
use crate::{
    clock,
    console::{
        api::Rows,
        guest::Visit,
        page::{Page, html},
    },
    serve::problem::{Code, Problem},
};
use askama::Template;
use axum::{
    extract::{Path, rejection::PathRejection},
    response::Response,
};
use serde_json::Value;

/// The tables that the page is made of; whoever does not see all of them has no such page.
const SEEN: &str = "SELECT count(*) FROM contract.table_comment WHERE namespace = 'contract' AND table_name IN ('resource', 'resource_state', 'delivery', 'item')";
const RESOURCES: &str = "SELECT r.rid, r.name_zh, r.cycle_days, r.share_class, r.obliged, s.mounted, s.fresh, s.open, \
     CAST(s.content_ts AS DATE) AS content, d.received, coalesce(d.files, 0), coalesce(d.read, 0), coalesce(d.accepted, 0), \
     coalesce(i.items, 0), coalesce(i.mapped, 0) \
     FROM contract.resource r \
     JOIN contract.resource_state s ON s.rid = r.rid \
     LEFT JOIN (SELECT rid, max(received_ts) AS received, count(*) AS files, sum(rows_total) AS read, sum(rows_ok) AS accepted \
     FROM contract.delivery GROUP BY rid) d ON d.rid = r.rid \
     LEFT JOIN (SELECT rid, count(DISTINCT item) AS items, count(DISTINCT CASE WHEN property IS NOT NULL THEN item END) AS mapped \
     FROM contract.item GROUP BY rid) i ON i.rid = r.rid \
     WHERE r.provider = '{code}' ORDER BY r.rid";
/// What it provides to each, and needs of each, and how much of that can really be used.
const SHARED: &str = "SELECT m.department, m.counterpart, CAST(m.numerator AS BIGINT), CAST(m.denominator AS BIGINT) \
     FROM indicator.sharing_matrix m WHERE m.department = '{code}' OR m.counterpart = '{code}' ORDER BY m.department, m.counterpart";
const QUALITY: &str = "SELECT q.extract, q.kind, sum(q.numerator), sum(q.denominator) FROM ( \
     SELECT c.extract, 'completeness' AS kind, c.numerator, c.denominator FROM quality.completeness c WHERE c.department = '{code}' \
     UNION ALL SELECT c.extract, 'conformity' AS kind, c.numerator, c.denominator FROM quality.conformity c WHERE c.department = '{code}' \
     UNION ALL SELECT c.extract, 'uniqueness' AS kind, c.numerator, c.denominator FROM quality.uniqueness c WHERE c.department = '{code}' \
     UNION ALL SELECT c.extract, 'timeliness' AS kind, c.numerator, c.denominator FROM quality.timeliness c WHERE c.department = '{code}' \
     ) q GROUP BY q.extract, q.kind ORDER BY q.extract, q.kind";
/// The characteristics of GB/T 36344 that are shown, in the order of their columns.
const KINDS: [&str; 4] = ["completeness", "conformity", "uniqueness", "timeliness"];

#[derive(Debug, Template)]
#[template(path = "department.html")]
struct DepartmentPage {
    page: Page,
    code: String,
    name: String,
    resources: Vec<Resource>,
    late: usize,
    owed: usize,
    /// Of what it needs of others, and others of it: how much can be used, out of how much.
    needs: Met,
    provides: Met,
    sharing: Vec<Sharing>,
    /// Whether whoever looks hands its files in, and so is offered empty ones.
    hands_in: bool,
}

/// An extract that it delivers.
#[derive(Debug)]
struct Resource {
    rid: String,
    name: String,
    cycle_days: String,
    share_class: String,
    obliged: bool,
    /// `on_time`, `late` or `undelivered`, as the contract has it.
    state: &'static str,
    light: &'static str,
    open: bool,
    content: String,
    received: String,
    files: u64,
    read: u64,
    accepted: u64,
    items: u64,
    mapped: u64,
}

#[derive(Debug, Default, Clone, Copy)]
struct Met {
    met: u64,
    of: u64,
}

/// What passes between it and another department.
#[derive(Debug)]
struct Sharing {
    code: String,
    name: String,
    needs: Met,
    provides: Met,
}

impl Met {
    fn add(&mut self, other: Met) {
        self.met += other.met;
        self.of += other.of;
    }

    /// In percent; a dash where nothing is needed.
    fn share(&self) -> String {
        percent(self.met, self.of)
    }
}

fn percent(met: u64, of: u64) -> String {
    if of == 0 {
        return "—".to_owned();
    }
    // In tenths, so that nothing short of the whole is shown as the whole.
    let tenths = met.saturating_mul(1000) / of;
    format!("{}.{}%", tenths / 10, tenths % 10)
}

/// Its code, if there is such a department.
fn known(visit: &Visit, code: Result<Path<String>, PathRejection>) -> Result<String, Problem> {
    let code = of_path(code)?;
    match visit.guest.console.state.hub().definitions.departments.department(&code) {
        Some(known) => Ok(known.code.clone()),
        None => Err(Problem::new(Code::NotFound)),
    }
}

async fn asked(visit: &Visit, question: &str, code: &str) -> Result<Rows, Problem> {
    // It is the code of a department file, in which there is no quote.
    visit.rows(&question.replace("{code}", &code.replace('\'', "''"))).await
}

pub(crate) async fn show(visit: Visit, code: Result<Path<String>, PathRejection>) -> Result<Response, Problem> {
    let code = known(&visit, code)?;
    let seen = visit.rows(SEEN).await?.rows.first().and_then(|row| row.first()?.as_u64());
    if seen != Some(4) {
        return Err(Problem::new(Code::NotFound));
    }
    let resources: Vec<Resource> = asked(&visit, RESOURCES, &code).await?.rows.iter().filter_map(|row| resource(row)).collect();
    let page = Page::of(&visit.guest, "departments");
    let sharing = sharing(&page, &visit, &code, &asked(&visit, SHARED, &code).await?);
    let (mut needs, mut provides) = (Met::default(), Met::default());
    for other in &sharing {
        needs.add(other.needs);
        provides.add(other.provides);
    }
    let owed = resources.iter().filter(|resource| resource.obliged).count();
    let late = resources.iter().filter(|resource| resource.obliged && resource.state != "on_time").count();
    let name = department(&page, &visit, &code);
    let own = visit.inside.account.department.as_deref();
    let hands_in = visit.inside.signed.verbs.contains(&"ingest") && own.is_none_or(|own| own == code);
    Ok(html(&DepartmentPage { page, code, name, resources, late, owed, needs, provides, sharing, hands_in }))
}

fn resource(row: &[Value]) -> Option<Resource> {
    let [rid, name, cycle, class, obliged, mounted, fresh, open, content, received, files, read, accepted, items, mapped] = row else {
        return None;
    };
    let is = |value: &Value| value.as_bool().unwrap_or_default();
    let count = |value: &Value| value.as_u64().unwrap_or_default();
    let (state, light) = match (is(mounted), is(fresh)) {
        (false, _) => ("undelivered", "grey"),
        (true, false) => ("late", "red"),
        (true, true) => ("on_time", "green"),
    };
    Some(Resource {
        rid: plain(rid),
        name: plain(name),
        cycle_days: plain(cycle),
        share_class: plain(class),
        obliged: is(obliged),
        state,
        light,
        open: is(open),
        content: plain(content),
        received: received.as_str().map(|received| clock::local(&format!("{received}Z"))).unwrap_or_default(),
        files: count(files),
        read: count(read),
        accepted: count(accepted),
        items: count(items),
        mapped: count(mapped),
    })
}

/// Every other department that something passes to or from.
fn sharing(page: &Page, visit: &Visit, code: &str, rows: &Rows) -> Vec<Sharing> {
    let mut all: Vec<Sharing> = Vec::new();
    for row in &rows.rows {
        let [provider, consumer, met, of] = row.as_slice() else { continue };
        let (provider, consumer) = (plain(provider), plain(consumer));
        let met = Met { met: met.as_u64().unwrap_or_default(), of: of.as_u64().unwrap_or_default() };
        let is_provided = provider == code;
        let other = if is_provided { consumer } else { provider };
        let at = all.iter().position(|known| known.code == other).unwrap_or_else(|| {
            let name = department(page, visit, &other);
            all.push(Sharing { code: other, name, needs: Met::default(), provides: Met::default() });
            all.len() - 1
        });
        if is_provided { all[at].provides = met } else { all[at].needs = met }
    }
    all.sort_by(|left, right| left.code.cmp(&right.code));
    all
}

#[derive(Debug, Template)]
#[template(path = "department_quality.html")]
struct Quality {
    page: Page,
    kinds: [&'static str; 4],
    /// Each extract with one share of each kind, where there is one.
    rows: Vec<(String, Vec<String>)>,
}

/// The quality of what it delivers, as a part of the page.
pub(crate) async fn quality(visit: Visit, code: Result<Path<String>, PathRejection>) -> Result<Response, Problem> {
    let code = known(&visit, code)?;
    let mut rows: Vec<(String, Vec<String>)> = Vec::new();
    for row in &asked(&visit, QUALITY, &code).await?.rows {
        let [extract, kind, met, of] = row.as_slice() else { continue };
        let (extract, kind) = (plain(extract), plain(kind));
        let Some(column) = KINDS.iter().position(|known| *known == kind) else { continue };
        if rows.last().is_none_or(|(last, _)| *last != extract) {
            rows.push((extract, vec![String::new(); KINDS.len()]));
        }
        if let (Some((_, shares)), Some(met), Some(of)) = (rows.last_mut(), whole(met), whole(of)) {
            shares[column] = percent(met, of);
        }
    }
    Ok(html(&Quality { page: Page::of(&visit.guest, "departments"), kinds: KINDS, rows }))
}

/// A count, which a sum of the engine may give as a number with a point.
fn whole(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_f64().and_then(|count| format!("{count:.0}").parse().ok()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_short_of_the_whole_is_shown_as_the_whole() {
        assert_eq!(
            [(0, 0), (0, 3), (1, 3), (9999, 10_000), (4, 4)].map(|(met, of)| percent(met, of)),
            ["—", "0.0%", "33.3%", "99.9%", "100.0%"]
        );
        assert_eq!((whole(&Value::from(3)), whole(&Value::from(3.0)), whole(&Value::Null)), (Some(3), Some(3), None));
    }
}
