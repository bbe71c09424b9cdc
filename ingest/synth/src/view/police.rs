//! What the police see: who is registered where, who rents from whom, who owns which vehicle.

use super::{Hand, Sink, Statement};
use crate::{
    calendar::Day,
    error::Error,
    people::Stay,
    say::Thing,
    world::{Owner, World},
};

/// Everyone registered in the county, whether there or not; of those who have gone or died some are struck off and some forgotten.
pub(super) fn household_register(world: &World, hand: &Hand<'_>, sink: Sink<'_>) -> Result<(), Error> {
    for (number, household) in (0..).zip(&world.people.households).filter(|(_, household)| !household.is_floating()) {
        for member in household.members() {
            if let Some(statement) = registered(world, hand, number, member) {
                sink(statement)?;
            }
        }
    }
    Ok(())
}

/// The row of a member of a household, unless it is not born yet or no longer kept.
fn registered(world: &World, hand: &Hand<'_>, number: u32, member: u32) -> Option<Statement> {
    let (places, resident, today) = (&world.material.places, world.resident(member), hand.today());
    let mut random = hand.random(member);
    let birth = resident.birth.plus(random.between(5, 40));
    let row = hand.row(member).not_before(birth);
    if row.on > today {
        return None;
    }
    let struck = struck_off(world, member, row.on, today, random.chance(50_000), random.chance(12_500))?;
    let neighbour = places.neighbours.last().map_or(&places.code, |(code, _)| code);
    let division = if resident.is_absent { neighbour } else { &places.code };
    let registered = world.people.households[number as usize].registered;
    let is_home = world.people.households[number as usize].home_on(row.on) == registered;
    let row = row
        .see("person", Thing::Resident(member))
        .see("household", Thing::Household(number))
        .see("registered_division", Thing::division(&places.code))
        .see("division", Thing::division(division))
        .note("XMPY", wuwei_schema::kind::name::pinyin(&world.name(member)))
        .note("PCSMC", format!("{}派出所", world.township_of(registered)))
        .note("RFYZLB", if is_home { "01" } else { "02" }.to_owned());
    Some(match struck {
        Some((day, reason)) => {
            let facts = vec![("date", day.to_string()), ("reason", reason.to_owned())];
            row.not_before(day).gone().see("deregistration", Thing::Stated("registration", facts))
        }
        None => row,
    })
}

/// When and why somebody is struck off, if so; `None` of the dead whose row is no longer kept.
fn struck_off(world: &World, member: u32, on: Day, today: Day, keeps: bool, moves: bool) -> Option<Option<(Day, &'static str)>> {
    let resident = world.resident(member);
    if resident.death.0 <= today.0.saturating_sub(20) {
        return keeps.then_some(Some((resident.death.plus(20), "死亡")));
    }
    Some((resident.is_absent && moves).then_some((on, "户口迁出")))
}

/// Newcomers, registered again wherever they move: a row for each stay, with its end when it is over.
pub(super) fn floating(world: &World, hand: &Hand<'_>, sink: Sink<'_>) -> Result<(), Error> {
    for household in world.people.households.iter().filter(|household| household.is_floating()) {
        let stays = world.stays(household);
        for member in household.members() {
            for (place, stay) in stays.iter().enumerate() {
                let key = u64::from(member) * 8 + (stays.len() - place) as u64;
                let on = stay.from.plus(hand.random(key).between(1, 20)).max(world.resident(member).birth.plus(20));
                if on <= hand.today() && stay.until.is_none_or(|until| on < until) {
                    sink(stayed(world, hand, member, *stay, Statement::new(key, on)))?;
                }
            }
        }
    }
    Ok(())
}

fn stayed(world: &World, hand: &Hand<'_>, member: u32, stay: Stay, row: Statement) -> Statement {
    let household = world.people.household_of(member);
    let places = &world.material.places;
    let mut random = hand.random(row.key);
    let reason = match world.resident(member).age(row.on) {
        ..16 => *random.pick(&["借读培训", "投靠亲友"]),
        16..60 => *random.pick(&["务工", "务工", "务工", "经商", "服务"]),
        _ => "投靠亲友",
    };
    let facts = vec![("date", row.on.to_string()), ("reason", reason.to_owned())];
    let here = vec![("live_address", world.county.address(places, stay.home))];
    let origin = household.origin.map_or(&places.code, |origin| &places.neighbours[usize::from(origin)].0);
    let day = |day: Day| day.to_string().replace('-', "");
    let mut row = row
        .see_as("person", Thing::Resident(member), here)
        .see("registration", Thing::Stated("registration", facts))
        .see("dwelling", Thing::Dwelling(stay.home))
        .see("registered_division", Thing::division(origin))
        .note("LBDRQ", day(stay.from))
        .note("DJDW", format!("{}派出所", world.township_of(stay.home)));
    if let Some(until) = stay.until.filter(|until| *until <= hand.today()) {
        row = row.changed(until).note("ZXRQ", day(until));
    }
    match world.owner(stay.home) {
        Owner::Resident(owner) => row.see("landlord", Thing::Resident(owner)),
        Owner::Enterprise(owner) => row.note("FZXM", world.enterprise(owner).name),
    }
}

/// The homes of newcomers, each with its landlord and all grown-up tenants.
pub(super) fn rented_dwellings(world: &World, hand: &Hand<'_>, sink: Sink<'_>) -> Result<(), Error> {
    for household in world.people.households.iter().filter(|household| household.is_floating() && !household.is_collective) {
        let home = household.home_on(hand.today());
        let Owner::Resident(landlord) = world.owner(home) else { continue };
        let since = household.moved.map_or(hand.today(), |(_, moved)| moved);
        let row = hand.row(household.head);
        let row = if since <= hand.today() { row.not_before(since) } else { row };
        let on = row.on;
        let mut statement = row.see("dwelling", Thing::Dwelling(home)).see("landlord", Thing::Resident(landlord));
        for tenant in household.members().filter(|&member| world.resident(member).is_here(on) && world.resident(member).age(on) >= 16) {
            statement = statement.see("tenant", Thing::Resident(tenant));
        }
        sink(statement)?;
    }
    Ok(())
}

/// Every vehicle with its owner, who may be an enterprise.
pub(super) fn vehicles(world: &World, hand: &Hand<'_>, sink: Sink<'_>) -> Result<(), Error> {
    for number in 0..world.vehicles() {
        let vehicle = world.vehicle(number);
        if vehicle.registered > hand.today() {
            continue;
        }
        let (owner, row) = (vehicle.owner, hand.row(number).not_before(vehicle.registered));
        let statement = row.see("vehicle", Thing::Vehicle(Box::new(vehicle)));
        sink(match owner {
            Owner::Resident(owner) => statement.see("owner", Thing::Resident(owner)),
            Owner::Enterprise(owner) => statement.see("owner_organization", Thing::Organization(Box::new(world.enterprise(owner)))),
        })?;
    }
    Ok(())
}
