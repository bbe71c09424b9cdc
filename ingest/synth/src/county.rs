//! The ground: townships, communities, grids and dwellings, with codes 9901xx and names that are on no map. Who lives there is told
//! elsewhere.

use crate::{
    material::{Material, Places},
    random::{Random, Weights},
};

/// The county's places, each list in the order of its codes.
#[derive(Debug)]
pub(crate) struct County {
    pub(crate) townships: Vec<Township>,
    pub(crate) communities: Vec<Community>,
    pub(crate) grids: Vec<Grid>,
    pub(crate) dwellings: Vec<Dwelling>,
}

#[derive(Debug)]
pub(crate) struct Township {
    /// Nine digits, GB/T 10114.
    pub(crate) code: String,
    pub(crate) name: String,
}

#[derive(Debug)]
pub(crate) struct Community {
    /// Twelve digits.
    pub(crate) code: String,
    pub(crate) name: String,
    pub(crate) township: usize,
    /// A town has streets and estates, a village has groups.
    pub(crate) is_town: bool,
    streets: Vec<String>,
    estates: Vec<String>,
}

#[derive(Debug)]
pub(crate) struct Grid {
    /// The community's code and three digits.
    pub(crate) code: String,
    pub(crate) name: String,
    pub(crate) community: usize,
}

/// Where people live: a room in a town, a house in a village.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Dwelling {
    pub(crate) grid: u32,
    street: u8,
    number: u16,
    pub(crate) building: u8,
    pub(crate) unit: u8,
    pub(crate) floor: u8,
    pub(crate) room: u8,
    /// Square metres.
    pub(crate) floor_area: u16,
}

impl County {
    /// A county for so many people.
    pub(crate) fn build(people: usize, seed: u64, material: &Material) -> County {
        let mut random = Random::new(seed, "county");
        let rates = &material.population;
        let grids = (people * rates.grids_per_100000).div_ceil(100_000).max(1);
        let communities = grids.div_ceil(rates.grids_of_community);
        let townships = communities.div_ceil(rates.communities_of_township);
        let dwellings = (people * rates.dwellings_per_1000).div_ceil(1000).max(grids);
        let mut names = Names::new(&material.places, &mut random);
        let mut county = County { townships: Vec::new(), communities: Vec::new(), grids: Vec::new(), dwellings: Vec::new() };
        county.townships = (0..townships).map(|at| names.township(at, &mut random)).collect();
        for at in 0..communities {
            // The seat and its like come first; a county has more town than village only near them.
            let is_town = at == 0 || random.chance(rates.urban);
            let township = at / rates.communities_of_township;
            let of_township = at % rates.communities_of_township + 1;
            let code = format!("{}{of_township:03}", county.townships[township].code);
            county.communities.push(names.community(code, township, is_town));
        }
        for at in 0..grids {
            let (community, of_community) = (at / rates.grids_of_community, at % rates.grids_of_community + 1);
            let Community { code, name, .. } = &county.communities[community];
            county.grids.push(Grid { code: format!("{code}{of_community:03}"), name: format!("{name}第{of_community}网格"), community });
            let (from, until) = (at * dwellings / grids, (at + 1) * dwellings / grids);
            county.fill(at, until - from, &mut random);
        }
        county
    }

    /// Builds so many dwellings in a grid.
    fn fill(&mut self, grid: usize, mut count: usize, random: &mut Random) {
        let grid_number = u32::try_from(grid).unwrap_or(0);
        let community = self.grids[grid].community;
        let is_town = self.communities[community].is_town;
        // Numbers along a street go on from grid to grid of the community.
        let same = self.dwellings.last().copied().filter(|last| self.grids[last.grid as usize].community == community);
        let mut number = same.map_or(0, |last| last.number);
        while count > 0 {
            number += 1;
            let building = Building { grid: grid_number, street: number % 3, number, is_town };
            let raised = building.raise(random, count);
            count -= raised.len();
            self.dwellings.extend(raised);
        }
    }

