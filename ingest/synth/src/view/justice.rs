//! What the justice bureau sees: disputes that are mediated, legal aid, community correction.

use super::{Hand, Sink};
use crate::{
    error::Error,
    numbers,
    say::Thing,
    world::{World, organization_named},
};

/// Mediated disputes: of one or two against a neighbour or a company, whose numbers half of the files do not have.
pub(super) fn disputes(world: &World, hand: &Hand<'_>, sink: Sink<'_>) -> Result<(), Error> {
    let words = &world.material.events;
    for mut case in hand.occasions(world) {
        let kind = case.random.pick(&words.disputes).clone();
        let result = case.random.pick(&words.dispute_results).clone();
        let applicant = world.grown(&mut case.random);
        let address = world.live_address(applicant, case.on);
        let (number, year) = (case.number, case.on.year());
        let is_settled = result == "调解成功";
        let facts = vec![
            ("dispute_no", format!("云调字〔{year}〕{number:05}号")),
            ("kind", kind),
            ("accepted_on", case.on.to_string()),
            ("address", address),
            ("amount", format!("{}.{}", case.random.between(0, 30), case.random.between(0, 9))),
            ("result", result),
            ("agreement_no", if is_settled { format!("云调协〔{year}〕{number:05}号") } else { String::new() }),
            ("performance", if is_settled { case.random.pick(&words.performances).clone() } else { String::new() }),
        ];
        let committee = &world.county.communities[world.community_of(world.people.household_of(applicant).home) as usize].name;
        let mediator = world.local(&mut case.random);
        let mut row = case.row(None).see("dispute", Thing::Stated("dispute", facts)).see("applicant", Thing::Resident(applicant));
        if let Some(other) = world.people.spouse(applicant).filter(|_| case.random.chance(10_000)) {
            row = row.see("applicant", Thing::Resident(other));
        }
        row = if case.random.chance(20_000) {
            row.see("respondent_organization", Thing::Organization(Box::new(world.any_company(&mut case.random))))
        } else {
            let known = if case.random.chance(50_000) { Vec::new() } else { vec![("id_no", String::new())] };
            row.see_as("respondent", Thing::Resident(world.grown(&mut case.random)), known)
        };
        sink(row.see("committee", organization_named(&format!("{committee}人民调解委员会"))).note("调解员", world.name(mediator)))?;
    }
    Ok(())
}

/// Cases of legal aid.
pub(super) fn legal_aid(world: &World, hand: &Hand<'_>, sink: Sink<'_>) -> Result<(), Error> {
    let (words, code) = (&world.material.events, &world.material.places.code);
    for mut case in hand.occasions(world) {
        let firm = case.random.below(words.law_firms.len());
        let closed = case.closed(30, 200, 80_000);
        let facts = vec![
            ("aid_no", format!("云援〔{}〕{:05}号", case.on.year(), case.number)),
            ("cause", case.random.pick(&words.legal_aid_causes).clone()),
            ("accepted_on", case.on.to_string()),
            ("closed_on", closed.map(|day| day.to_string()).unwrap_or_default()),
        ];
        let of_firm = vec![("name", words.law_firms[firm].clone()), ("credit_code", numbers::credit_code("31", code, 80_000_000 + firm))];
        let (applicant, lawyer) = (world.grown(&mut case.random), world.local(&mut world.random("lawyer", case.number % 12)));
        let group = case.random.pick(&words.legal_aid_groups).clone();
        sink(
            case.row(closed)
                .see("applicant", Thing::Resident(applicant))
                .see("case", Thing::Stated("legal_aid", facts))
                .see("lawyer", Thing::Resident(lawyer))
                .see("firm", Thing::Stated("organization", of_firm))
                .note("人员类别", group),
        )?;
    }
    Ok(())
}

/// Those who serve a sentence in the community.
pub(super) fn corrections(world: &World, hand: &Hand<'_>, sink: Sink<'_>) -> Result<(), Error> {
    for mut case in hand.occasions(world) {
        let until = case.on.plus(case.random.between(180, 1500));
        let facts = vec![
            ("kind", (*case.random.pick(&["02", "02", "02", "03", "01", "04"])).to_owned()),
            ("since", case.on.to_string()),
            ("until", until.to_string()),
        ];
        let person = world.grown(&mut case.random);
        let office = format!("{}司法所", world.township_of(world.people.household_of(person).home));
        let row = case.row(None).see("person", Thing::Resident(person)).see("correction", Thing::Stated("correction", facts));
        sink(row.see("office", organization_named(&office)))?;
    }
    Ok(())
}
