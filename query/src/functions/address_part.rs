//! `address_part`: one part of an address.

use super::{Argument, Described, Gives, Kind, Takes, VALUE, canonical, is_level, kind, level};

pub(super) const FUNCTION: Described = Described {
    name: "address_part",
    zh: "地址中的一个层级，按所写取出，不补不猜：province 省、city 市州、county 县区、township 乡镇街道、community 村社区、group 组、road 路街巷、number 门牌号、estate 小区、building 楼栋、unit 单元、floor 楼层、room 室；层级可用英文名或中文名；没有写的为空",
    en: "One part of an address as it is written, nothing filled in: province, city, county, township, community, group, road, number, estate, building, unit, floor, room, by its English or Chinese name; NULL where it is not written",
    arguments: &[VALUE, Argument { name: "level", takes: Takes::Word(is_level) }],
    gives: Gives::Text(|row, codes| {
        let address = canonical(&Kind::Address, row[0], codes)?;
        let part = kind::address::parts(&address).get(level(row[1])?).copied()?;
        (!part.is_empty()).then(|| part.to_owned())
    }),
    example: ("address_part('云溪县城关镇人民路12号3栋2单元501室', 'township')", "城关镇"),
};
