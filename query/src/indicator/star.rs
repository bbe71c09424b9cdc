//! `stars.toml`: by which rule an area gets its stars 星级, and what the rule gives to figures. Every star is explained: which indicator gave how
//! many points, and which veto took some. Areas are judged, never persons.

use super::Indicator;
use crate::{Error, Figure, Light};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use wuwei_schema::{SourceFile, nearest};

/// Its name in a folder of indicators.
pub(super) const FILE: &str = "stars.toml";

/// The rule.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stars {
    /// Changes with the rule.
    pub version: u32,
    /// Of the points to be reached, in per cent, how many have to be known.
    known_at_least: f64,
    star: Vec<Step>,
    rule: Vec<Rule>,
    #[serde(default)]
    veto: Vec<Veto>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    stars: u32,
    at_least: f64,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    indicator: String,
    weight: f64,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Veto {
    indicator: String,
    light: Light,
    at_most: u32,
}

/// What the rule gave to an area.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Rating {
    /// Its code.
    pub area: String,
    /// What it is called, if that is known.
    pub name: Option<String>,
    /// Stars; none where too little is known.
    pub stars: Option<u32>,
    /// Points reached, in per cent of those that could be.
    pub share: Option<f64>,
    /// Of all points, in per cent, those that could be reached: of indicators whose figure is known.
    pub known: f64,
    /// What each indicator gave, and what each veto took.
    pub reasons: Vec<Reason>,
}

/// One reason of a rating.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Reason {
    /// `rule` or `veto`.
    pub by: &'static str,
    /// The indicator.
    pub indicator: String,
    /// Its light in the area.
    pub light: Light,
    /// Its value there.
    pub value: Option<f64>,
    /// Points given.
    pub points: f64,
    /// Points that could be reached.
    pub weight: f64,
    /// The most stars that a veto leaves.
    pub at_most: Option<u32>,
}

impl Stars {
    pub(super) fn parse(file: &SourceFile, indicators: &[Indicator]) -> Result<Stars, Error> {
        let wrong = |detail: String, hint: String| Error::Indicator { file: file.name.clone(), detail, hint };
        let as_carried = || "as in the file that the program carries".to_owned();
        let stars: Stars = toml::from_str(&file.text).map_err(|error| wrong(error.message().trim().replace('\n', " "), as_carried()))?;
        let named = stars.rule.iter().map(|rule| &rule.indicator).chain(stars.veto.iter().map(|veto| &veto.indicator));
        for name in named {
            if indicators.iter().all(|indicator| indicator.name != *name) {
                let known = indicators.iter().map(|indicator| indicator.name.as_str());
                return Err(wrong(format!("there is no indicator `{name}`"), nearest(name, known)));
            }
        }
        let is_less = |pair: &[Step]| pair[0].stars > pair[1].stars && pair[0].at_least > pair[1].at_least;
        if stars.star.is_empty() || !stars.star.windows(2).all(is_less) || stars.star.last().is_some_and(|last| last.at_least != 0.0) {
            return Err(wrong(
                "the steps of stars are not in order".to_owned(),
                "from the most stars on, the last at 0 per cent".to_owned(),
            ));
        }
        let mut once = BTreeSet::new();
        if stars.rule.is_empty() || !stars.rule.iter().all(|rule| rule.weight > 0.0 && once.insert(&rule.indicator)) {
            return Err(wrong(
                "a rule has no weight, or an indicator two".to_owned(),
                "each indicator once, with a weight above 0".to_owned(),
            ));
        }
        Ok(stars)
    }

    /// The ratings of all areas that have a figure, by code.
    pub fn rate(&self, figures: &[Figure], names: &BTreeMap<String, String>) -> Vec<Rating> {
        let areas: BTreeSet<&String> = figures.iter().filter_map(|figure| figure.area.as_ref()).collect();
        areas.into_iter().map(|area| self.rate_one(area, figures, names.get(area).cloned())).collect()
    }

    fn rate_one(&self, area: &str, figures: &[Figure], name: Option<String>) -> Rating {
        let found = |indicator: &str| figures.iter().find(|figure| figure.area.as_deref() == Some(area) && figure.indicator == indicator);
        let rules = self.rule.iter().map(|rule| {
            let (light, value) = found(&rule.indicator).map_or((Light::Grey, None), |figure| (figure.light, figure.value));
            let met = found(&rule.indicator).is_some_and(|figure| figure.target_met);
            let weight = if light == Light::Grey { 0.0 } else { rule.weight };
            let points = weight * worth(light, met);
            Reason { by: "rule", indicator: rule.indicator.clone(), light, value, points, weight, at_most: None }
        });
        let vetoes = self.veto.iter().filter_map(|veto| {
            let figure = found(&veto.indicator).filter(|figure| figure.light == veto.light)?;
            let (indicator, at_most) = (veto.indicator.clone(), Some(veto.at_most));
            Some(Reason { by: "veto", indicator, light: figure.light, value: figure.value, points: 0.0, weight: 0.0, at_most })
        });
        let reasons: Vec<Reason> = rules.chain(vetoes).collect();
        let sum = |of: fn(&Reason) -> f64| reasons.iter().map(of).sum::<f64>();
        let (points, weight) = (sum(|reason| reason.points), sum(|reason| reason.weight));
        let known = 100.0 * weight / self.rule.iter().map(|rule| rule.weight).sum::<f64>();
        let share = (weight > 0.0).then(|| 100.0 * points / weight);
        let most = reasons.iter().filter_map(|reason| reason.at_most).min().unwrap_or(u32::MAX);
        let step = share.filter(|_| known >= self.known_at_least).and_then(|share| self.star.iter().find(|step| share >= step.at_least));
        Rating { area: area.to_owned(), name, stars: step.map(|step| step.stars.min(most)), share, known, reasons }
    }
}

