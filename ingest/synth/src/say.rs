//! What is true of a thing on a day: every property in its canonical form, as the model's kinds would leave it. What a department makes of
//! it is told elsewhere.

mod person;

use crate::{
    calendar::Day,
    people::Household,
    world::{Organization, Sort, Vehicle, World},
};

/// One thing of the county.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Thing {
    /// By its number, as the next five.
    Resident(u32),
    Household(u32),
    Dwelling(u32),
    Grid(u32),
    Community(u32),
    School(u32),
    Vehicle(Box<Vehicle>),
    Organization(Box<Organization>),
    /// Something of that entity type of which only this is to be said.
    Stated(&'static str, Vec<(&'static str, String)>),
}

impl Thing {
    /// The entity type it is recorded as.
    pub(crate) fn entity(&self) -> &'static str {
        match self {
            Thing::Resident(_) => "person",
            Thing::Household(_) => "household",
            Thing::Dwelling(_) => "dwelling",
            Thing::Grid(_) => "grid",
            Thing::Community(_) => "community",
            Thing::School(_) => "school",
            Thing::Vehicle(_) => "vehicle",
            Thing::Organization(_) => "organization",
            Thing::Stated(entity, _) => entity,
        }
    }

    pub(crate) fn division(code: &str) -> Thing {
        Thing::Stated("division", vec![("code", code.to_owned())])
    }
}

impl World {
    /// The canonical value of a property on that day; empty when there is none.
    pub(crate) fn say(&self, thing: &Thing, property: &str, on: Day) -> String {
        match thing {
            Thing::Resident(number) => self.say_of_resident(*number, property, on),
            Thing::Household(number) => self.say_of_household(*number, property),
            Thing::Dwelling(number) => self.say_of_dwelling(*number, property),
            Thing::Vehicle(vehicle) => say_of_vehicle(vehicle, property),
            Thing::Organization(organization) => self.say_of_organization(organization, property),
            Thing::School(number) => self.say_of_school(*number, property),
            Thing::Grid(number) => {
                let grid = &self.county.grids[*number as usize];
                named(property, &grid.code, &grid.name)
            }
            Thing::Community(number) => {
                let community = &self.county.communities[*number as usize];
                named(property, &community.code, &community.name)
            }
            Thing::Stated(_, facts) => {
                facts.iter().find(|(known, _)| *known == property).map(|(_, value)| value.clone()).unwrap_or_default()
            }
        }
    }

    fn say_of_household(&self, number: u32, property: &str) -> String {
        let household = &self.people.households[number as usize];
        let is_town = self.county.communities[self.community_of(household.registered) as usize].is_town;
        match property {
            "household_no" if !household.is_floating() => format!("{:09}", 100_000_000 + u64::from(number)),
            "household_type" => match (household.is_collective, is_town) {
                (false, true) => "非农业家庭户口",
                (false, false) => "农业家庭户口",
                (true, true) => "非农业集体户口",
                (true, false) => "农业集体户口",
            }
            .to_owned(),
            _ => String::new(),
        }
    }

    fn say_of_dwelling(&self, number: u32, property: &str) -> String {
        match property {
            "house_code" => self.county.house_code(number),
            "address" => self.county.address(&self.material.places, number),
            "floor_area" => self.county.dwellings[number as usize].floor_area.to_string(),
            "use" => "01".to_owned(),
            "rental_use" if self.is_rented(number) => "02".to_owned(),
            "hazard" => (*self.random("hazard", number).pick(&["00", "00", "00", "01", "02"])).to_owned(),
            "use_state" => match self.households_in(number) {
                [] => "空置",
                _ if self.is_rented(number) => "出租",
                _ => "自住",
            }
            .to_owned(),
            "occupants" => self.living(self.households_in(number)).to_string(),
            _ => String::new(),
        }
    }

    fn is_rented(&self, dwelling: u32) -> bool {
        self.households_in(dwelling).iter().any(|household: &Household| household.is_floating() && !household.is_collective)
    }

