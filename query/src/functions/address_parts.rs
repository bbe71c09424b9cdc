//! `address_parts`: an address taken apart.

use super::{Described, Gives, Kind, VALUE, canonical, kind};

pub(super) const FUNCTION: Described = Described {
    name: "address_parts",
    zh: "地址按所写拆成各层级的结构，字段为 province 至 room，没有写的为空",
    en: "An address taken apart as it is written: a struct from province to room, NULL in what is not written",
    arguments: &[VALUE],
    gives: Gives::Texts(
        || kind::address::levels().map(|(name, _)| name).collect(),
        |row, codes| {
            let address = canonical(&Kind::Address, row[0], codes).unwrap_or_default();
            kind::address::parts(&address).into_iter().map(|part| (!part.is_empty()).then(|| part.to_owned())).collect()
        },
    ),
    example: ("address_parts('云溪县城关镇人民路12号3栋2单元501室')['room']", "501室"),
};
