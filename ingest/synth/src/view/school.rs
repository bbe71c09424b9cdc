//! What the education bureau sees: pupils with those who answer for them, and schools.

use super::{Hand, Sink, Statement};
use crate::{calendar::Day, error::Error, random::mix, say::Thing, world::World};

/// Every pupil, with up to two guardians side by side. A temporary pupil has no citizen id, and a number that contains none.
pub(super) fn pupils(world: &World, hand: &Hand<'_>, sink: Sink<'_>) -> Result<(), Error> {
    for number in 0..u32::try_from(world.people.residents.len()).unwrap_or(0) {
        let row = hand.row(number);
        let (on, Some(school)) = (row.on, world.school_of(number, row.on)) else { continue };
        let is_temporary = hand.random(number).chance(1500);
        let temporary = || vec![("id_no", String::new()), ("student_no", format!("L{}{number:012}", world.material.places.code))];
        let instead = if is_temporary { temporary() } else { Vec::new() };
        let mut statement = row
            .see_as("student", Thing::Resident(number), instead)
            .see("school", Thing::School(school))
            .see("enrolment", enrolment(world, number, school, on));
        for (guardian, role) in world.guardians(number, on).into_iter().zip(["guardian1", "guardian2"]) {
            let Some(guardian) = guardian else { continue };
            statement = statement.see(role, Thing::Resident(guardian)).qualify("guardian", role, kinship(world, number, guardian));
        }
        sink(statement)?;
    }
    Ok(())
}

fn enrolment(world: &World, pupil: u32, school: u32, on: Day) -> Thing {
    let (youngest, oldest) = world.schools[school as usize].ages;
    // Whoever starts at seven is a year older in the last class.
    let grade = (world.resident(pupil).age(on) - youngest).min(if oldest > 15 { 2 } else { 5 });
    let names = ["一", "二", "三", "四", "五", "六"];
    let (year, month, _) = on.civil();
    Thing::Stated(
        "enrolment",
        vec![
            ("grade", format!("{}年级", names[usize::try_from(grade).unwrap_or(0) % names.len()])),
            ("class", format!("{}班", mix(u64::from(pupil)) % 8 + 1)),
            ("date", format!("{}-09", if month < 9 { year - 1 - grade } else { year - grade })),
        ],
    )
}

/// What the guardian is to the child, in GB/T 4761.
pub(super) fn kinship(world: &World, child: u32, guardian: u32) -> &'static str {
    match Some(guardian) {
        father if father == world.people.father(child) => "51",
        mother if mother == world.people.mother(child) => "52",
        _ => "80",
    }
}

/// Applications of newcomers' children for primary and junior school, some of them twice: the first guardian's permit stands beside the
/// child's number.
pub(super) fn applications(world: &World, hand: &Hand<'_>, sink: Sink<'_>) -> Result<(), Error> {
    for child in world.residents().filter(|&child| world.people.household_of(child).is_floating()) {
        let mut random = hand.random(child);
        let birth = world.resident(child).birth;
        for (place, age) in (0..).zip([6, 12, 7]) {
            let year = birth.plus(age * 365 + 200).year();
            let on = Day::new(year, 5, 10).plus(random.between(0, 40));
            let (applies, owns) = (random.chance([97_000, 97_000, 50_000][place]), random.chance(15_000));
            if !applies || on > hand.today() || world.resident(child).age(hand.today()) > 18 || !world.resident(child).is_here(on) {
                continue;
            }
            let home = world.people.household_of(child).home_on(on);
            let certificate = if owns { format!("云（{year}）云溪县不动产权第{home:07}号") } else { String::new() };
            let mut row = Statement::new(u64::from(child) * 4 + place as u64, on)
                .see("student", Thing::Resident(child))
                .see_as("dwelling", Thing::Dwelling(home), vec![("realty_cert_no", certificate)])
                .see("application", Thing::Stated("school_application", vec![("applied_on", on.to_string())]));
            for guardian in world.guardians(child, on).into_iter().flatten() {
                row = row.see("guardian", Thing::Resident(guardian));
            }
            sink(row)?;
        }
    }
    Ok(())
}

/// Every school and its head.
pub(super) fn schools(world: &World, hand: &Hand<'_>, sink: Sink<'_>) -> Result<(), Error> {
    for (number, school) in (0..).zip(&world.schools) {
        sink(hand.row(number).see("school", Thing::School(number)).see("head", Thing::Resident(school.head)))?;
    }
    Ok(())
}
