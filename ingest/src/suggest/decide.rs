//! Which column is which property, at most one each: what its heading may mean, weighed with how its values fit, and settled by what the
//! other columns of the file speak of. Where two things are as likely nothing is chosen: a person is asked.

use super::{
    fit::{self, Fit},
    words::{How, Meaning, Words},
};
use std::collections::{BTreeMap, HashMap, HashSet};
use wuwei_schema::{Category, EntityType, Kind, Model, Property};

/// What is proposed for a column.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Choice {
    pub(super) meaning: Meaning,
    pub(super) role: String,
    pub(super) fit: Fit,
    pub(super) score: f64,
}

/// A column: a proposal, or why there is none.
pub(super) type Decided = Result<Choice, String>;

/// A column as it is weighed.
#[derive(Debug)]
pub(super) struct Column<'a> {
    pub(super) heading: &'a str,
    pub(super) values: &'a [String],
}

/// Scores below are no proposals.
const LEAST: f64 = 0.55;

/// Fewer values say nothing by themselves.
const FEW: usize = 10;

/// How far behind the best another meaning may be and still be weighed.
const NEAR: f64 = 0.12;

/// The proposals for the columns of a file that is called so.
pub(super) fn decide(columns: &[Column<'_>], title: &str, words: &Words, model: &Model) -> Vec<Decided> {
    let weigher = Weigher { words, model };
    let mut near: Vec<Vec<Scored>> = columns.iter().map(|column| weigher.near(column)).collect();
    let support = support(&near, title, model);
    let mut decided: Vec<Result<Scored, String>> = near.iter_mut().map(|near| choose(near, &support, words)).collect();
    let roles = roles(&decided, model);
    keep_best(&mut decided, &roles);
    keep_pairs(&mut decided, &roles);
    let choice = |(scored, role): (Result<Scored, String>, String)| {
        scored.map(|Scored { meaning, fit, score }| Choice { meaning, role, fit, score })
    };
    decided.into_iter().zip(roles).map(choice).collect()
}

#[derive(Debug, Clone)]
struct Scored {
    meaning: Meaning,
    fit: Fit,
    score: f64,
}

struct Weigher<'a> {
    words: &'a Words,
    model: &'a Model,
}

