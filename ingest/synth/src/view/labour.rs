//! What the labour bureau sees: insurance, employment, disputes at work.

use super::{Hand, Sink, Statement};
use crate::{calendar::Day, error::Error, random::Random, say::Thing, world::World};

/// Insurances of somebody employed, and of everyone else.
const OF_EMPLOYEES: [&str; 5] = ["110", "210", "310", "410", "510"];
const OF_RESIDENTS: [&str; 2] = ["390", "170"];

/// A line for each person, unit and insurance.
pub(super) fn insured(world: &World, hand: &Hand<'_>, sink: Sink<'_>) -> Result<(), Error> {
    for person in world.residents() {
        let mut random = hand.random(person);
        if !world.resident(person).is_here(hand.today()) {
            continue;
        }
        let company = world.employer(person, hand.today()).filter(|_| random.chance(62_000));
        let kinds = if company.is_some() { &OF_EMPLOYEES[..] } else { &OF_RESIDENTS[..] };
        let since = insured_since(world, person, &mut random);
        let base = random.between(38, 160) * 100;
        for (at, kind) in (0..).zip(kinds) {
            let is_grown = world.resident(person).age(hand.today()) >= 16;
            let (pays, ended) = (random.chance(94_000), random.chance(4_000));
            let until = since.plus(random.between(90, 2000));
            let ended = (ended && until <= hand.today()).then_some(until);
            if since > hand.today() || (*kind == "170" && !is_grown) || !pays {
                continue;
            }
            let row = hand.row(u64::from(person) * 8 + at).not_before(since);
            let facts = vec![
                ("insurance_type", (*kind).to_owned()),
                ("status", if ended.is_some() { "2" } else { "1" }.to_owned()),
                ("until", ended.map(|day| day.to_string()[..7].to_owned()).unwrap_or_default()),
                ("since", since.to_string()[..7].to_owned()),
                ("contribution_base", if company.is_some() { base.to_string() } else { String::new() }),
            ];
            let number = vec![("insurance_no", format!("99{:010}", u64::from(person) + 1))];
            let row = row.see_as("person", Thing::Resident(person), number).see("insurance", Thing::Stated("insurance", facts));
            sink(row.see("unit", unit(world, person, company)))?;
        }
    }
    Ok(())
}

fn insured_since(world: &World, person: u32, random: &mut Random) -> Day {
    let born = world.resident(person).birth;
    born.max(world.today.plus(-random.between(40, 15 * 365))).plus(30)
}

/// The company; of residents, their community.
fn unit(world: &World, person: u32, company: Option<u32>) -> Thing {
    if let Some(company) = company {
        return Thing::Organization(Box::new(world.enterprise(company)));
    }
    let community = world.community_of(world.people.household_of(person).home);
    let name = format!("{}居民委员会", world.county.communities[community as usize].name);
    Thing::Stated("organization", vec![("name", name), ("insurance_unit_no", format!("C{community:011}"))])
}

/// Contracts of employment, with the one before for some; a tenth of the units by their old code.
pub(super) fn employments(world: &World, hand: &Hand<'_>, sink: Sink<'_>) -> Result<(), Error> {
    for person in world.residents() {
        let Some(company) = world.employer(person, hand.today()).filter(|_| world.resident(person).is_here(hand.today())) else { continue };
        let mut random = hand.random(person);
        let of_age = world.resident(person).birth.plus(16 * 366);
        let since = of_age.max(world.today.plus(-random.between(10, 3000)));
        if since.plus(30) > hand.today() {
            continue;
        }
        let before = u32::try_from(random.below(world.companies() as usize)).unwrap_or(0);
        let earlier = since.plus(-random.between(100, 1500));
        if random.chance(26_000) && earlier > of_age {
            sink(employment(world, hand, person, before, [earlier, since.plus(-1)], u64::from(person) * 2 + 1))?;
        }
        let until = since.plus(365 * random.between(1, 5));
        sink(employment(world, hand, person, company, [since, until], u64::from(person) * 2))?;
    }
    Ok(())
}

fn employment(world: &World, hand: &Hand<'_>, person: u32, company: u32, period: [Day; 2], key: u64) -> Statement {
    let (mut random, company) = (hand.random(key.wrapping_add(1 << 40)), world.enterprise(company));
    let [since, until] = period;
    let registered = since.plus(random.between(0, 30));
    let code = if random.chance(10_000) {
        vec![("organization_code", company.credit_code[8..17].to_owned()), ("credit_code", String::new())]
    } else {
        vec![]
    };
    let is_rural = random.chance(45_000);
    let own = vec![("hukou_type", if is_rural { "农业户口" } else { "非农业户口" }.to_owned()), ("employer", company.name.clone())];
    let facts = vec![("registered_on", registered.to_string()), ("since", since.to_string()), ("until", until.to_string())];
    Statement::new(key, registered)
        .see_as("person", Thing::Resident(person), own)
        .see_as("employer", Thing::Organization(Box::new(company)), code)
        .see("employment", Thing::Stated("employment", facts))
}

/// Arbitrations: of one, of some, of one for fifteen; now and then the unit applies.
pub(super) fn arbitrations(world: &World, hand: &Hand<'_>, sink: Sink<'_>) -> Result<(), Error> {
    let words = &world.material.events;
    for mut case in hand.occasions(world) {
        let (applicant, company) = (world.grown(&mut case.random), world.any_company(&mut case.random));
        let closed = case.closed(20, 60, 95_000);
        let result = case.random.pick(&words.labour_results).clone();
        let facts = vec![
            ("case_no", format!("云劳人仲案〔{}〕{:05}号", case.on.year(), case.number)),
            ("kind", case.random.pick(&words.labour_kinds).clone()),
            ("amount", (case.random.between(2, 300) * 500).to_string()),
            ("filed_on", case.on.to_string()),
            ("result", closed.map(|_| result).unwrap_or_default()),
            ("closed_on", closed.map(|day| day.to_string()).unwrap_or_default()),
        ];
        let (drawn, group) = (case.random.below(100), case.random.between(3, 30));
        let other = world.grown(&mut case.random);
        let mut row = case.row(closed).see("arbitration", Thing::Stated("arbitration", facts));
        row = match drawn {
            0..3 => {
                let unit = world.any_company(&mut case.random);
                row.see("applicant_unit", Thing::Organization(Box::new(unit)))
            }
            3..8 => {
                let all = vec![("name", format!("{}等{group}人", world.name(applicant)))];
                row.see_as("applicant", Thing::Resident(applicant), all)
            }
            8..18 => row.see("applicant", Thing::Resident(applicant)).see("applicant", Thing::Resident(other)),
            _ => row.see("applicant", Thing::Resident(applicant)),
        };
        sink(row.see("respondent", Thing::Organization(Box::new(company))))?;
    }
    Ok(())
}
