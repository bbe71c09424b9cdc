//! Who lives with whom, and how old they are. Sizes and ages are drawn by the census; nobody has a name here yet.

use super::{Household, Kin, People, Resident};
use crate::{
    calendar::Day,
    material::Material,
    namer::Called,
    random::{Random, Weights},
};

/// A member to be. Kin are places in the household.
#[derive(Clone, Copy)]
struct Member {
    birth: Day,
    death: Day,
    is_male: bool,
    is_absent: bool,
    /// Code of GB/T 4761.
    relation: u8,
    spouse: Option<usize>,
    father: Option<usize>,
    mother: Option<usize>,
    is_twin: bool,
}

impl People {
    /// Households until so many people live in the county.
    pub(super) fn compose(&mut self, count: usize, today: Day, random: &mut Random, material: &Material) {
        let rates = &material.population;
        let sizes = Weights::new(rates.household_sizes.iter().copied());
        let draw = Draw { sizes, ages: &rates.age_groups, twins: rates.twins, today };
        let mut left = count;
        while left > 0 {
            let is_collective = random.chance(rates.collective_households);
            let neighbour = random.below(material.places.neighbours.len());
            let origin = random.chance(rates.floating).then(|| u8::try_from(neighbour).unwrap_or(0));
            let mut members = if is_collective { draw.boarder(random) } else { draw.family(random, left) };
            left -= members.len();
            let has_others = origin.is_none() && !is_collective;
            if has_others && random.chance(rates.absent_member) {
                members.push(draw.absent(random, members[0]));
            }
            if has_others && random.chance(rates.dead_member) {
                draw.bury(random, &mut members);
            }
            self.settle(&members, Household { head: 0, size: 0, home: 0, moved: None, registered: 0, origin, is_collective });
        }
    }

    /// Adds a household of these members.
    fn settle(&mut self, members: &[Member], household: Household) {
        let short = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let (head, number) = (short(self.residents.len()), short(self.households.len()));
        self.residents.extend(members.iter().map(|member| Resident {
            birth: member.birth,
            death: member.death,
            household: number,
            called: Called::NOBODY,
            order: 0,
            ethnicity: 0,
            education: 0,
            marital: 0,
            relation: member.relation,
            spouse: Kin::of(member.spouse),
            father: Kin::of(member.father),
            mother: Kin::of(member.mother),
            phone: Kin::NOBODY,
            is_male: member.is_male,
            is_absent: member.is_absent,
            is_twin: member.is_twin,
        }));
        let size = u8::try_from(members.len()).unwrap_or(u8::MAX);
        self.households.push(Household { head, size, ..household });
    }
}

struct Draw<'a> {
    sizes: Weights,
    ages: &'a [u32],
    twins: u32,
    today: Day,
}

/// Days back to the first death that some register still has: nine years.
const REMEMBERED_DAYS: i32 = 9 * 365;