impl Weigher<'_> {
    /// What the column is likely to be, the likeliest first; by its values alone where its heading says nothing.
    fn near(&self, column: &Column<'_>) -> Vec<Scored> {
        let mut fits = HashMap::new();
        let meanings = self.words.meanings(column.heading).into_iter();
        let mut all: Vec<Scored> = meanings.filter_map(|meaning| self.score(meaning, column, &mut fits)).collect();
        // What people can read and is no known word means something else than it looks like.
        if all.is_empty() && column.heading.is_ascii() {
            all.extend(self.by_values(column));
        }
        all.sort_by(|left, right| right.score.total_cmp(&left.score));
        let best = all.first().map_or(0.0, |scored| scored.score);
        all.retain(|scored| scored.score >= LEAST && scored.score >= best - NEAR);
        all
    }

    fn score(&self, meaning: Meaning, column: &Column<'_>, fits: &mut HashMap<String, Fit>) -> Option<Scored> {
        let entity = self.model.entity(&meaning.entity)?;
        let kind = &entity.property(&meaning.property)?.kind;
        let is_organization = entity.category == Category::Organization && meaning.property == "name";
        let key = if is_organization { "organization".to_owned() } else { kind.name() };
        let measure = || if is_organization { fit::organizations(column.values) } else { fit::fit(column.values, kind, &self.model.codes) };
        let fit = fits.entry(key).or_insert_with(measure).clone();
        let mut score = by_heading(&meaning, column.heading);
        score *= match (kind, fit.share()) {
            (_, None) => 0.85,
            _ if is_organization => self.by_organization(column, fit.share().unwrap_or(0.0))?,
            (Kind::Text, _) => self.by_text(&meaning, column)?,
            (Kind::PermitNo | Kind::LicenceNo, Some(share)) if share >= 0.5 => 1.0,
            (_, Some(share)) if share >= 0.5 => 0.5 + share / 2.0,
            _ => return None,
        };
        Some(Scored { meaning, fit, score })
    }

    /// Names of shops are of any shape, but those of people are known.
    fn by_organization(&self, column: &Column<'_>, share: f64) -> Option<f64> {
        let people = fit::fit(column.values, &Kind::Name, &self.model.codes).share().unwrap_or(0.0);
        (people < 0.7).then_some(0.8 + share / 5.0)
    }

    /// Any text is text; numbers that hold by their check digits are more than that.
    fn by_text(&self, meaning: &Meaning, column: &Column<'_>) -> Option<f64> {
        let is_number = [fit::identities(column.values), fit::fit(column.values, &Kind::CreditCode, &self.model.codes)];
        let is_number = is_number.iter().any(|fit| fit.share().unwrap_or(0.0) > 0.5);
        (!is_number).then_some(if meaning.how == How::Pinyin { 0.85 } else { 1.0 })
    }

    /// The properties of whose kind the values can only be.
    fn by_values(&self, column: &Column<'_>) -> Vec<Scored> {
        if column.values.len() < FEW {
            return Vec::new();
        }
        let properties = self.model.entities.values().flat_map(|entity| entity.properties.iter().map(move |property| (entity, property)));
        let scored = |(entity, property): (&EntityType, &Property)| {
            let fit = match &property.kind {
                Kind::CitizenId => fit::identities(column.values),
                kind @ (Kind::CreditCode | Kind::RealtyUnitNo | Kind::Code(_)) => fit::fit(column.values, kind, &self.model.codes),
                _ => return None,
            };
            let is_sure = fit.is_named || !matches!(property.kind, Kind::Code(_));
            let share = fit.share().filter(|share| is_sure && *share >= 0.95)?;
            let why = "列名看不出含义，只凭取值".to_owned();
            let (entity, property) = (entity.name.clone(), property.name.clone());
            let meaning = Meaning { entity, property, role: None, number: String::new(), how: How::Pinyin, why, is_unsure: false };
            Some(Scored { meaning, fit, score: 0.7 * share })
        };
        properties.filter_map(scored).collect()
    }
}

/// How far a heading is believed.
fn by_heading(meaning: &Meaning, heading: &str) -> f64 {
    let sure = match meaning.how {
        How::Label => 0.97,
        How::Known => 0.95,
        How::Word => 0.9,
        How::Latin => 0.85,
        How::Pinyin => match heading.chars().filter(char::is_ascii_alphabetic).count() {
            0..=2 => 0.62,
            3 => 0.75,
            _ => 0.82,
        },
    };
    if meaning.role.is_some() { sure * 0.98 } else { sure }
}

/// How much of the file speaks of each entity type: columns that can be of no other count whole.
fn support(near: &[Vec<Scored>], title: &str, model: &Model) -> BTreeMap<String, f64> {
    let mut support: BTreeMap<String, f64> = BTreeMap::new();
    for near in near {
        let entities: HashSet<&str> = near.iter().map(|scored| scored.meaning.entity.as_str()).collect();
        let shared = f64::from(u32::try_from(entities.len()).unwrap_or(u32::MAX)).powi(2);
        for entity in entities {
            *support.entry(entity.to_owned()).or_default() += 1.0 / shared;
        }
    }
    for entity in model.entities.values().filter(|entity| title.contains(&entity.label.zh)) {
        *support.entry(entity.name.clone()).or_default() += 1.0;
    }
    support
}

