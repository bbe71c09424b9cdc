//! `wuwei explain`: why two records are one, or are not. What is weighed is graph's; here the rows are read, through the session, and shown.

mod ground;

use super::decide::sides::{self, Side};
use crate::{Error, cli::Common, clock, hub::Hub, output};
use ground::{Fate, fate};
use serde::Serialize;
use wuwei_graph::{Compared, Explanation, Objection, Obstacles, Shared, Step};
use wuwei_query::Session;
use wuwei_schema::EntityType;

pub(super) async fn run(common: &Common, left: &str, right: &str) -> Result<(), Error> {
    let hub = Hub::open(common, "explain").await?;
    let (entity, shown) = explained(&hub, &hub.session()?, left, right).await?;
    output::print(common, &shown, |shown| text(entity, shown))
}

/// Why two are one or are not, and of which type they are, for whoever has the session.
pub(crate) async fn explained<'a>(hub: &'a Hub, session: &Session, left: &str, right: &str) -> Result<(&'a EntityType, Shown), Error> {
    let look = session.begin("explain", &format!("{left} {right}"), &[], clock::now_ms())?;
    let session = look.session();
    let sides = sides(session, left, right).await?;
    let entity =
        hub.definitions.model.entity(&sides[0].name).ok_or_else(|| Error::defect("a link is of a type that the model does not know"))?;
    let counts = ground::counts(hub, session, entity)?;
    let why = ground::explanation(session, &counts, entity, &sides).await?;
    let fate = fate(session, entity, &why, &sides).await?;
    let shown = [fate.left_entity, fate.right_entity].into_iter().flatten().map(|id| (entity.name.as_str(), id));
    look.close(hub.persons(shown), 2).await?;
    Ok((entity, Shown { why, fate }))
}

/// An explanation, and what became of the two.
#[derive(Serialize)]
pub(crate) struct Shown {
    #[serde(flatten)]
    why: Explanation,
    #[serde(flatten)]
    fate: Fate,
}

/// Both sides, of one type and with no record in common.
async fn sides(session: &Session, left: &str, right: &str) -> Result<[Side; 2], Error> {
    let sides = [sides::side(session, left).await?, sides::side(session, right).await?];
    let [left, right] = &sides;
    if left.name != right.name {
        return Err(Error::asked("they are of two types and are never compared", "give two of one type"));
    }
    if !left.records.is_disjoint(&right.records) {
        return Err(Error::asked(
            format!("both are entity {}", left.entity),
            "give two of its records, as r123 r456: `graph.link` has their numbers",
        ));
    }
    if left.records.len() * right.records.len() > sides::MOST {
        return Err(Error::asked("they have too many pairs of records", "give two records, as r123 r456"));
    }
    Ok(sides)
}

fn text(entity: &EntityType, Shown { why, fate }: &Shown) -> String {
    let [left, right] = [(why.left, fate.left_entity), (why.right, fate.right_entity)].map(|(record, entity)| {
        let of = entity.map_or_else(|| "–".to_owned(), |entity| entity.to_string());
        format!("r{record} ({of})")
    });
    let outcome = if fate.is_one { output::words("同一", "one entity") } else { output::words("不是同一", "two entities") };
    let mut text = format!("{} {left} ↔ {right}: {outcome}\n\n", output::said(&entity.label));
    text.push_str(&waterfall(entity, why));
    let verdict = if why.weight >= why.threshold_weight { output::words("达到", "reaches") } else { output::words("低于", "below") };
    text.push_str(&format!(
        "\n{} {:.6}, {} {} {:.4} ({:.2} bits)\n",
        output::words("后验概率", "posterior"),
        why.posterior,
        verdict,
        output::words("阈值", "the threshold"),
        why.threshold,
        why.threshold_weight
    ));
    for (heading, items) in said(why, fate) {
        let items = if items.is_empty() { output::words("无", "none").to_owned() } else { items.join("; ") };
        text.push_str(&format!("{heading}: {items}\n"));
    }
    text
}

