//! Organisations: companies, shops and social organisations with credit codes of divisions that do not exist, and those who represent and
//! work for them.

use super::World;
use crate::{
    calendar::Day,
    numbers,
    random::{Random, Weights},
    say::Thing,
};

/// What an organisation is by its register.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sort {
    Company,
    /// 个体工商户: one person's.
    Shop,
    Society,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Organization {
    /// Its number in the truth, over all sorts.
    pub(crate) number: u32,
    pub(crate) sort: Sort,
    pub(crate) name: String,
    pub(crate) credit_code: String,
    /// Of GB/T 31000 where it is a social organisation; else what it is by law.
    pub(crate) organization_type: String,
    pub(crate) supervisor: String,
    /// Code of GB/T 4754 where it has a trade.
    pub(crate) industry: String,
    /// What it may do.
    pub(crate) scope: String,
    pub(crate) representative: u32,
    pub(crate) seat: u32,
    pub(crate) established: Day,
}

/// An organisation of which only the name is said.
pub(crate) fn organization_named(name: &str) -> Thing {
    Thing::Stated("organization", vec![("name", name.to_owned())])
}

impl Organization {
    /// The business number of before 2015.
    pub(crate) fn business_no(&self) -> String {
        numbers::business_no(&self.credit_code[2..8], self.number)
    }

    /// What stands above the door: not all that is in the licence.
    pub(crate) fn sign(&self, world: &World) -> String {
        self.name.replace(&world.material.places.county, "").replace(world.township_of(self.seat), "")
    }
}

/// Societies are numbered after all enterprises.
const SOCIETIES_FROM: u32 = 50_000_000;

impl World {
    /// How many market subjects there are: companies, then shops.
    pub(crate) fn enterprises(&self) -> u32 {
        self.per_1000(self.material.population.enterprises_per_1000)
    }

    pub(crate) fn companies(&self) -> u32 {
        self.per_1000(self.material.population.companies_per_1000)
    }

    pub(crate) fn shops(&self) -> u32 {
        self.enterprises() - self.companies().min(self.enterprises())
    }

    pub(crate) fn any_company(&self, random: &mut Random) -> Organization {
        self.enterprise(u32::try_from(random.below(self.companies() as usize)).unwrap_or(0))
    }

    /// Where an enterprise is, without all the rest.
    pub(crate) fn seat_of(&self, enterprise: u32) -> u32 {
        u32::try_from(self.random("seat", enterprise).below(self.county.dwellings.len())).unwrap_or(0)
    }

    pub(crate) fn societies(&self) -> u32 {
        u32::try_from(self.count * self.material.population.societies_per_100000 / 100_000 + 1).unwrap_or(1)
    }

    /// A company, or from the last of them on a shop.
    pub(crate) fn enterprise(&self, number: u32) -> Organization {
        let mut random = self.random("enterprise", number);
        if number < self.companies() { self.company(number, &mut random) } else { self.shop(number, &mut random) }
    }

    fn company(&self, number: u32, random: &mut Random) -> Organization {
        let places = &self.material.places;
        let trade = &places.enterprises[Weights::new(places.enterprises.iter().map(|trade| trade.share)).draw(random)];
        let name = format!("{}{}{}", places.county, self.brand(number as usize), trade.name);
        let of =
            Organization { industry: trade.industry.clone(), scope: trade.scope.clone(), ..self.organization(number, "91", name, random) };
        Organization { organization_type: places.company_types[random.below(places.company_types.len())].clone(), ..of }
    }

    fn shop(&self, number: u32, random: &mut Random) -> Organization {
        let places = &self.material.places;
        let trade = &places.shops[Weights::new(places.shops.iter().map(|trade| trade.share)).draw(random)];
        let of = self.organization(number, "92", String::new(), random);
        let (first, second) = (character(&places.street_first, random), character(&places.street_second, random));
        let name = format!("{}{}{first}{second}{}", places.county, self.township_of(of.seat), trade.name);
        let (industry, scope) = (trade.industry.clone(), trade.scope.clone());
        Organization { sort: Sort::Shop, name, organization_type: "个体工商户".to_owned(), industry, scope, ..of }
    }

    pub(crate) fn society(&self, number: u32) -> Organization {
        let places = &self.material.places;
        let communities = &self.county.communities;
        let at = number as usize;
        let (name, organization_type, kind, supervisor) = &places.societies[at / communities.len() % places.societies.len()];
        let name = format!("{}{}{name}", places.county, communities[at % communities.len()].name);
        let of = self.organization(SOCIETIES_FROM + number, kind, name, &mut self.random("society", number));
        Organization { sort: Sort::Society, organization_type: organization_type.clone(), supervisor: supervisor.clone(), ..of }
    }

    fn organization(&self, number: u32, kind: &str, name: String, random: &mut Random) -> Organization {
        Organization {
            number,
            sort: Sort::Company,
            name,
            credit_code: numbers::credit_code(kind, &self.material.places.code, number as usize),
            organization_type: String::new(),
            supervisor: String::new(),
            industry: String::new(),
            scope: String::new(),
            representative: self.local(random),
            seat: self.seat_of(number),
            established: self.today.plus(-random.between(100, 9000)),
        }
    }

    /// Two or three characters that no other company has; when they are used up, a number.
    fn brand(&self, at: usize) -> String {
        let places = &self.material.places;
        let (first, second): (Vec<char>, Vec<char>) = (places.first.chars().collect(), places.second.chars().collect());
        let third: Vec<char> = places.third.chars().collect();
        // 101 shares no divisor with the number of pairs, so that neighbours are called differently.
        let (pair, round) = (at * 101 % (first.len() * second.len()), at / (first.len() * second.len()));
        let mut brand = String::from_iter([first[pair / second.len()], second[pair % second.len()]]);
        brand.extend((round % (third.len() + 1)).checked_sub(1).map(|at| third[at]));
        let number = round / (third.len() + 1);
        if number == 0 { brand } else { format!("{brand}第{}", number + 1) }
    }

    /// Whom somebody works for: about seven of ten of working age have an employer.
    pub(crate) fn employer(&self, resident: u32, on: Day) -> Option<u32> {
        let mut random = self.random("work", resident);
        let works = (18..60).contains(&self.resident(resident).age(on)) && random.chance(70_000);
        works.then(|| u32::try_from(random.below(self.companies() as usize)).unwrap_or(0))
    }
}

fn character(of: &str, random: &mut Random) -> char {
    of.chars().nth(random.below(of.chars().count())).unwrap_or('和')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{calendar::TODAY, material::Material};
    use std::collections::HashSet;

    #[test]
    fn companies_and_societies_have_names_and_codes_of_their_own() {
        let world = World::build(100_000, 5, TODAY, Material::embedded().unwrap());
        let all = || (0..world.companies()).map(|at| world.enterprise(at)).chain((0..world.societies()).map(|at| world.society(at)));
        let names: HashSet<String> = all().map(|one| one.name).collect();
        assert_eq!(names.len(), (world.companies() + world.societies()) as usize);
        let shops = (world.companies()..world.enterprises()).map(|at| world.enterprise(at));
        let codes: HashSet<String> = all().chain(shops).map(|one| one.credit_code).collect();
        assert_eq!(codes.len(), (world.enterprises() + world.societies()) as usize);
    }

    #[test]
    fn most_people_of_working_age_have_an_employer() {
        let world = World::build(5_000, 5, TODAY, Material::embedded().unwrap());
        let employed = (0..5_000).filter(|&one| world.employer(one, TODAY).is_some()).count();
        assert!((1_900..2_500).contains(&employed), "{employed}");
    }
}
