//! What is true of a thing on a day: every property in its canonical form, as the model's kinds would leave it. What a department makes of
//! it is told elsewhere.

use crate::{
    calendar::Day,
    numbers,
    people::Household,
    random::mix,
    world::{Organization, World},
};

/// One thing of the county, by its number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Thing {
    Resident(u32),
    Household(u32),
    Dwelling(u32),
    Grid(u32),
    Community(u32),
    /// By its code.
    Division(String),
    Vehicle(u32),
    Enterprise(u32),
    Society(u32),
    School(u32),
    Marriage(u32),
    /// By the place in the list of pupils.
    Enrolment(u32),
    /// Day and reason of something noted of somebody.
    Registration(Day, &'static str),
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
            Thing::Division(_) => "division",
            Thing::Vehicle(_) => "vehicle",
            Thing::Enterprise(_) | Thing::Society(_) => "organization",
            Thing::School(_) => "school",
            Thing::Marriage(_) => "marriage",
            Thing::Enrolment(_) => "enrolment",
            Thing::Registration(..) => "registration",
        }
    }
}

impl World {
    /// The canonical value of a property on that day; empty when there is none.
    pub(crate) fn say(&self, thing: &Thing, property: &str, on: Day) -> String {
        match *thing {
            Thing::Resident(number) => self.say_of_resident(number, property, on),
            Thing::Household(number) => self.say_of_household(number, property),
            Thing::Dwelling(number) => self.say_of_dwelling(number, property),
            Thing::Vehicle(number) => self.say_of_vehicle(number, property),
            Thing::Enterprise(number) => self.say_of_organization(&self.enterprises[number as usize], property),
            Thing::Society(number) => self.say_of_organization(&self.societies[number as usize], property),
            Thing::School(number) => self.say_of_school(number, property),
            Thing::Marriage(number) => self.say_of_marriage(number, property),
            Thing::Enrolment(number) => self.say_of_enrolment(number, property),
            Thing::Grid(number) => {
                let grid = &self.county.grids[number as usize];
                named(property, &grid.code, &grid.name)
            }
            Thing::Community(number) => {
                let community = &self.county.communities[number as usize];
                named(property, &community.code, &community.name)
            }
            Thing::Division(ref code) => named(property, code, ""),
            Thing::Registration(day, reason) => match property {
                "date" => day.to_string(),
                "reason" => reason.to_owned(),
                _ => String::new(),
            },
        }
    }

    fn say_of_resident(&self, number: u32, property: &str, on: Day) -> String {
        let resident = self.resident(number);
        match property {
            "id_no" => resident.id.to_string(),
            "permit_no" => self.permit(number),
            "student_no" => format!("G{}", resident.id),
            "name" => resident.name.to_string(),
            "former_name" => resident.former_name.as_deref().unwrap_or_default().to_owned(),
            "sex" => if resident.is_male { "1" } else { "2" }.to_owned(),
            "birth_date" => resident.birth.to_string(),
            "ethnicity" => resident.ethnicity.to_string(),
            "education" => resident.education.to_owned(),
            "marital" => resident.marital.to_owned(),
            "phone" => resident.phone.to_string(),
            "registered_address" => self.registered_address(number),
            "live_address" => self.live_address(number, on),
            "employer" => self.employer(number).map(|employer| employer.name.clone()).unwrap_or_default(),
            "occupation" => self.occupation(number),
            "nationality" => "中国".to_owned(),
            "household_relation" => resident.relation.to_owned(),
            _ => String::new(),
        }
    }

    /// Newcomers of 16 and more have a permit, two of three.
    fn permit(&self, number: u32) -> String {
        let household = self.people.household_of(number);
        let since = household.moved.map_or(Day::new(2022, 5, 1), |(_, day)| day);
        let has = household.is_floating() && self.resident(number).age() >= 16 && !mix(u64::from(number)).is_multiple_of(3);
        if has { numbers::permit(&self.material.places.code, since, number) } else { String::new() }
    }

    fn occupation(&self, number: u32) -> String {
        let occupations = &self.material.places.occupations;
        let at = usize::try_from(mix(u64::from(number)) % occupations.len() as u64).unwrap_or(0);
        match self.resident(number).age() {
            ..18 => "学生".to_owned(),
            18..60 => occupations[at].clone(),
            _ => "退休".to_owned(),
        }
    }

    fn registered_address(&self, number: u32) -> String {
        let household = self.people.household_of(number);
        match household.origin {
            Some(origin) => self.address_in(usize::from(origin), u64::from(household.head)),
            None => self.county.address(&self.material.places, household.registered),
        }
    }

    pub(crate) fn live_address(&self, number: u32, on: Day) -> String {
        let household = self.people.household_of(number);
        if self.resident(number).is_absent {
            let far = self.material.places.neighbours.len() - 1;
            return self.address_in(far, u64::from(number));
        }
        self.county.address(&self.material.places, household.home_on(on))
    }

