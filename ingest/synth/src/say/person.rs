//! What is true of somebody: what they are called, numbered, where they live and what they do.

use crate::{calendar::Day, random::mix, world::World};

impl World {
    pub(super) fn say_of_resident(&self, number: u32, property: &str, on: Day) -> String {
        let resident = self.resident(number);
        match property {
            "id_no" => self.id(number),
            "permit_no" => self.permit(number, on).unwrap_or_default(),
            "student_no" => format!("G{}", self.id(number)),
            "name" => self.name(number),
            "former_name" => self.former_name(number).unwrap_or_default(),
            "sex" => if resident.is_male { "1" } else { "2" }.to_owned(),
            "birth_date" => resident.birth.to_string(),
            "ethnicity" => self.ethnicity(resident.ethnicity).to_owned(),
            "education" => code(resident.education),
            "marital" => code(self.marital(number, on)),
            "phone" => self.phone(number, on),
            "registered_address" => self.registered_address(number),
            "live_address" => self.live_address(number, on),
            "employer" => self.employer(number, on).map(|employer| self.enterprise(employer).name).unwrap_or_default(),
            "occupation" => self.occupation(number, on),
            "death_date" if resident.death <= on => resident.death.to_string(),
            "nationality" => "中国".to_owned(),
            "household_relation" => code(resident.relation),
            _ => String::new(),
        }
    }

    /// Code of GB/T 3304.
    fn ethnicity(&self, place: u8) -> &str {
        let others = &self.material.population.ethnicities;
        usize::from(place).checked_sub(1).and_then(|at| others.get(at)).map_or("01", |(code, _)| code)
    }

    /// Before a marriage that the county knows of, nobody was married.
    fn marital(&self, number: u32, on: Day) -> u8 {
        let resident = self.resident(number);
        let husband = if resident.is_male { Some(number) } else { self.people.spouse(number) };
        match husband.and_then(|husband| self.marriage(husband)) {
            Some(marriage) if on < marriage.date => 10,
            _ => resident.marital,
        }
    }

    fn occupation(&self, number: u32, on: Day) -> String {
        let occupations = &self.material.places.occupations;
        match self.resident(number).age(on) {
            ..18 => "学生".to_owned(),
            18..60 => self.random("occupation", number).pick(occupations).clone(),
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
}

/// Two digits; of 0, nothing.
fn code(code: u8) -> String {
    if code == 0 { String::new() } else { format!("{code:02}") }
}
