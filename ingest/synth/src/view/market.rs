//! What market regulation sees: market entities, who holds and runs them, food licences, complaints.

use super::{Hand, Sink, Statement};
use crate::{
    error::Error,
    say::Thing,
    world::{Organization, Sort, World},
};

/// Every market entity; old ones have only a business number, and whoever represents it is shown in part.
pub(super) fn entities(world: &World, hand: &Hand<'_>, sink: Sink<'_>) -> Result<(), Error> {
    for number in 0..world.enterprises() {
        let (mut random, enterprise) = (hand.random(number), world.enterprise(number));
        if enterprise.established > hand.today() {
            continue;
        }
        let is_old = random.chance(7_000);
        let ended = random.chance(9_000);
        let open = random.chance(70_000);
        let until = enterprise.established.plus(365 * random.between(5, 30)).to_string();
        let instead = vec![
            ("credit_code", if is_old { String::new() } else { enterprise.credit_code.clone() }),
            ("business_no", if is_old || random.chance(30_000) { enterprise.business_no() } else { String::new() }),
            ("capital", if enterprise.sort == Sort::Shop { random.between(1, 20) } else { random.between(1, 50) * 100 }.to_string()),
            ("valid_from", enterprise.established.to_string()),
            ("valid_to", if open { String::new() } else { until }),
            ("industry", enterprise.industry.clone()),
            ("business_scope", enterprise.scope.clone()),
            ("status", if ended { *random.pick(&["吊销", "注销"]) } else { "存续" }.to_owned()),
        ];
        let (representative, seat) = (enterprise.representative, enterprise.seat);
        let row = hand
            .row(number)
            .not_before(enterprise.established)
            .see_as("organization", Thing::Organization(Box::new(enterprise)), instead)
            .see_as("representative", Thing::Resident(representative), masked(world, representative))
            .see("premises", Thing::Dwelling(seat));
        sink(if open { row.note("OPTO", "长期".to_owned()) } else { row })?;
    }
    Ok(())
}

/// The number with its birth date covered, and none that is whole.
fn masked(world: &World, person: u32) -> Vec<(&'static str, String)> {
    let id = world.id(person);
    vec![("id_no", String::new()), ("id_no_masked", format!("{}********{}", &id[..6], &id[14..]))]
}

/// Who holds and runs each: of a shop its owner, of a company some four, of whom one in twenty is a company.
pub(super) fn officers(world: &World, hand: &Hand<'_>, sink: Sink<'_>) -> Result<(), Error> {
    for number in 0..world.enterprises() {
        let enterprise = world.enterprise(number);
        if enterprise.established > hand.today() {
            continue;
        }
        let others = if enterprise.sort == Sort::Shop { 0 } else { 3 };
        for place in 0..=others {
            let key = u64::from(number) * 8 + place;
            sink(officer(world, hand, &enterprise, place, key))?;
        }
    }
    Ok(())
}

fn officer(world: &World, hand: &Hand<'_>, enterprise: &Organization, place: u64, key: u64) -> Statement {
    let mut random = hand.random(key);
    let words = &world.material.events;
    let position = match (enterprise.sort, place) {
        (Sort::Shop, _) => "经营者".to_owned(),
        (_, 0) => "法定代表人".to_owned(),
        _ => random.pick(&words.positions).clone(),
    };
    let capital = if position == "股东" || place == 0 { random.between(1, 500).to_string() } else { String::new() };
    let of = vec![("credit_code", enterprise.credit_code.clone())];
    let row = hand.row(key).not_before(enterprise.established).see("organization", Thing::Stated("organization", of));
    let row = if place > 0 && random.chance(5_000) {
        let shareholder = world.any_company(&mut random);
        row.see("shareholder", Thing::Organization(Box::new(shareholder))).note("CERTYPE", "营业执照".to_owned())
    } else {
        let person = if place == 0 { enterprise.representative } else { world.grown(&mut random) };
        let hidden = if random.chance(60_000) { masked(world, person) } else { vec![("id_no_masked", String::new())] };
        row.see_as("person", Thing::Resident(person), hidden).note("CERTYPE", "居民身份证".to_owned())
    };
    row.note("POSITION", position).note("SUBCONAM", capital)
}

/// Food licences of one shop in five; some owners enter their citizen id as the shop's code.
pub(super) fn food_licences(world: &World, hand: &Hand<'_>, sink: Sink<'_>) -> Result<(), Error> {
    let words = &world.material.events;
    let share = u32::try_from(u64::from(hand.count(world)) * 100_000 / u64::from(world.shops().max(1))).unwrap_or(0);
    for number in world.companies()..world.enterprises() {
        let mut random = hand.random(number);
        if !random.chance(share) {
            continue;
        }
        let shop = world.enterprise(number);
        let issued = shop.established.max(world.today.plus(-random.between(20, 1800))).plus(10);
        if issued > hand.today() {
            continue;
        }
        let facts = vec![
            ("licence_no", format!("JY{}{:08}", world.material.places.code, number)),
            ("item", random.pick(&words.food_kinds).clone()),
            ("issued_on", issued.to_string()),
            ("valid_to", issued.plus(5 * 365).to_string()),
        ];
        let is_own = random.chance(7_000);
        let (of_shop, of_owner) =
            if is_own { (vec![("credit_code", String::new())], Vec::new()) } else { (Vec::new(), vec![("id_no", String::new())]) };
        let (owner, seat) = (shop.representative, shop.seat);
        sink(
            Statement::new(u64::from(number), issued)
                .see("licence", Thing::Stated("licence", facts))
                .see_as("operator", Thing::Organization(Box::new(shop)), of_shop)
                .see_as("representative", Thing::Resident(owner), of_owner)
                .see("premises", Thing::Dwelling(seat)),
        )?;
    }
    Ok(())
}

/// Complaints of customers, and some reports, which are to stay out.
pub(super) fn complaints(world: &World, hand: &Hand<'_>, sink: Sink<'_>) -> Result<(), Error> {
    let words = &world.material.events;
    for mut complaint in hand.occasions(world) {
        let enterprise = world.enterprise(complaint.any(world.enterprises() as usize));
        let closed = complaint.closed(2, 50, 94_000);
        let result = complaint.random.pick(&words.complaint_results).clone();
        let facts = vec![
            ("complaint_no", format!("TS{}{:08}", complaint.on.year(), complaint.number)),
            ("summary", complaint.random.pick(&words.complaints).clone()),
            ("registered_on", complaint.on.to_string()),
            ("closed_on", closed.map(|day| day.to_string()).unwrap_or_default()),
            ("result", closed.map(|_| result).unwrap_or_default()),
        ];
        let complainant = world.grown(&mut complaint.random);
        let unknown = if complaint.random.chance(25_000) { vec![("credit_code", String::new())] } else { Vec::new() };
        let row = complaint.row(closed).see("complainant", Thing::Resident(complainant));
        let row = row.see_as("respondent", Thing::Organization(Box::new(enterprise)), unknown);
        sink(row.see("complaint", Thing::Stated("complaint", facts)))?;
    }
    Ok(())
}
