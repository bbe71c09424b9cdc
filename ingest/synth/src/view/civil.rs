//! What civil affairs sees: residents as their communities list them, without a citizen id; marriages; social organisations.

use super::{Hand, Sink, Statement};
use crate::{error::Error, people::Household, say::Thing, world::World};

/// Half of the households; of those that moved, some stand in the list of their old community too.
pub(super) fn community_residents(world: &World, hand: &Hand<'_>, sink: Sink<'_>) -> Result<(), Error> {
    for household in &world.people.households {
        let mut random = hand.random(household.head);
        if !random.chance(47_000) {
            continue;
        }
        let row = hand.row(household.head);
        list(world, household, &row, false, sink)?;
        if let Some((_, moved)) = household.moved.filter(|(_, moved)| *moved <= row.on)
            && random.chance(30_000)
        {
            let before = Statement { on: moved.plus(-random.between(1, 300)), ..row };
            list(world, household, &before, true, sink)?;
        }
    }
    Ok(())
}

/// Everyone of a household, as the community knew them when it wrote that row.
fn list(world: &World, household: &Household, row: &Statement, is_old: bool, sink: Sink<'_>) -> Result<(), Error> {
    let community = world.community_of(household.home_on(row.on));
    for member in household.members().filter(|&member| world.resident(member).is_here(row.on)) {
        let mut statement = Statement::new(u64::from(member) * 2 + u64::from(is_old), row.on);
        statement.revision = row.revision;
        sink(
            statement
                .see("person", Thing::Resident(member))
                .see("community", Thing::Community(community))
                .see("registration", Thing::Stated("registration", vec![("date", row.on.to_string())])),
        )?;
    }
    Ok(())
}

/// Poor households, member by member, under the number that civil affairs gives a family.
pub(super) fn allowances(world: &World, hand: &Hand<'_>, sink: Sink<'_>) -> Result<(), Error> {
    // Of 1,000 people some 735 are registered here.
    let share = hand.habits.per_100000 * 1000 / 735;
    for (number, household) in (0..).zip(&world.people.households).filter(|(_, household)| !household.is_floating()) {
        let mut random = hand.random(number);
        if household.is_collective || !random.chance(share) {
            continue;
        }
        let since = world.today.plus(-random.between(60, 2500));
        let amount = (random.between(30, 90) * 10).to_string();
        let family = vec![("household_no", format!("DB{number:08}"))];
        for (at, member) in household.members().enumerate() {
            let row = hand.row(member).not_before(since);
            if row.on > hand.today() || !world.resident(member).is_here(row.on) {
                continue;
            }
            let work = vec![("employment", random.pick(&world.material.events.employments).clone())];
            let facts = vec![("since", since.to_string()[..7].to_owned()), ("amount", amount.clone())];
            let home = household.home_on(row.on);
            sink(
                row.see_as("person", Thing::Resident(member), work)
                    .see_as("household", Thing::Household(number), family.clone())
                    .see("dwelling", Thing::Dwelling(home))
                    .see("benefit", Thing::Stated("benefit", facts))
                    .note("CAC000", format!("{:02}", at + 1)),
            )?;
        }
    }
    Ok(())
}

/// Every marriage as it was known on its day.
pub(super) fn marriages(world: &World, hand: &Hand<'_>, sink: Sink<'_>) -> Result<(), Error> {
    let code = &world.material.places.code;
    for number in 0..u32::try_from(world.people.residents.len()).unwrap_or(0) {
        let Some(marriage) = world.marriage(number).filter(|marriage| marriage.date <= hand.today()) else { continue };
        let facts = vec![
            ("registration_no", format!("J{code}-{}-{:06}", marriage.date.year(), number)),
            ("date", marriage.date.to_string()),
            ("remarriage", "否".to_owned()),
        ];
        sink(
            Statement::new(u64::from(number), marriage.date)
                .see("groom", Thing::Resident(marriage.husband))
                .see("bride", Thing::Resident(marriage.wife))
                .see("marriage", Thing::Stated("marriage", facts)),
        )?;
    }
    Ok(())
}

/// Every social organisation and who represents it.
pub(super) fn societies(world: &World, hand: &Hand<'_>, sink: Sink<'_>) -> Result<(), Error> {
    for number in 0..world.societies() {
        let society = world.society(number);
        let (representative, supervisor) = (society.representative, society.supervisor.clone());
        sink(
            hand.row(number)
                .see("organization", Thing::Organization(Box::new(society)))
                .see("representative", Thing::Resident(representative))
                .note("业务主管单位", supervisor),
        )?;
    }
    Ok(())
}
