//! What the people of a county have to be like.

use super::*;
use crate::{calendar::TODAY, world::World};
use std::collections::{HashMap, HashSet};

fn build(seed: u64) -> World {
    World::build(20_000, seed, TODAY, Material::embedded().unwrap())
}

fn all(world: &World) -> std::ops::Range<u32> {
    0..u32::try_from(world.people.residents.len()).unwrap()
}

#[test]
fn a_person_takes_tens_of_bytes() {
    assert!(size_of::<Resident>() <= 32, "{}", size_of::<Resident>());
    assert!(size_of::<Household>() <= 36, "{}", size_of::<Household>());
}

#[test]
fn the_same_seed_gives_the_same_people_and_another_seed_others() {
    let names = |seed| {
        let world = build(seed);
        all(&world).map(|one| (world.id(one), world.name(one))).collect::<Vec<_>>()
    };
    assert_eq!(names(3), names(3));
    assert_ne!(names(3), names(4));
}

#[test]
fn every_id_is_of_a_division_that_does_not_exist_and_given_once() {
    let world = build(3);
    let ids: HashSet<String> = all(&world).map(|one| world.id(one)).collect();
    assert_eq!(ids.len(), world.people.residents.len());
    let codes = wuwei_schema::Model::embedded().unwrap().codes;
    for id in ids {
        assert!(id.starts_with("99") || id.starts_with("90"));
        assert_eq!(wuwei_schema::Kind::CitizenId.clean(&id, &codes).as_deref(), Ok(id.as_str()));
    }
}

#[test]
fn ages_sizes_and_shares_are_near_the_census() {
    let people = build(3).people;
    let living: Vec<&Resident> = people.residents.iter().filter(|resident| resident.is_here(TODAY)).collect();
    assert_eq!(living.len(), 20_000);
    let percent = |is: &dyn Fn(&Resident) -> bool| living.iter().filter(|resident| is(resident)).count() * 100 / living.len();
    let shares = [
        percent(&|one| one.age(TODAY) < 15),
        percent(&|one| one.age(TODAY) >= 60),
        percent(&|one| one.is_male),
        percent(&|one| one.spouse != Kin::NOBODY),
    ];
    assert!((15..=21).contains(&shares[0]), "children: {shares:?}");
    assert!((15..=23).contains(&shares[1]), "old: {shares:?}");
    assert!((48..=54).contains(&shares[2]), "men: {shares:?}");
    assert!((40..=62).contains(&shares[3]), "married: {shares:?}");
    let floating = living.iter().filter(|one| people.households[one.household as usize].is_floating()).count();
    assert!((5_000..5_700).contains(&floating), "{floating}");
    let dead = people.residents.iter().filter(|resident| resident.is_dead()).count();
    assert!((1_200..1_600).contains(&dead), "70 of 1,000 died in nine years: {dead}");
}

#[test]
fn there_are_twins_shared_phones_and_moves() {
    let world = build(3);
    let twins: Vec<u32> = all(&world).filter(|&one| world.resident(one).is_twin).collect();
    assert!(twins.len() > 20 && twins.len().is_multiple_of(2), "{}", twins.len());
    for pair in twins.chunks(2) {
        let [one, other] = [world.resident(pair[0]), world.resident(pair[1])];
        assert_eq!((one.birth, one.household), (other.birth, other.household));
        assert_ne!((world.id(pair[0]), world.name(pair[0])), (world.id(pair[1]), world.name(pair[1])));
    }
    let mut phones: HashMap<String, usize> = HashMap::new();
    all(&world).for_each(|one| *phones.entry(world.phone(one, TODAY)).or_default() += 1);
    assert!(phones.values().filter(|&&holders| holders > 1).count() > 1000);
    assert!(world.people.households.iter().filter(|household| household.moved.is_some()).count() > 1000);
}

#[test]
fn kin_live_together_and_are_of_a_fitting_age() {
    let world = build(3);
    for one in all(&world) {
        let resident = world.resident(one);
        for parent in [world.people.father(one), world.people.mother(one)].into_iter().flatten() {
            let parent = world.resident(parent);
            assert_eq!(parent.household, resident.household);
            assert!(parent.birth.years_to(resident.birth) >= 17);
        }
        if let Some(spouse) = world.people.spouse(one) {
            let spouse = world.resident(spouse);
            assert!(spouse.household == resident.household && spouse.is_male != resident.is_male);
            assert!(spouse.age(TODAY) >= 20);
        }
        assert!(resident.death > resident.birth);
    }
    let sorted = world.people.households.windows(2).all(|pair| pair[0].home <= pair[1].home);
    assert!(sorted, "households are in the order of their homes");
}
