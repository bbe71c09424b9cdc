//! What emergency management sees: enterprises by their risk, hazards, licences for dangerous work.

use super::{Hand, Sink};
use crate::{
    error::Error,
    say::Thing,
    world::{World, organization_named},
};

/// The larger companies, with whoever answers for safety.
pub(super) fn enterprises(world: &World, hand: &Hand<'_>, sink: Sink<'_>) -> Result<(), Error> {
    for number in 0..hand.count(world).min(world.companies()) {
        let (mut random, company) = (hand.random(number), world.enterprise(number));
        let (principal, safety) = (company.representative, world.grown(&mut random));
        let instead = vec![
            ("industry", company.industry.clone()),
            ("risk_level", (*random.pick(&["蓝", "蓝", "蓝", "黄", "黄", "橙", "红"])).to_owned()),
            ("employees", random.between(3, 400).to_string()),
            ("hazardous", if random.chance(6_000) { "是" } else { "否" }.to_owned()),
        ];
        let seat = company.seat;
        sink(
            hand.row(number)
                .see_as("enterprise", Thing::Organization(Box::new(company)), instead)
                .see("principal", Thing::Resident(principal))
                .see("safety", Thing::Resident(safety))
                .see("premises", Thing::Dwelling(seat)),
        )?;
    }
    Ok(())
}

/// Hazards that inspectors found; three of ten enterprises without a code, and some under a name spelt their own way.
pub(super) fn hazards(world: &World, hand: &Hand<'_>, sink: Sink<'_>) -> Result<(), Error> {
    let words = &world.material.events;
    for mut hazard in hand.occasions(world) {
        let enterprise = world.enterprise(hazard.any(world.enterprises() as usize));
        let [level, summary] = hazard.random.pick(&words.hazards).clone();
        let mended = hazard.closed(3, 60, 93_000);
        let facts = vec![
            ("hazard_no", format!("YH{}{:07}", hazard.on.year(), hazard.number)),
            ("summary", summary),
            ("level", level),
            ("found_on", hazard.on.to_string()),
            ("due_on", hazard.on.plus(30).to_string()),
            ("status", if mended.is_some() { "已整改" } else { "整改中" }.to_owned()),
        ];
        let mut instead = Vec::new();
        if hazard.random.chance(30_000) {
            instead.push(("credit_code", String::new()));
        }
        if hazard.random.chance(8_000) {
            instead.push(("name", enterprise.name.replace("有限公司", "公司").replace(&world.material.places.county, "")));
        }
        let inspector = world.name(world.local(&mut hazard.random));
        let row = hazard.row(mended).see("hazard", Thing::Stated("hazard", facts));
        sink(row.see_as("enterprise", Thing::Organization(Box::new(enterprise)), instead).note("检查人", inspector))?;
    }
    Ok(())
}

/// Licences whose number is T and the holder's citizen id.
pub(super) fn licences(world: &World, hand: &Hand<'_>, sink: Sink<'_>) -> Result<(), Error> {
    let words = &world.material.events;
    // Of 1,000 people some 600 are of an age to work.
    let share = hand.habits.per_100000 * 100 / 62;
    for person in world.residents() {
        let (mut random, resident) = (hand.random(person), world.resident(person));
        let is_of_age = (18..60).contains(&resident.age(hand.today())) && resident.is_here(hand.today());
        if !is_of_age || !random.chance(share) {
            continue;
        }
        let [kind, item] = random.pick(&words.operations).clone();
        let issued = resident.birth.plus(18 * 366).max(world.today.plus(-random.between(30, 2100)));
        if issued > hand.today() {
            continue;
        }
        let facts = vec![
            ("licence_no", format!("T{}", world.id(person))),
            ("kind", kind),
            ("item", item),
            ("issued_on", issued.to_string()),
            ("valid_from", issued.to_string()),
            ("valid_to", issued.plus(6 * 365).to_string()),
            ("due_on", issued.plus(3 * 365).to_string()),
        ];
        let row = hand.row(person).not_before(issued).see("licence", Thing::Stated("licence", facts));
        sink(row.see("person", Thing::Resident(person)).see("issuer", organization_named("云溪县应急管理局")))?;
    }
    Ok(())
}
