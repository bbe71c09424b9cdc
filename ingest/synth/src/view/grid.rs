//! What grid workers see when they go from door to door: who lives there, what is there, and how the ground is divided.

use super::{Hand, Sink, Statement};
use crate::{
    error::Error,
    say::Thing,
    world::{Owner, World, organization_named},
};

/// A door and who is listed behind it.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Door {
    home: u32,
    household: u32,
    /// Gone, but still in the list of the grid that they left.
    has_left: bool,
}

/// Everyone who lives in the county, grid by grid. Of those who moved, some are still in the list of the grid that they left.
pub(super) fn residents(world: &World, hand: &Hand<'_>, sink: Sink<'_>) -> Result<(), Error> {
    for door in doors(world, hand) {
        let household = &world.people.households[door.household as usize];
        let mut row = hand.row(household.head);
        // Whoever opens lives there on the day of the visit.
        row.on = match household.moved {
            Some((_, moved)) if door.has_left => row.on.min(moved.plus(-1)),
            Some((_, moved)) if moved <= hand.today() => row.on.max(moved),
            _ => row.on,
        };
        for member in household.members().filter(|&member| world.resident(member).is_here(row.on)) {
            let mut statement = Statement::new(u64::from(member) * 2 + u64::from(door.has_left), row.on);
            statement.revision = row.revision;
            sink(listed(world, &door, member, statement))?;
        }
    }
    Ok(())
}

/// In the order of the ground.
fn doors(world: &World, hand: &Hand<'_>) -> Vec<Door> {
    let mut doors = Vec::with_capacity(world.people.households.len());
    for (number, household) in (0..).zip(&world.people.households) {
        doors.push(Door { home: household.home_on(hand.today()), household: number, has_left: false });
        let left = household.moved.filter(|(_, moved)| *moved <= hand.today() && hand.random(household.head).chance(18_000));
        doors.extend(left.map(|(before, _)| Door { home: before, household: number, has_left: true }));
    }
    doors.sort_unstable();
    doors
}

/// The grid centre numbers households in its own way.
fn listed(world: &World, door: &Door, member: u32, statement: Statement) -> Statement {
    let household = &world.people.households[door.household as usize];
    let own = vec![("household_no", format!("{:09}", 500_000_000 + u64::from(door.household)))];
    statement
        .see("person", Thing::Resident(member))
        .see("head", Thing::Resident(household.head))
        .see_as("household", Thing::Household(door.household), own)
        .see("grid", grid_of(world, door.home))
        .note("人口类型", if household.is_floating() { "流动人口" } else { "户籍人口" }.to_owned())
        .note("人户一致标识", if door.home == household.registered && !household.is_floating() { "一致" } else { "不一致" }.to_owned())
}

/// Every dwelling and its owner, if that is a person.
pub(super) fn dwellings(world: &World, hand: &Hand<'_>, sink: Sink<'_>) -> Result<(), Error> {
    for (number, dwelling) in (0..).zip(&world.county.dwellings) {
        let mut statement = hand
            .row(number)
            .see("dwelling", Thing::Dwelling(number))
            .see("grid", Thing::Grid(dwelling.grid))
            .note("小区（单位）名称", world.county.estate(number).to_owned())
            .note("楼栋", format!("{}栋", dwelling.building))
            .note("单元", format!("{}单元", dwelling.unit))
            .note("室号", format!("{}{:02}", dwelling.floor, dwelling.room));
        if let Owner::Resident(owner) = world.owner(number) {
            statement = statement.see("owner", Thing::Resident(owner));
        }
        sink(statement)?;
    }
    Ok(())
}

/// Every grid, its community and who looks after it.
pub(super) fn grids(world: &World, hand: &Hand<'_>, sink: Sink<'_>) -> Result<(), Error> {
    let county = &world.county;
    for (number, grid) in (0..).zip(&county.grids) {
        let first = county.dwellings.partition_point(|dwelling| dwelling.grid < number);
        let last = county.dwellings.partition_point(|dwelling| dwelling.grid <= number);
        let households = world.households_between(first, last);
        sink(
            hand.row(number)
                .see_as(
                    "grid",
                    Thing::Grid(number),
                    vec![("township", county.townships[county.communities[grid.community].township].name.clone())],
                )
                .see("community", Thing::Community(u32::try_from(grid.community).unwrap_or(0)))
                .see("worker", Thing::Resident(world.local(&mut world.random("grid worker", number))))
                .note("边界", county.outline(number))
                .note("户数", households.len().to_string())
                .note("人口数", world.living(households).to_string()),
        )?;
    }
    Ok(())
}

/// What grid workers report from their phones, with its parties where there are some.
pub(super) fn incidents(world: &World, hand: &Hand<'_>, sink: Sink<'_>) -> Result<(), Error> {
    let words = &world.material.events;
    for mut incident in hand.occasions(world) {
        let grid = incident.any(world.county.grids.len());
        let dwelling = world.dwelling_in(grid, &mut incident.random);
        let [kind, summary] = incident.random.pick(&words.incidents).clone();
        let (longitude, latitude) = world.county.place(grid, &mut incident.random);
        let closed = incident.closed(0, 10, 96_000);
        let facts = vec![
            ("incident_no", format!("WG{}{:09}", incident.on.year(), incident.number)),
            ("kind", kind),
            ("scale", if incident.random.chance(2_000) { "一般群体性事件" } else { "个体性事件" }.to_owned()),
            ("people", incident.random.between(1, 6).to_string()),
            ("summary", summary),
            ("address", world.county.road(&world.material.places, dwelling)),
            ("longitude", longitude),
            ("latitude", latitude),
            ("reported_on", incident.on.to_string()),
            ("closed_on", closed.map(|day| day.to_string()).unwrap_or_default()),
            ("result", if closed.is_some() { "已化解" } else { "未化解" }.to_owned()),
        ];
        let has_parties = incident.random.chance(10_000);
        let parties: Vec<u32> = (0..if has_parties { 2 } else { 0 }).map(|_| world.grown(&mut incident.random)).collect();
        let handler = incident.random.pick(&words.handlers).clone();
        let mut row = incident.row(closed).see("incident", Thing::Stated("incident", facts)).see("grid", Thing::Grid(grid));
        for party in parties {
            row = row.see("party", Thing::Resident(party));
        }
        sink(row.see("handler", organization_named(&handler)))?;
    }
    Ok(())
}

fn grid_of(world: &World, dwelling: u32) -> Thing {
    Thing::Grid(world.county.dwellings[dwelling as usize].grid)
}
