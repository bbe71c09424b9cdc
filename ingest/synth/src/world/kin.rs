//! Who answers for whom, and whom to take when somebody of the county is needed.

use super::World;
use crate::{calendar::Day, random::Random};

impl World {
    /// Who would lend a number: a parent to a child, then the spouse, then the head of the household.
    pub(crate) fn relative(&self, number: u32) -> Option<u32> {
        let people = &self.people;
        let head = people.household_of(number).head;
        let living = |kin: &u32| !self.resident(*kin).is_dead();
        let kin = [people.father(number), people.mother(number), people.spouse(number), (head != number).then_some(head)];
        kin.into_iter().flatten().find(living)
    }

    /// Who answers for a child: father and mother, else the grown-ups of the household.
    pub(crate) fn guardians(&self, child: u32, on: Day) -> [Option<u32>; 2] {
        let members = self.people.household_of(child).members();
        let mut grown = members.filter(|&other| other != child && self.resident(other).is_here(on) && self.resident(other).age(on) >= 18);
        match (self.people.father(child), self.people.mother(child)) {
            (None, None) => [grown.next(), grown.next()],
            (father, mother) => [father.or(mother), mother.filter(|_| father.is_some())],
        }
    }

    /// A grown-up who is registered in the county and lives there.
    pub(crate) fn local(&self, random: &mut Random) -> u32 {
        let households = &self.people.households;
        let start = random.below(households.len());
        let all = households[start..].iter().chain(&households[..start]);
        let mut local = all.filter(|household| !household.is_floating() && !household.is_collective);
        local.next().map_or(0, |household| household.head)
    }

    /// A grown-up who lives in the county.
    pub(crate) fn grown(&self, random: &mut Random) -> u32 {
        /// Four of five are grown up.
        const TRIES: usize = 64;
        let residents = &self.people.residents;
        let drawn = (0..TRIES).map(|_| random.below(residents.len()));
        let grown = drawn.into_iter().find(|&at| residents[at].is_here(self.today) && residents[at].age(self.today) >= 20);
        grown.and_then(|at| u32::try_from(at).ok()).unwrap_or_else(|| self.local(random))
    }
}
