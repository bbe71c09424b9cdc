//! What the health commission sees: births, deaths, covers of health files, immunisation of children.

use super::{Hand, Sink, Statement};
use crate::{
    calendar::Day,
    error::Error,
    say::Thing,
    world::{World, organization_named},
};

/// Births of the last years: the child has no number yet, and of one in three no name.
pub(super) fn births(world: &World, hand: &Hand<'_>, sink: Sink<'_>) -> Result<(), Error> {
    const YEARS: i32 = 14;
    for child in world.residents().filter(|&child| (0..YEARS).contains(&world.resident(child).age(hand.today()))) {
        let mut random = hand.random(child);
        let Some(mother) = world.people.mother(child).filter(|_| random.chance(56_000)) else { continue };
        let birth = world.resident(child).birth;
        let issued = birth.plus(random.between(2, 25));
        if issued > hand.today() {
            continue;
        }
        let father = world.people.father(child).filter(|_| random.chance(94_000));
        let surname = wuwei_schema::kind::name::surname(&world.name(father.unwrap_or(mother))).to_owned();
        let unnamed = format!("{surname}某之{}", if world.resident(child).is_male { "子" } else { "女" });
        let instead = if random.chance(30_000) { vec![("name", unnamed)] } else { Vec::new() };
        let facts = vec![
            ("certificate_no", format!("Y{:09}", u64::from(child) + 900_000_000)),
            ("date", birth.to_string()),
            ("issued_on", issued.to_string()),
        ];
        let mut row = Statement::new(u64::from(child), issued).see_as("child", Thing::Resident(child), instead);
        row = row.see("mother", Thing::Resident(mother));
        if let Some(father) = father {
            row = row.see("father", Thing::Resident(father));
        }
        let home = world.people.household_of(child).home_on(issued);
        let hospital = random.pick(&world.material.events.hospitals).clone();
        let row = row.see("hospital", organization_named(&hospital)).see("birth", Thing::Stated("birth", facts));
        sink(row.see("dwelling", Thing::Dwelling(home)).note("CSYZ", random.between(36, 41).to_string()))?;
    }
    Ok(())
}

/// Deaths of the last years.
pub(super) fn deaths(world: &World, hand: &Hand<'_>, sink: Sink<'_>) -> Result<(), Error> {
    for person in world.residents().filter(|&person| world.resident(person).is_dead()) {
        let death = world.resident(person).death;
        if death.plus(3) > hand.today() {
            continue;
        }
        let household = world.people.household_of(person);
        let facts = vec![("certificate_no", format!("S{:09}", u64::from(person) + 900_000_000)), ("date", death.to_string())];
        sink(
            Statement::new(u64::from(person), death)
                .changed(death.plus(3))
                .see("person", Thing::Resident(person))
                .see("death", Thing::Stated("death", facts))
                .see("registered_dwelling", Thing::Dwelling(household.registered))
                .see("dwelling", Thing::Dwelling(household.home_on(death)))
                .note("IdType", "居民身份证".to_owned())
                .note("Cause", "未载".to_owned()),
        )?;
    }
    Ok(())
}

/// A file for nearly everyone, and a second one for some who moved.
pub(super) fn health_files(world: &World, hand: &Hand<'_>, sink: Sink<'_>) -> Result<(), Error> {
    for person in world.residents() {
        let (mut random, row) = (hand.random(person), hand.row(person));
        if !world.resident(person).is_here(row.on) || !random.chance(91_000) {
            continue;
        }
        let moved = world.people.household_of(person).moved.map(|(_, day)| day).filter(|day| *day <= row.on && random.chance(15_000));
        if let Some(day) = moved.filter(|day| world.resident(person).is_here(day.plus(-1))) {
            sink(health_file(world, person, true, Statement::new(u64::from(person) * 2 + 1, day.plus(-1))))?;
        }
        let mut statement = Statement::new(u64::from(person) * 2, row.on);
        statement.revision = row.revision;
        sink(health_file(world, person, false, statement))?;
    }
    Ok(())
}

fn health_file(world: &World, person: u32, is_old: bool, row: Statement) -> Statement {
    let number = format!("{}{:011}", world.material.places.code, u64::from(person) * 2 + u64::from(is_old) + 1);
    let home = world.people.household_of(person).home_on(row.on);
    let facts = vec![("record_no", number.clone()), ("opened_on", row.on.to_string())];
    let contact = world.relative(person);
    let clinic = format!("{}卫生院", world.township_of(home));
    let row = row
        .see_as("person", Thing::Resident(person), vec![("health_record_no", number)])
        .see("clinic", organization_named(&clinic))
        .see("health_file", Thing::Stated("health_file", facts))
        .see("dwelling", Thing::Dwelling(home));
    match contact {
        Some(contact) => row.see("contact", Thing::Resident(contact)),
        None => row,
    }
}

/// Months of age at which children are called; at some twice, with another vaccine each.
const CALLED: [i32; 21] = [0, 0, 1, 2, 2, 3, 3, 4, 4, 5, 6, 6, 8, 8, 9, 18, 18, 24, 36, 48, 72];

/// A row for each time that a child was called and came.
pub(super) fn vaccinations(world: &World, hand: &Hand<'_>, sink: Sink<'_>) -> Result<(), Error> {
    const YEARS: i32 = 15;
    for child in world.residents().filter(|&child| (0..YEARS).contains(&world.resident(child).age(hand.today()))) {
        let mut random = hand.random(child);
        if world.resident(child).is_absent || !random.chance(97_000) {
            continue;
        }
        let instead = vec![
            ("child_code", format!("{}{:010}", world.material.places.code, u64::from(child) + 1)),
            ("id_no", if random.chance(40_000) { world.id(child) } else { String::new() }),
        ];
        let birth = world.resident(child).birth;
        for (dose, months) in (0..).zip(CALLED) {
            let day: Day = birth.plus(months * 61 / 2 + random.between(0, 12));
            if random.chance(93_000) && day <= hand.today() {
                sink(vaccination(world, child, day, u64::from(child) * 32 + dose, instead.clone()))?;
            }
        }
    }
    Ok(())
}

fn vaccination(world: &World, child: u32, day: Day, key: u64, instead: Vec<(&'static str, String)>) -> Statement {
    let home = world.people.household_of(child).home_on(day);
    let clinic = format!("{}卫生院预防接种门诊", world.township_of(home));
    let row = Statement::new(key, day)
        .see_as("child", Thing::Resident(child), instead)
        .see("clinic", organization_named(&clinic))
        .see("vaccination", Thing::Stated("vaccination", vec![("date", day.to_string())]))
        .see("dwelling", Thing::Dwelling(home));
    match world.guardians(child, day)[0] {
        Some(guardian) => row.see("guardian", Thing::Resident(guardian)),
        None => row,
    }
}