/// What part of its weight a light gives.
fn worth(light: Light, target_met: bool) -> f64 {
    match light {
        Light::Green => 1.0,
        Light::Yellow | Light::Unassigned if target_met => 0.75,
        Light::Yellow | Light::Unassigned => 0.5,
        Light::Red | Light::Grey => 0.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Indicators;

    fn carried() -> Indicators {
        Indicators::embedded().unwrap()
    }

    /// Figures of one area: indicator, value.
    fn of_area(values: &[(&str, f64)]) -> Vec<Figure> {
        let all = carried();
        let figure = |&(name, value): &(&str, f64)| {
            let indicator = all.list.iter().find(|indicator| indicator.name == name).unwrap();
            Figure::known(indicator, [None, Some("990101001".to_owned()), None], 1.0, 1.0, Some(value))
        };
        values.iter().map(figure).collect()
    }

    fn rated(values: &[(&str, f64)]) -> Rating {
        let stars = carried().stars.unwrap();
        stars.rate(&of_area(values), &BTreeMap::new()).remove(0)
    }

    const GOOD: [(&str, f64); 6] = [
        ("emergency_response_minutes", 20.0),
        ("dispute_mediation_success_rate", 99.5),
        ("public_safety_sense", 99.0),
        ("special_group_service_coverage", 99.0),
        ("service_satisfaction", 96.0),
        ("programme_awareness", 99.0),
    ];

    #[test]
    fn an_area_gets_what_its_lights_are_worth_and_is_told_why() {
        let best = rated(&GOOD);
        assert_eq!((best.stars, best.share), (Some(5), Some(100.0)));
        assert_eq!(best.known, 75.0, "what nobody knows is left out of what can be reached");
        let mut half = GOOD;
        half[1].1 = 93.0;
        let less = rated(&half);
        let reason = less.reasons.iter().find(|reason| reason.indicator == half[1].0).unwrap();
        assert_eq!((reason.light, reason.points, reason.weight), (Light::Yellow, 7.5, 15.0));
        assert_eq!(less.share, Some(90.0));
    }

    #[test]
    fn a_veto_takes_stars_and_little_knowledge_gives_none() {
        let mut unsafe_there = GOOD;
        unsafe_there[2].1 = 60.0;
        let vetoed = rated(&unsafe_there);
        assert_eq!(vetoed.stars, Some(2));
        assert!(vetoed.reasons.iter().any(|reason| reason.by == "veto" && reason.at_most == Some(2)), "{vetoed:?}");
        assert_eq!(rated(&GOOD[..2]).stars, None, "30 of 100 points are known");
    }

    #[test]
    fn a_better_figure_never_costs_a_star() {
        for place in 0..GOOD.len() {
            let lower = GOOD[place].0 == "emergency_response_minutes";
            let mut before = None;
            for step in 0..=20 {
                let mut values = GOOD;
                values[place].1 = if lower { 100.0 - f64::from(step) * 5.0 } else { f64::from(step) * 5.0 };
                let stars = rated(&values).stars;
                assert!(before <= stars, "{} at {}", values[place].0, values[place].1);
                before = stars;
            }
        }
    }

    #[test]
    fn a_rule_of_what_there_is_not_is_refused() {
        let (_, text) = super::super::INDICATORS.iter().find(|(name, _)| *name == FILE).unwrap();
        let list = carried().list.iter().map(|indicator| Indicator::clone(indicator)).collect::<Vec<_>>();
        let parse = |from: &str, to: &str| Stars::parse(&SourceFile { name: FILE.to_owned(), text: text.replacen(from, to, 1) }, &list);
        for (from, to, says) in [
            ("\"public_safety_sense\"", "\"public_safety_sens\"", "did you mean `public_safety_sense`?"),
            ("at_least = 70", "at_least = 90", "not in order"),
            ("weight    = 15", "weight    = 0", "no weight"),
        ] {
            let error = parse(from, to).unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
        }
    }
}