/// The meaning that the rest of the file speaks for.
fn choose(near: &mut [Scored], support: &BTreeMap<String, f64>, words: &Words) -> Result<Scored, String> {
    let of = |scored: &Scored| support.get(&scored.meaning.entity).copied().unwrap_or(0.0);
    near.sort_by(|left, right| of(right).total_cmp(&of(left)).then(right.score.total_cmp(&left.score)));
    let Some(first) = near.first() else { return Err("列名和取值都看不出含义".to_owned()) };
    if first.meaning.is_unsure {
        return Err(format!("{}，但同样的字母也可指另一人", first.meaning.why));
    }
    let rival = near.iter().find(|other| other.meaning.entity != first.meaning.entity && of(other) > of(first) - 0.05);
    let general = near.iter().find(|scored| scored.meaning.entity == words.general);
    match rival {
        Some(_) if general.is_some_and(|general| of(general) > of(first) - 0.05) => general.cloned().ok_or_else(String::new),
        Some(rival) => {
            let label = |scored: &Scored| words.label(&scored.meaning.entity, &scored.meaning.property).to_owned();
            let name = |scored: &Scored| format!("{}（{}.{}）", label(scored), scored.meaning.entity, scored.meaning.property);
            Err(format!("可能是{}，也可能是{}", name(first), name(rival)))
        }
        None => Ok(first.clone()),
    }
}

/// The role of each column, by whom its heading names, or by what stands beside it.
fn roles(decided: &[Result<Scored, String>], model: &Model) -> Vec<String> {
    let is_main = |scored: &Scored| scored.meaning.role.is_none() && scored.meaning.property == "name";
    let main: HashSet<&str> =
        decided.iter().flatten().filter(|scored| is_main(scored)).map(|scored| scored.meaning.entity.as_str()).collect();
    let mut roles: Vec<String> = Vec::with_capacity(decided.len());
    for (at, scored) in decided.iter().enumerate() {
        let role = scored.as_ref().map(|scored| {
            let Meaning { role, number, entity, .. } = &scored.meaning;
            let named = role.as_ref().map(|role| format!("{role}{number}"));
            let before = decided[..at].iter().zip(&roles).rev();
            let is_somebody = model.entity(entity).is_some_and(|entity| is_somebody(entity.category));
            let of_another = || beside(&scored.meaning, before, &main).filter(|_| is_somebody);
            named.or_else(of_another).unwrap_or_else(|| format!("{entity}{number}"))
        });
        roles.push(role.unwrap_or_default());
    }
    roles
}

fn is_somebody(category: Category) -> bool {
    matches!(category, Category::Person | Category::Organization)
}

/// Whose a value is that does not say so: of the one with its number; or, in a file that names nobody else, of the one named before it.
fn beside<'d>(
    meaning: &Meaning,
    mut before: impl Iterator<Item = (&'d Result<Scored, String>, &'d String)>,
    main: &HashSet<&str>,
) -> Option<String> {
    let is_his =
        |other: &Scored| other.meaning.entity == meaning.entity && other.meaning.role.is_some() && other.meaning.number == meaning.number;
    let found = before.find_map(|(other, role)| other.as_ref().ok().filter(|other| is_his(other)).map(|_| role.clone()));
    found.filter(|_| !meaning.number.is_empty() || !main.contains(meaning.entity.as_str()))
}

/// Of several columns for one property of one role the best stays.
fn keep_best(decided: &mut [Result<Scored, String>], roles: &[String]) {
    let mut order: Vec<usize> = (0..decided.len()).collect();
    let score = |at: usize| decided[at].as_ref().map_or(0.0, |scored| scored.score);
    order.sort_by(|left, right| score(*right).total_cmp(&score(*left)));
    let mut taken = HashSet::new();
    for at in order {
        if let Ok(scored) = &decided[at]
            && !taken.insert((roles[at].clone(), scored.meaning.entity.clone(), scored.meaning.property.clone()))
        {
            decided[at] = Err("另有一列更像是同一属性".to_owned());
        }
    }
}

/// A longitude without its latitude is no place.
fn keep_pairs(decided: &mut [Result<Scored, String>], roles: &[String]) {
    for (one, other) in [("longitude", "latitude"), ("latitude", "longitude")] {
        let has = |role: &str, decided: &[Result<Scored, String>]| {
            let mut all = decided.iter().zip(roles);
            all.any(|(scored, known)| known == role && scored.as_ref().is_ok_and(|scored| scored.meaning.property == other))
        };
        for at in 0..decided.len() {
            if decided[at].as_ref().is_ok_and(|scored| scored.meaning.property == one) && !has(&roles[at], decided) {
                decided[at] = Err("经度和纬度缺一个".to_owned());
            }
        }
    }
}
