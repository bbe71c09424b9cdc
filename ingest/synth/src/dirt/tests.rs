//! What each slip makes of a value, and what becomes of it when it is read.

use super::{
    contact::without_room,
    id::{swapped, with_wrong_digit},
    name::{mistaken, old_fashioned, spaced},
    *,
};
use crate::{calendar::TODAY, material::Material};
use std::collections::BTreeSet;
use wuwei_schema::Model;

fn county(people: usize) -> World {
    World::build(people, 1, TODAY, Material::embedded().unwrap())
}

/// What becomes of a property of the first people at those rates.
fn soiled(world: &World, rates: &Errors, kind: &Kind, property: &str) -> Vec<(String, String)> {
    let (dirt, mut random) = (Dirt::new(world, rates), Random::new(1, "test"));
    let said = (0..300).map(|number| (Thing::Resident(number), world.say(&Thing::Resident(number), property, TODAY)));
    said.map(|(about, value)| (value.clone(), dirt.soil(&mut random, kind, value, &about, TODAY).into_text())).collect()
}

#[test]
fn what_is_said_to_be_wrong_is_refused_and_the_rest_is_cleaned_back() {
    let (world, codes) = (county(500), Model::embedded().unwrap().codes);
    let rates = Errors {
        id_fifteen: 15_000,
        id_quoted: 15_000,
        id_full_width: 15_000,
        id_spaced: 15_000,
        id_grouped: 15_000,
        id_lower_x: 100_000,
        ..Errors::default()
    };
    let mut random = Random::new(1, "test");
    for (id, text) in soiled(&world, &rates, &Kind::CitizenId, "id_no") {
        assert_eq!(Kind::CitizenId.clean(&text, &codes).as_deref(), Ok(id.as_str()), "{text}");
        for wrong in [with_wrong_digit(&mut random, &id), swapped(&mut random, &id)] {
            assert!(Kind::CitizenId.clean(&wrong, &codes).is_err());
        }
    }
}

#[test]
fn a_number_with_an_impossible_day_is_refused_although_its_check_holds() {
    let (world, codes) = (county(500), Model::embedded().unwrap().codes);
    let rates = Errors { id_impossible: 100_000, ..Errors::default() };
    for (_, text) in soiled(&world, &rates, &Kind::CitizenId, "id_no") {
        assert!(wuwei_schema::kind::citizen_id::check_digit(&text[..17]).is_some_and(|check| text.ends_with(check)));
        assert!(Kind::CitizenId.clean(&text, &codes).is_err(), "{text}");
    }
}

#[test]
fn a_child_may_stand_with_its_parents_id() {
    let world = county(500);
    let rates = Errors { id_of_relative: 100_000, ..Errors::default() };
    let is_child = |number: &u32| world.resident(*number).age(TODAY) < 16 && world.people.father(*number).is_some();
    let child = (0..500).find(is_child).unwrap();
    let dirt = Dirt::new(&world, &rates);
    let cell = dirt.soil(&mut Random::new(1, "test"), &Kind::CitizenId, world.id(child), &Thing::Resident(child), TODAY);
    assert_eq!(cell, Cell::Text(world.id(world.people.father(child).unwrap())));
}

#[test]
fn a_name_gone_wrong_keeps_its_surname() {
    let world = county(10);
    let confusion = &world.material.confusion;
    let mut random = Random::new(1, "test");
    assert_eq!(mistaken(&mut random, "周静", &["静靖".to_owned()]), "周靖");
    assert_eq!(old_fashioned("付强", confusion), "傅彊");
    assert!(["王 小 明", "王\u{3000}小\u{3000}明"].contains(&spaced(&mut random, "王小明").as_str()));
    assert_eq!(without_room("云溪县城关镇人民路12号3栋2单元501室".to_owned()), "云溪县城关镇人民路12号3栋2单元");
}

#[test]
fn phones_written_in_another_way_are_the_same_phone() {
    let (world, codes) = (county(500), Model::embedded().unwrap().codes);
    let rates = Errors { phone_prefixed: 50_000, ..Errors::default() };
    for (phone, text) in soiled(&world, &rates, &Kind::Phone, "phone") {
        assert_eq!(Kind::Phone.clean(&text, &codes).as_deref(), Ok(phone.as_str()), "{text}");
    }
}

#[test]
fn amounts_are_parted_by_thousands() {
    assert_eq!((grouped("1234567.5").as_str(), grouped("999").as_str(), grouped("1000").as_str()), ("1,234,567.5", "999", "1,000"));
}

#[test]
fn every_slip_has_a_rate_somewhere() {
    let material = Material::embedded().unwrap();
    let text = include_str!("../../rates/errors.toml");
    let known = format!("{:?}", Errors::default());
    let names = known.trim_start_matches("Errors { ").trim_end_matches(" }").split(", ").filter_map(|field| field.split(':').next());
    let unused: BTreeSet<&str> = names.filter(|name| !text.contains(&format!("\n{name} = "))).collect();
    assert!(unused.is_empty(), "{unused:?}");
    assert!(material.errors.len() >= 6);
}
