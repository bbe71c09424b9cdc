//! `wuwei indicators`: the figures that areas and departments, never people, are judged by, with their lights.

use crate::{Error, cli::Common, clock, hub::Hub, output};
use serde::Serialize;
use wuwei_query::{Figure, Light, Session};

/// Figures with their lights.
#[derive(Serialize)]
pub(crate) struct Figures {
    figures: Vec<Figure>,
}

pub(super) async fn run(common: &Common, department: Option<&str>) -> Result<(), Error> {
    let hub = Hub::open(common, "indicators").await?;
    output::print(common, &figures(&hub, &hub.session()?, department).await?, |all| text(&all.figures))
}

/// The figures of all departments or of one, for whoever has the session.
pub(crate) async fn figures(hub: &Hub, session: &Session, department: Option<&str>) -> Result<Figures, Error> {
    let departments = &hub.definitions.departments;
    if let Some(code) = department.filter(|code| departments.department(code).is_none()) {
        let codes = departments.list.iter().map(|known| known.code.as_str());
        return Err(Error::asked(format!("there is no department `{code}`"), wuwei_schema::nearest(code, codes)));
    }
    Ok(Figures { figures: session.indicators(department, clock::now_ms()).await? })
}

/// Figures as a table.
pub(super) fn text(figures: &[Figure]) -> String {
    let row = |figure: &Figure| {
        let value = figure.value.map_or_else(|| "—".to_owned(), |value| format!("{value:.1}"));
        let bound = |bound: Option<f64>| bound.map(|bound| bound.to_string()).unwrap_or_default();
        vec![
            output::said(&figure.label).to_owned(),
            figure.department.clone().unwrap_or_else(|| "*".to_owned()),
            figure.counterpart.clone().unwrap_or_default(),
            format!("{} {value}", sign(figure.light)),
            format!("{} / {}", figure.numerator, figure.denominator),
            bound(figure.baseline),
            bound(figure.target),
        ]
    };
    let headings = ["indicator", "department", "for", "value", "of", "baseline", "target"];
    output::table(&headings, &figures.iter().map(row).collect::<Vec<_>>())
}

/// A light is never told by colour alone.
fn sign(light: Light) -> &'static str {
    match light {
        Light::Grey => "○",
        Light::Red => "■",
        Light::Yellow => "▲",
        Light::Green => "●",
    }
}
