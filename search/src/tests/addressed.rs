//! The promises of names that nobody is registered by: the surname behind the given name, or beside a title.

use super::{PEOPLE, asked, check, found, index};
use crate::Class;

#[test]
fn a_surname_that_stands_behind_is_near_and_one_with_a_title_is_that_surname() {
    use Class::{Turned, VariantPart};
    check(&[
        ("小明王", &[(1, Turned), (6, Turned)]),
        ("小明 單", &[(3, VariantPart)]),
        ("小明單", &[(3, Turned)]),
        ("明月欧阳", &[(4, Turned)]),
        ("伟张", &[(9, Turned)]),
        ("吐尔逊·买买提", &[]),
    ]);
    let (_root, index) = index(PEOPLE);
    for (titled, bare) in [("王女士", "王"), ("欧阳老师", "欧阳"), ("小王", "王"), ("王小明先生", "王小明"), ("王先生 5678", "王 5678")]
    {
        assert_eq!(found(&index, titled), found(&index, bare), "{titled}");
        assert!(!found(&index, bare).is_empty() && asked(&index, titled).chips.iter().any(|chip| chip.meant == "title"), "{titled}");
    }
}