    fn say_of_organization(&self, organization: &Organization, property: &str) -> String {
        match property {
            "credit_code" => organization.credit_code.clone(),
            "name" => organization.name.clone(),
            "registration_no" if organization.sort == Sort::Society => format!("云社证字第{}号", &organization.credit_code[8..16]),
            "organization_type" => match organization.organization_type.as_str() {
                "01" => "社会团体",
                "02" => "民办非企业单位",
                "03" => "基金会",
                other => other,
            }
            .to_owned(),
            "address" => self.county.address(&self.material.places, organization.seat),
            "status" => "正常".to_owned(),
            "established_on" => organization.established.to_string(),
            "insurance_unit_no" => format!("B{:011}", organization.number),
            _ => String::new(),
        }
    }

    fn say_of_school(&self, number: u32, property: &str) -> String {
        let school = &self.schools[number as usize];
        match property {
            "school_code" => school.code.clone(),
            "name" => school.name.clone(),
            "credit_code" => school.credit_code.clone(),
            "school_type" => school.school_type.clone(),
            "address" => self.county.address(&self.material.places, school.seat),
            "pupils" => school.pupils.to_string(),
            _ => String::new(),
        }
    }
}

fn say_of_vehicle(vehicle: &Vehicle, property: &str) -> String {
    let drawn = vehicle.drawn;
    match property {
        "plate_no" => vehicle.plate.clone(),
        "plate_type" => if vehicle.is_electric { "52" } else { "02" }.to_owned(),
        "vin" => vehicle.vin.clone(),
        "engine_no" => format!("WE{:07}", drawn % 10_000_000),
        "vehicle_type" => ["小型轿车", "小型轿车", "小型普通客车", "轻型普通货车"][drawn % 4].to_owned(),
        "color" => ["白", "黑", "灰", "红", "蓝"][drawn % 5].to_owned(),
        "status" => if drawn.is_multiple_of(20) { "违法未处理" } else { "正常" }.to_owned(),
        "registered_on" => vehicle.registered.to_string(),
        "valid_to" => {
            let (year, month, _) = vehicle.registered.civil();
            // Inspection holds to the end of the month of registration, two years at a time.
            let until = year + (2028 - year).div_euclid(2) * 2;
            Day::new(until + (month / 12), month % 12 + 1, 1).plus(-1).to_string()
        }
        _ => String::new(),
    }
}

fn named(property: &str, code: &str, name: &str) -> String {
    match property {
        "code" => code.to_owned(),
        "name" => name.to_owned(),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{calendar::TODAY, material::Material};
    use wuwei_schema::Model;

    #[test]
    fn what_is_said_is_canonical() {
        let (world, model) = (World::build(3_000, 2, TODAY, Material::embedded().unwrap()), Model::embedded().unwrap());
        let things = (0..200).flat_map(|number| {
            [
                Thing::Resident(number),
                Thing::Dwelling(number),
                Thing::Household(number),
                Thing::Vehicle(Box::new(world.vehicle(number))),
                Thing::Organization(Box::new(world.enterprise(number))),
            ]
        });
        let few = [
            Thing::Organization(Box::new(world.society(1))),
            Thing::School(1),
            Thing::Grid(1),
            Thing::Community(1),
            Thing::division("990101"),
        ];
        for thing in things.chain(few) {
            for property in &model.entity(thing.entity()).unwrap().properties {
                let said = world.say(&thing, &property.name, TODAY);
                assert_eq!(property.kind.clean(&said, &model.codes).as_deref(), Ok(said.as_str()), "{thing:?} {}", property.name);
            }
        }
    }

    #[test]
    fn who_moved_lived_elsewhere_before() {
        let world = World::build(3_000, 2, TODAY, Material::embedded().unwrap());
        let (household, day) = world.people.households.iter().find_map(|household| Some((household, household.moved?.1))).unwrap();
        let address = |on| world.say(&Thing::Resident(household.head), "live_address", on);
        assert_ne!(address(day.plus(-1)), address(day));
        assert_eq!(address(day), address(TODAY));
    }
}
