//! What the housing bureau sees: houses, sales, leases.

use super::{Hand, Sink, Statement};
use crate::{
    error::Error,
    people::{Household, Stay},
    random::Random,
    say::Thing,
    world::{Owner, World},
};

/// Every dwelling in its building; four of five have a number of the real-estate register.
pub(super) fn houses(world: &World, hand: &Hand<'_>, sink: Sink<'_>) -> Result<(), Error> {
    let code = &world.material.places.code;
    for (number, dwelling) in (0..).zip(&world.county.dwellings) {
        let mut random = hand.random(number);
        let realty = format!("{code}001001GB{:05}F{number:08}", dwelling.grid % 100_000);
        let instead = vec![("realty_unit_no", if random.chance(80_000) { realty } else { String::new() })];
        let building = vec![
            ("estate", world.county.estate(number).to_owned()),
            ("building_no", format!("{}幢", dwelling.building)),
            ("floors", world.random("floors", dwelling.grid * 8 + u32::from(dwelling.building)).between(4, 18).to_string()),
            ("built_year", world.random("built", dwelling.grid).between(1985, 2022).to_string()),
        ];
        sink(
            hand.row(number)
                .see_as("dwelling", Thing::Dwelling(number), instead)
                .see("building", Thing::Stated("building", building))
                .note("单元", format!("{}单元", dwelling.unit))
                .note("室号", format!("{}{:02}", dwelling.floor, dwelling.room)),
        )?;
    }
    Ok(())
}

/// How every second dwelling was bought, alone or by a couple.
pub(super) fn sales(world: &World, hand: &Hand<'_>, sink: Sink<'_>) -> Result<(), Error> {
    for (number, dwelling) in (0..).zip(&world.county.dwellings) {
        let mut random = hand.random(number);
        let Owner::Resident(owner) = world.owner(number) else { continue };
        let on = world.today.plus(-random.between(1, 12 * 365));
        if !random.chance(53_000) || on > hand.today() {
            continue;
        }
        let price = i64::from(dwelling.floor_area) * i64::from(random.between(4_000, 11_000));
        let facts =
            vec![("contract_no", format!("YX{}{number:07}", on.year())), ("amount", price.to_string()), ("signed_on", on.to_string())];
        // A few developers have built it all.
        let seller = world.enterprise(u32::try_from(random.below(20)).unwrap_or(0).min(world.companies() - 1));
        let mut row = Statement::new(u64::from(number), on).see("buyer", Thing::Resident(owner));
        if let Some(spouse) = world.people.spouse(owner).filter(|_| random.chance(40_000)) {
            row = row.see("buyer", Thing::Resident(spouse));
        }
        let row = row.see("seller", Thing::Organization(Box::new(seller))).see("dwelling", Thing::Dwelling(number));
        sink(row.see("sale", Thing::Stated("housing_contract", facts)))?;
    }
    Ok(())
}

/// The leases of newcomers: of where they live, and some of where they lived before.
pub(super) fn leases(world: &World, hand: &Hand<'_>, sink: Sink<'_>) -> Result<(), Error> {
    for household in world.people.households.iter().filter(|household| household.is_floating() && !household.is_collective) {
        let stays = world.stays(household);
        for (place, stay) in stays.iter().enumerate().take(2) {
            let key = u64::from(household.head) * 8 + (stays.len() - place) as u64;
            let mut random = hand.random(key);
            if random.chance([95_000, 45_000][place]) && stay.from.plus(30) <= hand.today() {
                sink(lease(world, household, *stay, key, &mut random))?;
            }
        }
    }
    Ok(())
}

fn lease(world: &World, household: &Household, stay: Stay, key: u64, random: &mut Random) -> Statement {
    let on = stay.from.plus(random.between(1, 30));
    let is_open = random.chance(10_000);
    let until = stay.from.plus(365 * random.between(1, 3)).to_string();
    let (from, until) = if is_open { (String::new(), String::new()) } else { (stay.from.to_string(), until) };
    let facts = vec![
        ("contract_no", format!("ZL{}{key:09}", on.year())),
        ("amount", (random.between(4, 40) * 50).to_string()),
        ("registered_on", on.to_string()),
        ("valid_from", from),
        ("valid_to", until),
    ];
    let mut row = Statement::new(key, on).see("tenant", Thing::Resident(household.head)).see("dwelling", Thing::Dwelling(stay.home));
    row = match world.owner(stay.home) {
        Owner::Resident(owner) => row.see("landlord", Thing::Resident(owner)),
        Owner::Enterprise(owner) => row.see("landlord_organization", Thing::Organization(Box::new(world.enterprise(owner)))),
    };
    let row = row.see("lease", Thing::Stated("housing_contract", facts));
    if is_open { row.note("租期", "长期".to_owned()) } else { row }
}
