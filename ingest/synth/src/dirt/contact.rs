//! How phones and addresses go wrong.

use super::{Cell, Dirt};
use crate::{calendar::Day, material::Errors, random::Random};

#[derive(Clone, Copy)]
enum PhoneSlip {
    Missing,
    NumberCell,
    Relative,
    Prefixed,
    Two,
    Dummy,
    Float,
}

#[derive(Clone, Copy)]
enum AddressSlip {
    NoRoom,
    Short,
    OldName,
    NoCounty,
}

impl Dirt<'_> {
    pub(super) fn phone(&self, random: &mut Random, phone: String, number: u32, on: Day) -> Cell {
        let Errors { phone_missing, phone_number_cell, phone_of_relative, phone_prefixed, phone_two, phone_dummy, phone_float, .. } =
            *self.rates;
        let slips = [
            (phone_missing, "", PhoneSlip::Missing),
            (phone_number_cell, "", PhoneSlip::NumberCell),
            (phone_of_relative, "phone_shared", PhoneSlip::Relative),
            (phone_prefixed, "phone_prefix", PhoneSlip::Prefixed),
            (phone_two, "phone_multi", PhoneSlip::Two),
            (phone_dummy, "phone_dummy", PhoneSlip::Dummy),
            (phone_float, "phone_float", PhoneSlip::Float),
        ];
        let relative = self.world.relative(number).map(|relative| self.world.phone(relative, on));
        Cell::Text(match self.one_of(random, &slips) {
            None => phone,
            Some(PhoneSlip::Missing) => String::new(),
            Some(PhoneSlip::NumberCell) => return phone.parse().map_or(Cell::Text(phone), Cell::Number),
            Some(PhoneSlip::Relative) => relative.unwrap_or(phone),
            Some(PhoneSlip::Prefixed) => format!("{}{phone}", random.pick(&["+86", "86-"])),
            Some(PhoneSlip::Two) => relative.map_or(phone.clone(), |other| format!("{phone}/{other}")),
            Some(PhoneSlip::Dummy) => "11111111111".to_owned(),
            Some(PhoneSlip::Float) => format!("{phone}.0"),
        })
    }

    pub(super) fn address(&self, random: &mut Random, address: String) -> String {
        let Errors { address_no_room, address_short, address_old_name, address_no_county, .. } = *self.rates;
        let slips = [
            (address_no_room, "addr_noroom", AddressSlip::NoRoom),
            (address_short, "addr_forms", AddressSlip::Short),
            (address_old_name, "addr_oldname", AddressSlip::OldName),
            (address_no_county, "addr_prefix", AddressSlip::NoCounty),
        ];
        let places = &self.world.material.places;
        match self.one_of(random, &slips) {
            None => address,
            Some(AddressSlip::NoRoom) => without_room(address),
            Some(AddressSlip::Short) => address.replace('栋', "-").replace("单元", "-").replace('室', ""),
            Some(AddressSlip::OldName) => address.replacen(&places.county, &places.old_county, 1),
            Some(AddressSlip::NoCounty) => address.replacen(&places.county, "", 1),
        }
    }
}

/// A room in a block, without the room.
pub(super) fn without_room(address: String) -> String {
    const UNIT: &str = "单元";
    match address.find(UNIT) {
        Some(at) => address[..at + UNIT.len()].to_owned(),
        None => address,
    }
}
