//! What everyone is called and numbered: names that run in families, ids, phones that are shared, schooling and marital status.

use super::{Kin, People};
use crate::{
    calendar::Day,
    material::{Material, Population},
    namer::{Called, Namer},
    numbers::CitizenIds,
    random::{Random, Weights},
};

impl People {
    pub(super) fn identify(&mut self, today: Day, random: &mut Random, material: &Material, namer: &Namer) {
        let mut ids = CitizenIds::default();
        let rates = &material.population;
        let others: u32 = rates.ethnicities.iter().map(|(_, share)| share).sum();
        let ethnicities = Weights::new(std::iter::once(100_000 - others).chain(rates.ethnicities.iter().map(|(_, share)| *share)));
        for at in 0..self.households.len() {
            let household = self.households[at];
            let division = household.origin.map_or(&material.places.code, |origin| &material.places.neighbours[usize::from(origin)].0);
            let family = ethnicities.draw(random);
            let is_dotted = family > 0 && namer.is_dotted(&rates.ethnicities[family - 1].0);
            // Parents come after their children in a household, and a child is called after its father: the oldest first.
            let mut members: Vec<u32> = household.members().collect();
            members.sort_by_key(|&member| self.residents[member as usize].birth);
            for (place, &member) in members.iter().enumerate() {
                let called = self.call(&members[..place], member, is_dotted, random, namer, rates);
                let marital = self.marital(random, member, today, rates);
                let resident = &mut self.residents[member as usize];
                resident.called = called;
                resident.ethnicity = u8::try_from(family).unwrap_or(0);
                resident.order = ids.next(division, resident.birth, resident.is_male);
                resident.education = education(random, resident.age(today));
                resident.marital = marital;
            }
            for &member in &members {
                self.residents[member as usize].phone = self.answers(member, today, random, rates);
            }
        }
    }

    /// The name of a member of a household whose older members have theirs.
    fn call(&self, named: &[u32], member: u32, is_dotted: bool, random: &mut Random, namer: &Namer, rates: &Population) -> Called {
        let resident = &self.residents[member as usize];
        let (is_male, year) = (resident.is_male, resident.birth.year());
        let surname = self.surname(named, member, random, namer, rates);
        let before = named.last().map(|&before| &self.residents[before as usize]);
        let twin = before.filter(|before| resident.is_twin && before.is_twin).map(|before| before.called);
        let shared = twin.and_then(Called::first);
        let mut called = namer.name(random, surname, is_male, year, shared);
        if random.chance(rates.has_rare_character) {
            called = namer.with_rare(random, called);
        }
        if is_dotted {
            called = namer.dotted(random, is_male);
        }
        // Twins share a first character, so that the second has to tell them apart.
        while twin == Some(called) {
            called = if is_dotted { namer.dotted(random, is_male) } else { namer.name(random, surname, is_male, year, shared) };
        }
        called
    }

    /// The father's, sometimes the mother's; of the first of a family, any.
    fn surname(&self, named: &[u32], member: u32, random: &mut Random, namer: &Namer, rates: &Population) -> u16 {
        let (father, mother) = (self.father(member), self.mother(member));
        let parents = if random.chance(rates.takes_mothers_surname) { [mother, father] } else { [father, mother] };
        let of_parent = parents.into_iter().flatten().filter(|parent| named.contains(parent));
        let of_parent = of_parent.filter_map(|parent| self.residents[parent as usize].called.surname()).next();
        of_parent.unwrap_or_else(|| namer.surname(random))
    }

    /// Whose phone it is: one's own, or that of whoever answers: a parent for a child, the other for some couples, a child for the old.
    fn answers(&self, member: u32, today: Day, random: &mut Random, rates: &Population) -> Kin {
        let resident = &self.residents[member as usize];
        let living = |kin: Kin| self.kin(member, kin).is_some_and(|kin| !self.residents[kin as usize].is_dead());
        let whose = match resident.age(today) {
            _ if resident.is_dead() || resident.is_absent => Kin::NOBODY,
            ..14 if random.chance(50_000) => {
                if resident.mother == Kin::NOBODY {
                    resident.father
                } else {
                    resident.mother
                }
            }
            ..14 => {
                if resident.father == Kin::NOBODY {
                    resident.mother
                } else {
                    resident.father
                }
            }
            60.. if random.chance(rates.old_phone) => Kin(0),
            _ if !resident.is_male && random.chance(rates.spouse_phone) => resident.spouse,
            _ => Kin::NOBODY,
        };
        if living(whose) { whose } else { Kin::NOBODY }
    }

    /// Code of GB/T 2261.2.
    fn marital(&self, random: &mut Random, member: u32, today: Day, rates: &Population) -> u8 {
        let resident = &self.residents[member as usize];
        let spouse = self.spouse(member).map(|spouse| self.residents[spouse as usize]);
        match resident.age(today) {
            _ if spouse.is_some_and(|spouse| spouse.is_dead()) && !resident.is_dead() => 30,
            _ if spouse.is_some() => [20, 21, 22][Weights::new([80, 15, 5]).draw(random)],
            60.. if random.chance(rates.widowed) => 30,
            30.. if random.chance(rates.divorced) => 40,
            _ => 10,
        }
    }
}

/// The level that people of that age have reached; a code of 2006 that the edition of 1984 can say too.
fn education(random: &mut Random, age: i32) -> u8 {
    let of_grown_up = [10, 21, 31, 41, 61, 71, 81, 90];
    let weights: [u32; 8] = match age {
        ..6 => return 0,
        6..12 => return 80,
        12..15 => return 70,
        15..18 => return 60,
        18..35 => [3, 20, 18, 12, 12, 30, 5, 0],
        35..60 => [1, 8, 9, 9, 12, 45, 15, 1],
        _ => [0, 1, 2, 4, 8, 35, 42, 8],
    };
    of_grown_up[Weights::new(weights).draw(random)]
}
