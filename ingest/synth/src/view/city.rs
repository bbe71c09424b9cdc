//! What urban management sees on the street: cases, components, shop fronts. Nobody's id is seen there.

use super::{Hand, Sink, Statement};
use crate::{
    error::Error,
    say::Thing,
    world::{World, organization_named},
};

/// Cases that workers, cameras and people report; some coordinates the wrong way round.
pub(super) fn cases(world: &World, hand: &Hand<'_>, sink: Sink<'_>) -> Result<(), Error> {
    let words = &world.material.events;
    for mut case in hand.occasions(world) {
        let grid = case.any(world.county.grids.len());
        let (dwelling, source) = (world.dwelling_in(grid, &mut case.random), case.random.pick(&words.street_sources).clone());
        let [kind, subkind, summary] = case.random.pick(&words.street).clone();
        let reporter = (source == "市民投诉").then(|| world.grown(&mut case.random));
        let handler = case.random.pick(&words.handlers).clone();
        let (mut longitude, mut latitude) = world.county.place(grid, &mut case.random);
        let is_swapped = case.random.chance(hand.rates.coordinates_swapped);
        if is_swapped {
            (longitude, latitude) = (latitude, longitude);
        }
        let (due, closed) = (case.on.plus(7), case.closed(1, 12, 90_000));
        let facts = vec![
            ("incident_no", format!("CG{}{:08}", case.on.year(), case.number)),
            ("kind", kind),
            ("subkind", subkind),
            ("source", source),
            ("summary", format!("{summary}，\n请尽快处理。")),
            ("address", world.county.road(&world.material.places, dwelling)),
            ("longitude", longitude),
            ("latitude", latitude),
            ("reported_on", case.on.to_string()),
            ("due_on", due.to_string()),
            ("closed_on", closed.map(|day| day.to_string()).unwrap_or_default()),
            ("status", if closed.is_some() { "已结案" } else { "处置中" }.to_owned()),
        ];
        let mut row = case.row(closed).see("incident", Thing::Stated("incident", facts)).see("grid", Thing::Grid(grid));
        if let Some(reporter) = reporter {
            row = row.see("reporter", Thing::Resident(reporter));
        }
        sink(row.see("handler", organization_named(&handler)).spoil(is_swapped.then_some("coord_swap")))?;
    }
    Ok(())
}

/// Everything that stands in the street, by its number.
pub(super) fn components(world: &World, hand: &Hand<'_>, sink: Sink<'_>) -> Result<(), Error> {
    let (words, code) = (&world.material.events, &world.material.places.code);
    for number in 0..hand.count(world) {
        let mut random = hand.random(number);
        let grid = u32::try_from(random.below(world.county.grids.len())).unwrap_or(0);
        let [class, kind, owner] = &words.components[number as usize % words.components.len()];
        let (longitude, latitude) = world.county.place(grid, &mut random);
        let facts = vec![
            ("component_no", format!("{code}{class}{:06}", number as usize / words.components.len() + 1)),
            ("kind", kind.clone()),
            ("status", if random.chance(96_000) { "完好" } else { "破损" }.to_owned()),
            ("since", world.today.plus(-random.between(200, 5000)).to_string()),
            ("longitude", longitude),
            ("latitude", latitude),
        ];
        sink(
            hand.row(number)
                .see("component", Thing::Stated("component", facts))
                .see("grid", Thing::Grid(grid))
                .see("supervisor", organization_named("云溪县城市管理局"))
                .see("owner", organization_named(owner))
                .see("maintainer", organization_named(owner)),
        )?;
    }
    Ok(())
}

/// Shops, street by street; the sign of some shows another name than the licence, and some still give the number of before.
pub(super) fn shop_fronts(world: &World, hand: &Hand<'_>, sink: Sink<'_>) -> Result<(), Error> {
    let share = u32::try_from(u64::from(hand.count(world)) * 100_000 / u64::from(world.shops().max(1))).unwrap_or(0);
    let chosen = (world.companies()..world.enterprises()).filter(|&shop| hand.random(shop).chance(share));
    let mut shops: Vec<(u32, u32)> = chosen.map(|shop| (world.seat_of(shop), shop)).collect();
    shops.sort_unstable();
    for (seat, number) in shops {
        let (mut random, shop) = (hand.random(number), world.enterprise(number));
        let row = hand.row(number);
        let mut instead = vec![("address", String::new())];
        if !random.chance(70_000) {
            instead.extend([("credit_code", String::new()), ("business_no", shop.business_no())]);
        }
        if random.chance(20_000) {
            instead.push(("name", shop.sign(world)));
        }
        let (operator, on) = (shop.representative, row.on);
        let (road, door) = world.county.door(seat);
        let agreement = vec![("date", on.to_string())];
        let row: Statement = row.see_as("shop", Thing::Organization(Box::new(shop)), instead).see("operator", Thing::Resident(operator));
        sink(row.see("agreement", Thing::Stated("registration", agreement)).note("街路", road).note("门牌号", door))?;
    }
    Ok(())
}