/// Prior, comparisons and weight, each with the sum up to it.
fn waterfall(entity: &EntityType, why: &Explanation) -> String {
    let bits = |bits: f64| format!("{bits:+.3}");
    let blank = String::new;
    let mut rows =
        vec![vec![output::words("先验", "prior").to_owned(), blank(), blank(), blank(), bits(why.prior), blank(), bits(why.prior)]];
    rows.extend(why.comparisons.iter().map(|compared| {
        let Compared { left, right, level, exact, rarity, sum, .. } = compared;
        let level = level.map_or_else(|| "–".to_owned(), |level| format!("{level}/{exact}"));
        let rarity = if *rarity == 0.0 { blank() } else { bits(*rarity) };
        vec![label(entity, &compared.property), left.clone(), right.clone(), level, bits(compared.bits), rarity, bits(*sum)]
    }));
    let headings = [
        ("比较", "comparison"),
        ("左", "left"),
        ("右", "right"),
        ("等级", "level"),
        ("比特", "bits"),
        ("其中稀有度", "of it rarity"),
        ("累计", "sum"),
    ];
    output::table(&headings.map(|(zh, en)| output::words(zh, en)), &rows)
}

/// What is not weighed, under its headings.
fn said(why: &Explanation, fate: &Fate) -> [(&'static str, Vec<String>); 7] {
    let identifiers = why.identifiers.iter().map(|shared| format!("{} ({})", shared.identify, shared_words(shared.says)));
    let decisions =
        fate.decisions.iter().map(|decision| format!("{} {} ({}: {})", decision.decision, decision.verdict, decision.who, decision.ground));
    let kept = fate.kept.iter().map(|kept| format!("{} ({:.3} bits)", kept.key, kept.weight));
    [
        (output::words("共有分块键", "keys in common"), why.keys.clone()),
        (output::words("保留的比对", "kept as a pair by"), kept.collect()),
        (output::words("共有标识", "identifiers in common"), identifiers.collect()),
        (output::words("互斥属性不同", "two values of what is exclusive"), why.exclusive.clone()),
        (output::words("守卫反对", "the guard objects"), why.objections.iter().map(objection_words).collect()),
        (output::words("人工判定", "people decided"), decisions.collect()),
        match &fate.obstacles {
            Some(obstacles) => (output::words("两个实体之间", "between their entities"), obstacle_words(obstacles)),
            None => (output::words("归一路径", "they are one by"), fate.chain.iter().map(step_words).collect()),
        },
    ]
}

fn obstacle_words(obstacles: &Obstacles) -> Vec<String> {
    let two = obstacles.exclusive.iter().map(|property| format!("{} {property}", output::words("有两个值:", "two values of")));
    let parted = obstacles.parted.iter().map(|(left, right)| format!("r{left} {} r{right}", output::words("矛盾于", "contradicts")));
    two.chain(parted).collect()
}

fn step_words(step: &Step) -> String {
    let weight = step.weight.map_or_else(String::new, |weight| format!(" {weight:.3} bits"));
    format!("r{} – r{} ({}{weight})", step.left, step.right, step.by)
}

fn shared_words(says: Shared) -> &'static str {
    match says {
        Shared::Joined => output::words("据此归一", "joins them"),
        Shared::Contradicted => output::words("姓名或出生日期矛盾", "name or birth date contradicts"),
        Shared::Hub => output::words("多人共用，不作依据", "too many carry it, it proves nothing"),
        Shared::Contested => output::words("持有者互斥属性不同", "its carriers have two exclusive values"),
    }
}

fn objection_words(objection: &Objection) -> String {
    match objection {
        Objection::Contradiction { property } => format!("{property} {}", output::words("矛盾", "contradicts")),
        Objection::Slip { property } => format!("{property} {}", output::words("有出入且无其他佐证", "differs and nothing backs it")),
        Objection::Misfit { property } => format!("{property} {}", output::words("不吻合", "does not fit")),
        Objection::Twins => output::words("疑为双胞胎", "twins").to_owned(),
    }
}

/// The label of a property, or of both.
fn label(entity: &EntityType, property: &str) -> String {
    let said = |name: &str| entity.property(name).map_or_else(|| name.to_owned(), |property| output::said(&property.label).to_owned());
    property.split('/').map(said).collect::<Vec<_>>().join("/")
}
