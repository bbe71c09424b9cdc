//! What the police see: who is registered where, who rents from whom, who owns which vehicle.

use super::{Hand, Sink, Statement};
use crate::{
    error::Error,
    random::mix,
    say::Thing,
    world::{Owner, World},
};

/// Everyone registered in the county, whether there or not; of those who have gone some are struck off.
pub(super) fn household_register(world: &World, hand: &mut Hand<'_>, sink: Sink<'_>) -> Result<(), Error> {
    let places = &world.material.places;
    for (number, household) in (0..).zip(&world.people.households).filter(|(_, household)| !household.is_floating()) {
        for member in household.members() {
            let (on, resident) = (hand.day(), world.resident(member));
            let neighbour = places.neighbours.last().map_or(&places.code, |(code, _)| code);
            let division = if resident.is_absent { neighbour } else { &places.code };
            let mut statement = Statement::new(on)
                .see("person", Thing::Resident(member))
                .see("household", Thing::Household(number))
                .see("registered_division", Thing::Division(places.code.clone()))
                .see("division", Thing::Division(division.clone()))
                .note("XMPY", wuwei_schema::kind::name::pinyin(&resident.name))
                .note("PCSMC", format!("{}派出所", township(world, household.registered)))
                .note("RFYZLB", if household.home == household.registered { "01" } else { "02" }.to_owned());
            if resident.is_absent && mix(u64::from(member)).is_multiple_of(8) {
                statement = statement.see("deregistration", Thing::Registration(on, "户口迁出"));
            }
            sink(statement)?;
        }
    }
    Ok(())
}

fn township(world: &World, dwelling: u32) -> &str {
    let county = &world.county;
    let grid = &county.grids[county.dwellings[dwelling as usize].grid as usize];
    &county.townships[county.communities[grid.community].township].name
}

/// The homes of newcomers, each with its landlord and all grown-up tenants.
pub(super) fn rented_dwellings(world: &World, hand: &mut Hand<'_>, sink: Sink<'_>) -> Result<(), Error> {
    for household in world.people.households.iter().filter(|household| household.is_floating() && !household.is_collective) {
        let Owner::Resident(landlord) = world.owners[household.home as usize] else { continue };
        let mut statement =
            Statement::new(hand.day()).see("dwelling", Thing::Dwelling(household.home)).see("landlord", Thing::Resident(landlord));
        for tenant in household.members().filter(|&member| world.resident(member).age() >= 16) {
            statement = statement.see("tenant", Thing::Resident(tenant));
        }
        sink(statement)?;
    }
    Ok(())
}

/// Every vehicle with its owner, who may be an enterprise.
pub(super) fn vehicles(world: &World, hand: &mut Hand<'_>, sink: Sink<'_>) -> Result<(), Error> {
    for (number, vehicle) in (0..).zip(&world.vehicles) {
        let statement = Statement::new(hand.day()).see("vehicle", Thing::Vehicle(number));
        sink(match vehicle.owner {
            Owner::Resident(owner) => statement.see("owner", Thing::Resident(owner)),
            Owner::Enterprise(owner) => statement.see("owner_organization", Thing::Enterprise(owner)),
        })?;
    }
    Ok(())
}
