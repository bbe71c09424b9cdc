//! What the education bureau sees: pupils with those who answer for them, and schools.

use super::{Hand, Sink, Statement};
use crate::{error::Error, say::Thing, world::World};

/// Every pupil, with up to two guardians side by side. A temporary pupil has no citizen id, and a number that contains none.
pub(super) fn pupils(world: &World, hand: &mut Hand<'_>, sink: Sink<'_>) -> Result<(), Error> {
    for (number, pupil) in (0..).zip(&world.pupils) {
        let temporary = || vec![("id_no", String::new()), ("student_no", format!("L{}{number:012}", world.material.places.code))];
        let instead = if pupil.is_temporary { temporary() } else { Vec::new() };
        let mut statement = Statement::new(hand.day())
            .see_as("student", Thing::Resident(pupil.resident), instead)
            .see("school", Thing::School(pupil.school))
            .see("enrolment", Thing::Enrolment(number));
        for (guardian, role) in world.guardians(pupil.resident).into_iter().zip(["guardian1", "guardian2"]) {
            let Some(guardian) = guardian else { continue };
            statement = statement.see(role, Thing::Resident(guardian)).qualify("guardian", role, kinship(world, pupil.resident, guardian));
        }
        sink(statement)?;
    }
    Ok(())
}

/// What the guardian is to the pupil, in GB/T 4761.
fn kinship(world: &World, pupil: u32, guardian: u32) -> &'static str {
    let pupil = world.resident(pupil);
    match Some(guardian) {
        father if father == pupil.father => "51",
        mother if mother == pupil.mother => "52",
        _ => "80",
    }
}

/// Every school and its head.
pub(super) fn schools(world: &World, hand: &mut Hand<'_>, sink: Sink<'_>) -> Result<(), Error> {
    for (number, school) in (0..).zip(&world.schools) {
        sink(Statement::new(hand.day()).see("school", Thing::School(number)).see("head", Thing::Resident(school.head)))?;
    }
    Ok(())
}