impl Draw<'_> {
    fn boarder(&self, random: &mut Random) -> Vec<Member> {
        let (age, is_male) = (self.age(random, 18, 45), random.chance(60_000));
        vec![self.member(random, age, is_male, 2)]
    }

    /// A family of at most so many.
    fn family(&self, random: &mut Random, most: usize) -> Vec<Member> {
        let size = (self.sizes.draw(random) + 1).min(most);
        match size {
            1 => {
                let low = if random.chance(50_000) { 20 } else { 58 };
                let (age, is_male) = (self.age(random, low, 99), random.chance(50_000));
                vec![self.member(random, age, is_male, 2)]
            }
            2 if random.chance(82_000) => {
                // Couples are alone before their children come and after they have gone.
                let low = if random.chance(25_000) { 24 } else { 55 };
                let age = self.age(random, low, 90);
                self.couple(random, age)
            }
            2 => self.one_parent(random),
            3 | 4 => self.parents(random, size - 2, 0),
            _ => {
                let old = 1 + random.below(2);
                self.parents(random, size - 2 - old, old)
            }
        }
    }

    fn one_parent(&self, random: &mut Random) -> Vec<Member> {
        let (age, is_male) = (self.age(random, 28, 60), random.chance(35_000));
        let mut members = vec![self.member(random, age, is_male, 2)];
        let child = age - random.between(22, 28);
        self.add_child(random, &mut members, child);
        members
    }

    /// A couple, at most so many children, so many parents of the head.
    fn parents(&self, random: &mut Random, children: usize, old: usize) -> Vec<Member> {
        let age = self.age(random, 25, 45);
        let mut members = self.couple(random, age);
        let younger = members.iter().map(|member| member.birth.years_to(self.today)).min().unwrap_or(age);
        let mut child = younger - random.between(20, 29);
        for number in 0..children {
            if child < 0 {
                break;
            }
            self.add_child(random, &mut members, child);
            if number == 1 && random.chance(self.twins) {
                members[3].birth = members[2].birth;
                (members[2].is_twin, members[3].is_twin) = (true, true);
            }
            child -= random.between(2, 5);
        }
        self.add_parents(random, &mut members, age, old);
        members
    }

    /// An age of the pyramid, within bounds.
    fn age(&self, random: &mut Random, low: i32, high: i32) -> i32 {
        let within = |age: i32| self.ages[usize::try_from(age / 5).unwrap_or(0).min(self.ages.len() - 1)];
        low + i32::try_from(Weights::new((low..=high).map(within)).draw(random)).unwrap_or(0)
    }

    fn couple(&self, random: &mut Random, age: i32) -> Vec<Member> {
        let (is_male, younger) = (random.chance(80_000), random.between(-1, 4));
        let other = (if is_male { age - younger } else { age + younger }).clamp(21, 99);
        let relation = if is_male { 12 } else { 11 };
        let mut members = vec![self.member(random, age, is_male, 2), self.member(random, other, !is_male, relation)];
        (members[0].spouse, members[1].spouse) = (Some(1), Some(0));
        members
    }

    /// A child of the head and of the head's spouse, if there is one.
    fn add_child(&self, random: &mut Random, members: &mut Vec<Member>, age: i32) {
        let is_male = random.chance(53_000);
        let parents = 0..members[0].spouse.map_or(1, |_| 2);
        let parent = |male: bool| parents.clone().find(|&place| members[place].is_male == male);
        let kin =
            Member { father: parent(true), mother: parent(false), ..self.member(random, age, is_male, if is_male { 20 } else { 30 }) };
        members.push(kin);
    }

    /// The head's mother, and the father where there are two.
    fn add_parents(&self, random: &mut Random, members: &mut Vec<Member>, age: i32, count: usize) {
        let mother = members.len();
        for number in 0..count {
            let is_male = number == 1;
            let age = (age + random.between(21, 30)).min(99);
            members.push(self.member(random, age, is_male, if is_male { 51 } else { 52 }));
        }
        members[0].mother = (count > 0).then_some(mother);
        if count == 2 {
            members[0].father = Some(mother + 1);
            (members[mother].spouse, members[mother + 1].spouse) = (Some(mother + 1), Some(mother));
        }
    }

    /// A grown-up child who has gone, or a brother or sister of a head too young for one.
    fn absent(&self, random: &mut Random, head: Member) -> Member {
        let (age, is_male) = (head.birth.years_to(self.today), random.chance(55_000));
        if age < 42 {
            let age = (age + random.between(-5, 5)).max(18);
            return Member { is_absent: true, ..self.member(random, age, is_male, 70) };
        }
        let (father, mother) = if head.is_male { (Some(0), None) } else { (None, Some(0)) };
        let age = random.between(18, (age - 22).min(40));
        Member { father, mother, is_absent: true, ..self.member(random, age, is_male, if is_male { 20 } else { 30 }) }
    }

    /// A parent of the head who has died, unless both are there; of an old head without one, the spouse.
    fn bury(&self, random: &mut Random, members: &mut Vec<Member>) {
        let place = members.len();
        let head = members[0];
        let death = self.today.plus(-random.between(1, REMEMBERED_DAYS));
        let age = head.birth.years_to(self.today);
        if age >= 58 && head.spouse.is_none() {
            let age = (age + random.between(-4, 6)).min(99);
            let dead = self.member(random, age, !head.is_male, if head.is_male { 12 } else { 11 });
            members.push(Member { death, spouse: Some(0), ..dead });
            members[0].spouse = Some(place);
            return;
        }
        let is_male = head.father.is_none() && (head.mother.is_some() || random.chance(60_000));
        if age > 75 || !is_male && head.mother.is_some() {
            return;
        }
        let age = age + random.between(22, 32);
        let dead = self.member(random, age, is_male, if is_male { 51 } else { 52 });
        members.push(Member { death, ..dead });
        if is_male { members[0].father = Some(place) } else { members[0].mother = Some(place) }
    }

    fn member(&self, random: &mut Random, age: i32, is_male: bool, relation: u8) -> Member {
        let (year, month, day) = self.today.civil();
        let birth = Day::new(year - age, month, day.min(28)).plus(-random.between(0, 364));
        Member { birth, death: Day::NEVER, is_male, is_absent: false, relation, spouse: None, father: None, mother: None, is_twin: false }
    }
}
