//! What the petitions bureau hears: petitions, and calls to the hotline.

use super::{Hand, Sink};
use crate::{
    error::Error,
    say::Thing,
    world::{World, organization_named},
};

/// Petitions of one or some; of one in three no number is known.
pub(super) fn petitions(world: &World, hand: &Hand<'_>, sink: Sink<'_>) -> Result<(), Error> {
    let words = &world.material.events;
    for mut item in hand.occasions(world) {
        let [kind, about] = item.random.pick(&words.petitions).clone();
        let (accepted, answered) = (item.closed(1, 7, 98_000), item.closed(15, 70, 92_000));
        let (answered, rating) = (answered.filter(|_| accepted.is_some()), item.random.pick(&words.ratings).clone());
        let facts = vec![
            ("petition_no", format!("XF{}{:08}", item.on.year(), item.number)),
            ("kind", kind),
            ("form", item.random.pick(&words.petition_forms).clone()),
            ("summary", format!("信访人{about}，请求依法处理。")),
            ("submitted_on", item.on.to_string()),
            ("accepted_on", accepted.map(|day| day.to_string()).unwrap_or_default()),
            ("answered_on", answered.map(|day| day.to_string()).unwrap_or_default()),
            ("rating", answered.map(|_| rating).unwrap_or_default()),
        ];
        let petitioners = if item.random.chance(8_000) { item.random.between(2, 4) } else { 1 };
        let handler = item.random.pick(&words.handlers).clone();
        let has_number = item.random.chance(66_000);
        let people: Vec<u32> = (0..petitioners).map(|_| world.grown(&mut item.random)).collect();
        let mut row = item.row(answered.or(accepted)).see("petition", Thing::Stated("petition", facts));
        for person in people {
            let known = if has_number { Vec::new() } else { vec![("id_no", String::new())] };
            row = row.see_as("petitioner", Thing::Resident(person), known);
        }
        sink(row.see("division", Thing::division(&world.material.places.code)).see("handler", organization_named(&handler)))?;
    }
    Ok(())
}

/// Calls; now and then somebody talks for long.
pub(super) fn calls(world: &World, hand: &Hand<'_>, sink: Sink<'_>) -> Result<(), Error> {
    /// Cells of these calls have up to 10 kB.
    const LONG: usize = 30;
    let words = &world.material.events;
    for mut call in hand.occasions(world) {
        let [kind, title, said] = call.random.pick(&words.hotline).clone();
        let caller = world.grown(&mut call.random);
        let (closed, rating) = (call.closed(0, 20, 95_000), call.random.pick(&words.ratings).clone());
        let said = said.replace("{phone}", &world.phone(caller, call.on));
        let said = if call.random.chance(200) { said.repeat(call.random.below(LONG) + 2) } else { said };
        let home = world.people.household_of(caller).home_on(call.on);
        let facts = vec![
            ("request_no", format!("RX{}{:08}", call.on.year(), call.number)),
            ("kind", kind),
            ("title", title),
            ("summary", said),
            ("address", world.county.road(&world.material.places, home)),
            ("accepted_on", call.on.to_string()),
            ("closed_on", closed.map(|day| day.to_string()).unwrap_or_default()),
            ("rating", closed.map(|_| rating).unwrap_or_default()),
        ];
        let handler = call.random.pick(&words.handlers).clone();
        let row = call.row(closed).see("caller", Thing::Resident(caller)).see("request", Thing::Stated("hotline_request", facts));
        sink(row.see("handler", organization_named(&handler)))?;
    }
    Ok(())
}
