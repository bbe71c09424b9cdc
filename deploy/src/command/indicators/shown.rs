//! Figures and stars as tables on a screen: grouped by dimension, a light never told by colour alone, and below them what to know of the document.

use super::Figures;
use crate::{cli::Indicators as Asked, output};
use std::collections::BTreeMap;
use wuwei_query::{DIMENSIONS, Figure, Indicator, Light, Origin, Rating};

/// What was asked for: the whole of everything, or all that is said of one department or area.
pub(super) fn all(all: &Figures, asked: &Asked) -> String {
    let is_of_one = asked.department.is_some() || asked.area.is_some();
    let shown: Vec<&Figure> = all.figures.iter().filter(|figure| is_of_one || figure.is_whole()).collect();
    let numbers: BTreeMap<&str, u32> = all.indicators.iter().filter_map(|one| Some((one.name.as_str(), one.number?))).collect();
    let mut text = grouped(&shown, &numbers);
    if let Some(ratings) = &all.stars {
        text.push('\n');
        text.push_str(&stars(ratings));
    }
    text.push_str("\n■ red  ▲ yellow  ● green  ◇ no colour by the policy  ○ grey;  ✓ the target is met\n");
    for note in &all.notes {
        text.push_str(&format!("* {}\n", output::said(note)));
    }
    text
}

/// The whole of each indicator, grouped by dimension.
pub(crate) fn text(figures: &[Figure], indicators: &[std::sync::Arc<Indicator>]) -> String {
    let numbers: BTreeMap<&str, u32> = indicators.iter().filter_map(|one| Some((one.name.as_str(), one.number?))).collect();
    grouped(&figures.iter().filter(|figure| figure.is_whole()).collect::<Vec<_>>(), &numbers)
}

fn grouped(figures: &[&Figure], numbers: &BTreeMap<&str, u32>) -> String {
    let mut rows = Vec::new();
    for dimension in DIMENSIONS {
        let mut of_it: Vec<&Figure> = figures.iter().copied().filter(|figure| figure.dimension == dimension).collect();
        // Those of the document in its order, the others behind them by name.
        of_it.sort_by_key(|figure| (numbers.get(figure.indicator.as_str()).copied().unwrap_or(u32::MAX), figure.indicator.clone()));
        if !of_it.is_empty() {
            rows.push(vec![String::new(), title(dimension).to_owned()]);
        }
        rows.extend(of_it.into_iter().map(|figure| row(figure, numbers)));
    }
    output::table(&["no.", "indicator", "value", "target", "of", "from", "note"], &rows)
}

fn title(dimension: &str) -> &'static str {
    match dimension {
        "effectiveness" => output::words("【治理效能】", "[effectiveness]"),
        "resources" => output::words("【资源配置】", "[resources]"),
        "coordination" => output::words("【协同机制】", "[coordination]"),
        _ => output::words("【群众参与】", "[participation]"),
    }
}

fn row(figure: &Figure, numbers: &BTreeMap<&str, u32>) -> Vec<String> {
    let value = figure.value.map_or_else(|| "—".to_owned(), |value| format!("{value:.1} {}", figure.unit));
    let met = if figure.target_met { " ✓" } else { "" };
    let towards = figure.counterpart.as_ref().map(|other| format!("→ {other} ")).unwrap_or_default();
    vec![
        numbers.get(figure.indicator.as_str()).map(u32::to_string).unwrap_or_default(),
        output::said(&figure.label).to_owned(),
        format!("{} {value}", sign(figure.light)),
        figure.target.map(|target| format!("{target}{met}")).unwrap_or_default(),
        format!("{} / {}", count(figure.numerator), count(figure.denominator)),
        match figure.origin {
            Origin::Computed => output::words("计算", "computed"),
            Origin::Reported => output::words("填报", "reported"),
        }
        .to_owned(),
        format!("{towards}{}", figure.reason.as_deref().unwrap_or_default()),
    ]
}

/// Stars of areas, and below each what gave them.
pub(super) fn stars(ratings: &[Rating]) -> String {
    let mut rows = Vec::new();
    for rating in ratings {
        let stars = rating.stars.map_or_else(|| "—".to_owned(), |stars| "★".repeat(stars as usize));
        let share = rating.share.map_or_else(String::new, |share| format!("{share:.0} % of points, {:.0} % known", rating.known));
        rows.push(vec![rating.area.clone(), rating.name.clone().unwrap_or_default(), stars, share]);
        for reason in &rating.reasons {
            let value = reason.value.map_or_else(|| "—".to_owned(), |value| format!("{value:.1}"));
            let gave = match reason.at_most {
                Some(most) => format!("veto: {most} at most"),
                None => format!("{} / {}", count(reason.points), count(reason.weight)),
            };
            rows.push(vec![String::new(), reason.indicator.clone(), format!("{} {value}", sign(reason.light)), gave]);
        }
    }
    output::table(&["area", "name", "stars", "points"], &rows)
}

/// A number without a fraction where it has none.
pub(super) fn count(number: f64) -> String {
    if number.fract() == 0.0 { format!("{number}") } else { format!("{number:.2}") }
}

fn sign(light: Light) -> &'static str {
    match light {
        Light::Grey => "○",
        Light::Red => "■",
        Light::Unassigned => "◇",
        Light::Yellow => "▲",
        Light::Green => "●",
    }
}