    /// The whole address in one line.
    pub(crate) fn address(&self, places: &Places, dwelling: u32) -> String {
        let Dwelling { grid, street, number, building, unit, floor, room, .. } = self.dwellings[dwelling as usize];
        let community = &self.communities[self.grids[grid as usize].community];
        let township = &self.townships[community.township].name;
        let road = &community.streets[usize::from(street)];
        if community.is_town {
            format!("{}{township}{road}{number}号{building}栋{unit}单元{floor}{room:02}室", places.county)
        } else {
            format!("{}{township}{}{}组{number}号", places.county, community.name, street + 1)
        }
    }

    /// The address without the door: as people say where something happened.
    pub(crate) fn road(&self, places: &Places, dwelling: u32) -> String {
        let (road, door) = self.door(dwelling);
        format!("{}{road}{door}", places.county)
    }

    /// The road or group with its township, and the number in it.
    pub(crate) fn door(&self, dwelling: u32) -> (String, String) {
        let Dwelling { grid, street, number, .. } = self.dwellings[dwelling as usize];
        let community = &self.communities[self.grids[grid as usize].community];
        let township = &self.townships[community.township].name;
        let road =
            if community.is_town { community.streets[usize::from(street)].clone() } else { format!("{}{}组", community.name, street + 1) };
        (format!("{township}{road}"), format!("{number}号"))
    }

    /// A point in a grid, longitude and latitude in CGCS2000: at sea, where no county is.
    pub(crate) fn place(&self, grid: u32, random: &mut Random) -> (String, String) {
        let within = |random: &mut Random| u32::try_from(random.below(CELL as usize)).unwrap_or(0);
        let (west, south) = corner(grid);
        (degrees(west + within(random)), degrees(south + within(random)))
    }

    /// The border of a grid, as well-known text.
    pub(crate) fn outline(&self, grid: u32) -> String {
        let (west, south) = corner(grid);
        let corners = [(0, 0), (CELL, 0), (CELL, CELL), (0, CELL), (0, 0)];
        let points: Vec<String> = corners.iter().map(|(x, y)| format!("{} {}", degrees(west + x), degrees(south + y))).collect();
        format!("POLYGON(({}))", points.join(", "))
    }

    /// What the estate or village is called.
    pub(crate) fn estate(&self, dwelling: u32) -> &str {
        let Dwelling { grid, street, .. } = self.dwellings[dwelling as usize];
        let community = &self.communities[self.grids[grid as usize].community];
        if community.is_town { &community.estates[usize::from(street)] } else { &community.name }
    }

    /// 房屋编号: the community's code and five digits.
    pub(crate) fn house_code(&self, dwelling: u32) -> String {
        let community = self.grids[self.dwellings[dwelling as usize].grid as usize].community;
        format!("{}{:05}", self.communities[community].code, dwelling % 100_000)
    }
}

/// The side of a grid, in millionths of a degree: about 500 m.
const CELL: u32 = 5_000;

/// The south-western corner of a grid, in millionths of a degree.
fn corner(grid: u32) -> (u32, u32) {
    (123_500_000 + grid % 50 * CELL, 29_500_000 + grid / 50 % 200 * CELL)
}

fn degrees(millionths: u32) -> String {
    format!("{}.{:06}", millionths / 1_000_000, millionths % 1_000_000)
}

/// One building to be: a block of flats, or a house.
struct Building {
    grid: u32,
    street: u16,
    number: u16,
    is_town: bool,
}

impl Building {
    fn raise(&self, random: &mut Random, most: usize) -> Vec<Dwelling> {
        let street = u8::try_from(self.street).unwrap_or(0);
        let dwelling = Dwelling { grid: self.grid, street, number: self.number, building: 1, unit: 1, floor: 1, room: 1, floor_area: 0 };
        if !self.is_town {
            return vec![Dwelling { floor_area: area(random, 80, 220), ..dwelling }];
        }
        let (buildings, units, floors) = (1 + random.below(3), 1 + random.below(3), 4 + random.below(9));
        let byte = |number: usize| u8::try_from(number + 1).unwrap_or(1);
        let rooms = (0..buildings * units * floors * 2).map(|at| Dwelling {
            building: byte(at / (units * floors * 2)),
            unit: byte(at / (floors * 2) % units),
            floor: byte(at / 2 % floors),
            room: byte(at % 2),
            floor_area: area(random, 45, 140),
            ..dwelling
        });
        rooms.take(most).collect()
    }
}

