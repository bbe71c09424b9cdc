//! What civil affairs sees: residents as their communities list them, without a citizen id; marriages; social organisations.

use super::{Hand, Sink, Statement};
use crate::{
    calendar::Day,
    error::Error,
    people::Household,
    say::Thing,
    world::{Organization, World},
};

/// Half of the households; of those that moved, some stand in the list of their old community too.
pub(super) fn community_residents(world: &World, hand: &mut Hand<'_>, sink: Sink<'_>) -> Result<(), Error> {
    for household in &world.people.households {
        if !hand.random.chance(48_000) {
            continue;
        }
        let on = hand.day();
        list(world, household, on, sink)?;
        if let Some((_, moved)) = household.moved.filter(|(_, moved)| *moved <= on)
            && hand.random.chance(30_000)
        {
            list(world, household, moved.plus(-hand.random.between(1, 300)), sink)?;
        }
    }
    Ok(())
}

fn list(world: &World, household: &Household, on: Day, sink: Sink<'_>) -> Result<(), Error> {
    let county = &world.county;
    let home = household.home_on(on);
    let community = county.grids[county.dwellings[home as usize].grid as usize].community;
    let community = u32::try_from(community).unwrap_or(0);
    for member in household.members().filter(|&member| !world.resident(member).is_absent && world.resident(member).birth <= on) {
        sink(
            Statement::new(on)
                .see("person", Thing::Resident(member))
                .see("community", Thing::Community(community))
                .see("registration", Thing::Registration(on, "")),
        )?;
    }
    Ok(())
}

/// Every marriage as it was known on its day.
pub(super) fn marriages(world: &World, _: &mut Hand<'_>, sink: Sink<'_>) -> Result<(), Error> {
    for (number, marriage) in (0..).zip(&world.marriages) {
        sink(
            Statement::new(marriage.date)
                .see("groom", Thing::Resident(marriage.husband))
                .see("bride", Thing::Resident(marriage.wife))
                .see("marriage", Thing::Marriage(number)),
        )?;
    }
    Ok(())
}

/// Every social organisation and who represents it.
pub(super) fn societies(world: &World, hand: &mut Hand<'_>, sink: Sink<'_>) -> Result<(), Error> {
    for (number, Organization { representative, supervisor, .. }) in (0..).zip(&world.societies) {
        sink(
            Statement::new(hand.day())
                .see("organization", Thing::Society(number))
                .see("representative", Thing::Resident(*representative))
                .note("业务主管单位", supervisor.clone()),
        )?;
    }
    Ok(())
}