    /// An address in a neighbouring county: the same for the same key.
    fn address_in(&self, neighbour: usize, key: u64) -> String {
        let places = &self.material.places;
        let (drawn, first, second) = (mix(key), &places.first, &places.second);
        let character = |of: &str, by: u64| of.chars().nth(usize::try_from(by % of.chars().count() as u64).unwrap_or(0)).unwrap_or('东');
        let village: String = [character(first, drawn >> 8), character(second, drawn >> 24)].iter().collect();
        format!("{}{village}村{}组{}号", places.neighbours[neighbour].1, drawn % 9 + 1, (drawn >> 40) % 200 + 1)
    }

    fn say_of_household(&self, number: u32, property: &str) -> String {
        let household = &self.people.households[number as usize];
        let dwelling = self.county.dwellings[household.registered as usize];
        let is_town = self.county.communities[self.county.grids[dwelling.grid as usize].community].is_town;
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
        let households = self.households_in(number);
        let is_rented = households.iter().any(|household| household.is_floating() && !household.is_collective);
        match property {
            "house_code" => self.county.house_code(number),
            "address" => self.county.address(&self.material.places, number),
            "floor_area" => self.county.dwellings[number as usize].floor_area.to_string(),
            "use" => "01".to_owned(),
            "rental_use" if is_rented => "02".to_owned(),
            "hazard" => ["00", "00", "00", "01", "02"][usize::try_from(mix(u64::from(number)) % 5).unwrap_or(0)].to_owned(),
            "use_state" => match households {
                [] => "空置",
                _ if is_rented => "出租",
                _ => "自住",
            }
            .to_owned(),
            "occupants" => self.living(households).to_string(),
            _ => String::new(),
        }
    }

    /// How many live in these households.
    pub(crate) fn living(&self, households: &[Household]) -> usize {
        households.iter().flat_map(Household::members).filter(|&member| !self.resident(member).is_absent).count()
    }

    fn say_of_vehicle(&self, number: u32, property: &str) -> String {
        let vehicle = &self.vehicles[number as usize];
        let drawn = usize::try_from(mix(u64::from(number)) >> 8).unwrap_or(0);
        match property {
            "plate_no" => numbers::plate(number as usize, vehicle.is_electric),
            "plate_type" => if vehicle.is_electric { "52" } else { "02" }.to_owned(),
            "vin" => numbers::vin(number as usize),
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

    fn say_of_organization(&self, organization: &Organization, property: &str) -> String {
        match property {
            "credit_code" => organization.credit_code.clone(),
            "name" => organization.name.clone(),
            "registration_no" => format!("云社证字第{}号", &organization.credit_code[8..16]),
            "organization_type" => self.type_name(organization),
            "address" => self.county.address(&self.material.places, organization.seat),
            "status" => "正常".to_owned(),
            "established_on" => organization.established.to_string(),
            _ => String::new(),
        }
    }

    fn type_name(&self, organization: &Organization) -> String {
        match organization.organization_type.as_str() {
            "01" => "社会团体",
            "02" => "民办非企业单位",
            "03" => "基金会",
            _ => "企业",
        }
        .to_owned()
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

    fn say_of_marriage(&self, number: u32, property: &str) -> String {
        let marriage = &self.marriages[number as usize];
        match property {
            "registration_no" => format!("J{}-{}-{number:06}", self.material.places.code, marriage.date.year()),
            "date" => marriage.date.to_string(),
            "remarriage" => "否".to_owned(),
            _ => String::new(),
        }
    }

    fn say_of_enrolment(&self, number: u32, property: &str) -> String {
        let pupil = &self.pupils[number as usize];
        let school = &self.schools[pupil.school as usize];
        let grade = self.resident(pupil.resident).age() - school.ages.0;
        let names = ["一", "二", "三", "四", "五", "六"];
        match property {
            "grade" => format!("{}年级", names[usize::try_from(grade).unwrap_or(0) % names.len()]),
            "class" => format!("{}班", mix(u64::from(number)) % 8 + 1),
            "date" => format!("{}-09", 2026 - grade),
            _ => String::new(),
        }
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
        let (world, model) = (World::build(3_000, 2, Material::embedded().unwrap()), Model::embedded().unwrap());
        let things = (0..200).flat_map(|number| {
            [
                Thing::Resident(number),
                Thing::Dwelling(number),
                Thing::Household(number),
                Thing::Vehicle(number),
                Thing::Marriage(number),
                Thing::Enrolment(number),
            ]
        });
        let few = [
            Thing::Society(1),
            Thing::Enterprise(1),
            Thing::School(1),
            Thing::Grid(1),
            Thing::Community(1),
            Thing::Division("990101".to_owned()),
            Thing::Registration(TODAY, "户口迁出"),
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
        let world = World::build(3_000, 2, Material::embedded().unwrap());
        let (household, day) = world.people.households.iter().find_map(|household| Some((household, household.moved?.1))).unwrap();
        let address = |on| world.say(&Thing::Resident(household.head), "live_address", on);
        assert_ne!(address(day.plus(-1)), address(day));
        assert_eq!(address(day), address(TODAY));
    }
}