fn area(random: &mut Random, low: i32, high: i32) -> u16 {
    u16::try_from(random.between(low, high)).unwrap_or(0)
}

/// Gives every place a name of its own, as long as pairs of characters last; then a number tells them apart.
struct Names<'a> {
    places: &'a Places,
    pairs: Vec<String>,
    given: usize,
    streets: usize,
    kinds: Weights,
}

impl<'a> Names<'a> {
    fn new(places: &'a Places, random: &mut Random) -> Names<'a> {
        let mut pairs: Vec<String> = places.first.chars().flat_map(|a| places.second.chars().map(move |b| format!("{a}{b}"))).collect();
        for at in (1..pairs.len()).rev() {
            pairs.swap(at, random.below(at + 1));
        }
        Names { places, pairs, given: 0, streets: 0, kinds: Weights::new([50, 30, 20]) }
    }

    fn stem(&mut self) -> String {
        let (round, at) = (self.given / self.pairs.len(), self.given % self.pairs.len());
        self.given += 1;
        if round == 0 { self.pairs[at].clone() } else { format!("{}{}", self.pairs[at], round + 1) }
    }

    fn township(&mut self, at: usize, random: &mut Random) -> Township {
        let code = format!("{}{:03}", self.places.code, at + 1);
        if at == 0 {
            return Township { code, name: self.places.seat.clone() };
        }
        let kind = self.kinds.draw(random).min(self.places.townships.len() - 1);
        Township { code, name: format!("{}{}", self.stem(), self.places.townships[kind]) }
    }

    fn community(&mut self, code: String, township: usize, is_town: bool) -> Community {
        let stem = self.stem();
        let name = format!("{stem}{}", if is_town { "社区" } else { "村" });
        let streets = (0..3).map(|_| self.street()).collect();
        let estates = (0..3).map(|at| format!("{stem}{}", self.places.estates[at % self.places.estates.len()])).collect();
        Community { code, name, township, is_town, streets, estates }
    }

    /// Streets are called alike all over a county, but not within a township: 101 shares no divisor with the number of names.
    fn street(&mut self) -> String {
        let (first, second, kinds) = (&self.places.street_first, &self.places.street_second, &self.places.street_kinds);
        let (firsts, seconds) = (first.chars().count(), second.chars().count());
        let at = self.streets * 101 % (firsts * seconds * kinds.len());
        self.streets += 1;
        let pair = first.chars().nth(at % firsts).into_iter().chain(second.chars().nth(at / firsts % seconds));
        pair.collect::<String>() + &kinds[at / firsts / seconds]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_dwelling_has_an_address_and_a_code_of_its_own_in_an_invented_division() {
        let material = Material::embedded().unwrap();
        let county = County::build(40_000, 1, &material);
        let dwellings = 0..u32::try_from(county.dwellings.len()).unwrap();
        assert_eq!((county.grids.len(), dwellings.len()), (64, 19_200));
        let addresses: HashSet<String> = dwellings.clone().map(|at| county.address(&material.places, at)).collect();
        assert_eq!(addresses.len(), dwellings.len());
        let codes: HashSet<String> = dwellings.clone().map(|at| county.house_code(at)).collect();
        assert_eq!(codes.len(), dwellings.len());
        assert!(county.grids.iter().all(|grid| grid.code.starts_with("9901") && grid.code.len() == 15));
    }

    #[test]
    fn communities_have_different_names() {
        let material = Material::embedded().unwrap();
        let county = County::build(900_000, 1, &material);
        let names: HashSet<&str> = county.communities.iter().map(|community| community.name.as_str()).collect();
        assert_eq!(names.len(), county.communities.len());
    }
}
