//! What grid workers see when they go from door to door: who lives there, what is there, and how the ground is divided.

use super::{Hand, Sink, Statement};
use crate::{
    error::Error,
    people::Household,
    say::Thing,
    world::{Owner, World},
};

/// Everyone who lives in the county, grid by grid. Of those who moved, some are still in the list of the grid that they left.
pub(super) fn residents(world: &World, hand: &mut Hand<'_>, sink: Sink<'_>) -> Result<(), Error> {
    let mut doors: Vec<(u32, usize)> = world.people.households.iter().map(|household| household.home).zip(0..).collect();
    for (number, household) in world.people.households.iter().enumerate() {
        if let Some((before, _)) = household.moved.filter(|_| hand.random.chance(18_000)) {
            doors.push((before, number));
        }
    }
    doors.sort_unstable();
    for (home, number) in doors {
        let household = &world.people.households[number];
        let seen = hand.day();
        // Whoever opens lives there on the day of the visit.
        let on = match household.moved {
            Some((_, moved)) if home == household.home => seen.max(moved),
            Some((_, moved)) => seen.min(moved.plus(-1)),
            None => seen,
        };
        for member in household.members().filter(|&member| !world.resident(member).is_absent && world.resident(member).birth <= on) {
            sink(door(world, household, number, member, Statement::new(on)).see("grid", grid_of(world, home)))?;
        }
    }
    Ok(())
}

/// The grid centre numbers households in its own way.
fn door(world: &World, household: &Household, number: usize, member: u32, statement: Statement) -> Statement {
    let own = vec![("household_no", format!("{:09}", 500_000_000 + number))];
    let number = world.resident(member).household;
    statement
        .see("person", Thing::Resident(member))
        .see("head", Thing::Resident(household.head))
        .see_as("household", Thing::Household(number), own)
        .note("人口类型", if household.is_floating() { "流动人口" } else { "户籍人口" }.to_owned())
        .note("人户一致标识", if household.home == household.registered && !household.is_floating() { "一致" } else { "不一致" }.to_owned())
}

/// Every dwelling and its owner, if that is a person.
pub(super) fn dwellings(world: &World, hand: &mut Hand<'_>, sink: Sink<'_>) -> Result<(), Error> {
    for (number, owner) in (0..).zip(&world.owners) {
        let dwelling = &world.county.dwellings[number as usize];
        let mut statement = Statement::new(hand.day())
            .see("dwelling", Thing::Dwelling(number))
            .see("grid", Thing::Grid(dwelling.grid))
            .note("小区（单位）名称", world.county.estate(number).to_owned())
            .note("楼栋", format!("{}栋", dwelling.building))
            .note("单元", format!("{}单元", dwelling.unit))
            .note("室号", format!("{}{:02}", dwelling.floor, dwelling.room));
        if let Owner::Resident(owner) = owner {
            statement = statement.see("owner", Thing::Resident(*owner));
        }
        sink(statement)?;
    }
    Ok(())
}

/// Every grid, its community and who looks after it.
pub(super) fn grids(world: &World, hand: &mut Hand<'_>, sink: Sink<'_>) -> Result<(), Error> {
    for (number, worker) in (0..).zip(&world.grid_workers) {
        let county = &world.county;
        let community = county.grids[number as usize].community;
        let first = county.dwellings.partition_point(|dwelling| dwelling.grid < number);
        let last = county.dwellings.partition_point(|dwelling| dwelling.grid <= number);
        let households = world.households_between(first, last);
        sink(
            Statement::new(hand.day())
                .see("grid", Thing::Grid(number))
                .see("community", Thing::Community(u32::try_from(community).unwrap_or(0)))
                .see("worker", Thing::Resident(*worker))
                .note("所属乡镇（街道）", county.townships[county.communities[community].township].name.clone())
                .note("户数", households.len().to_string())
                .note("人口数", world.living(households).to_string()),
        )?;
    }
    Ok(())
}

fn grid_of(world: &World, dwelling: u32) -> Thing {
    Thing::Grid(world.county.dwellings[dwelling as usize].grid)
}
