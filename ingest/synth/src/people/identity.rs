//! What everyone is called and numbered: names that run in families, ids, phones that are shared, schooling and marital status.

use super::{People, Resident};
use crate::{
    calendar::TODAY,
    material::{Material, Namer, Population},
    numbers::{self, CitizenIds},
    random::{Random, Weights},
};

impl Resident {
    /// Someone of whom nothing is known yet.
    pub(super) fn unnamed() -> Resident {
        Resident {
            id: "".into(),
            name: "".into(),
            former_name: None,
            is_male: true,
            birth: TODAY,
            ethnicity: "01".into(),
            education: "",
            marital: "",
            relation: "",
            phone: "".into(),
            household: 0,
            spouse: None,
            father: None,
            mother: None,
            is_absent: false,
            is_twin: false,
        }
    }
}

impl People {
    pub(super) fn identify(&mut self, random: &mut Random, material: &Material) {
        let namer = Namer::new(&material.people);
        let mut ids = CitizenIds::default();
        let ethnicities = Ethnicities::new(&material.population);
        for at in 0..self.households.len() {
            let household = self.households[at];
            let division = household.origin.map_or(&material.places.code, |origin| &material.places.neighbours[usize::from(origin)].0);
            let family = ethnicities.draw(random);
            // Parents come after their children in a household, and a child is called after its father: the oldest first.
            let mut members: Vec<u32> = household.members().collect();
            members.sort_by_key(|&member| self.residents[member as usize].birth);
            for &member in &members {
                self.name(member, &family, random, &namer, &material.population);
                let resident = &mut self.residents[member as usize];
                resident.id = ids.next(division, resident.birth, resident.is_male).into();
                resident.education = education(random, resident.age());
                resident.marital = marital(random, resident, &material.population);
            }
            for &member in &members {
                self.residents[member as usize].phone = self.phone(member, random, &material.population).into();
            }
        }
    }

    fn name(&mut self, member: u32, ethnicity: &str, random: &mut Random, namer: &Namer<'_>, rates: &Population) {
        let resident = &self.residents[member as usize];
        let (is_male, year) = (resident.is_male, resident.birth.year());
        let surname = self.surname(resident, random, namer, rates);
        let sibling = if resident.is_twin { self.sibling_character(member) } else { None };
        let mut given = namer.given(random, is_male, year, sibling);
        if random.chance(rates.has_rare_character) {
            given = format!("{}{}", given.chars().next().unwrap_or('平'), namer.rare(random));
        }
        let mut name = format!("{surname}{given}");
        if namer.is_dotted(ethnicity) {
            name = namer.dotted(random, is_male);
        }
        // Twins share a first character, so that the second has to tell them apart.
        while sibling.is_some() && self.residents[member as usize - 1].name.as_ref() == name {
            name = format!("{surname}{}", namer.given(random, is_male, year, sibling));
        }
        let former = random.chance(rates.has_former_name).then(|| format!("{surname}{}", namer.given(random, is_male, year, None)).into());
        let resident = &mut self.residents[member as usize];
        (resident.name, resident.former_name, resident.ethnicity) = (name.into(), former, ethnicity.into());
    }

    /// The father's, sometimes the mother's; of the first of a family, any.
    fn surname(&self, resident: &Resident, random: &mut Random, namer: &Namer<'_>, rates: &Population) -> String {
        let parents = if random.chance(rates.takes_mothers_surname) {
            [resident.mother, resident.father]
        } else {
            [resident.father, resident.mother]
        };
        let named = |parent: u32| &self.residents[parent as usize].name;
        let parent = parents.into_iter().flatten().map(named).find(|name| !name.is_empty() && !name.contains('·'));
        parent.map_or_else(|| namer.surname(random).to_owned(), |name| wuwei_schema::kind::name::surname(name).to_owned())
    }

    /// The first character of the given name of the twin born before.
    fn sibling_character(&self, member: u32) -> Option<char> {
        let before = member.checked_sub(1).map(|before| &self.residents[before as usize])?;
        let is_twin = before.is_twin && before.household == self.residents[member as usize].household && !before.name.is_empty();
        wuwei_schema::kind::name::given(&before.name).chars().next().filter(|_| is_twin && !before.name.contains('·'))
    }

    /// A phone of one's own, or that of whoever answers: a parent for a child, the other for some couples, a child for the old.
    fn phone(&self, member: u32, random: &mut Random, rates: &Population) -> String {
        let resident = &self.residents[member as usize];
        let own = || numbers::phone(u64::from(member));
        let of = |kin: Option<u32>| kin.map_or_else(own, |kin| numbers::phone(u64::from(kin)));
        match resident.age() {
            ..14 if random.chance(50_000) => of(resident.mother.or(resident.father)),
            ..14 => of(resident.father.or(resident.mother)),
            60.. if random.chance(rates.old_phone) => of(Some(self.households[resident.household as usize].head)),
            _ if !resident.is_male && random.chance(rates.spouse_phone) => of(resident.spouse),
            _ => own(),
        }
    }
}

/// Families of one ethnicity.
struct Ethnicities<'a> {
    codes: Vec<&'a str>,
    weights: Weights,
}

impl<'a> Ethnicities<'a> {
    fn new(rates: &'a Population) -> Ethnicities<'a> {
        let others: u32 = rates.ethnicities.iter().map(|(_, share)| share).sum();
        let codes = std::iter::once("01").chain(rates.ethnicities.iter().map(|(code, _)| code.as_str())).collect();
        let shares = std::iter::once(100_000 - others).chain(rates.ethnicities.iter().map(|(_, share)| *share));
        Ethnicities { codes, weights: Weights::new(shares) }
    }

    fn draw(&self, random: &mut Random) -> String {
        self.codes[self.weights.draw(random)].to_owned()
    }
}

/// The level that people of that age have reached; a code of 2006 that the edition of 1984 can say too.
fn education(random: &mut Random, age: i32) -> &'static str {
    let of_grown_up = ["10", "21", "31", "41", "61", "71", "81", "90"];
    let weights: [u32; 8] = match age {
        ..6 => return "",
        6..12 => return "80",
        12..15 => return "70",
        15..18 => return "60",
        18..35 => [3, 20, 18, 12, 12, 30, 5, 0],
        35..60 => [1, 8, 9, 9, 12, 45, 15, 1],
        _ => [0, 1, 2, 4, 8, 35, 42, 8],
    };
    of_grown_up[Weights::new(weights).draw(random)]
}

/// Code of GB/T 2261.2.
fn marital(random: &mut Random, resident: &Resident, rates: &Population) -> &'static str {
    match resident.age() {
        _ if resident.spouse.is_some() => [("20"), "21", "22"][Weights::new([80, 15, 5]).draw(random)],
        60.. if random.chance(rates.widowed) => "30",
        30.. if random.chance(rates.divorced) => "40",
        _ => "10",
    }
}
