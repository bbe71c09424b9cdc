//! A disk that fails, a machine that stops: a load is disturbed at one call after another by which it changes the hub, and nothing may be
//! lost, nothing be there twice, nothing be half there. What random moments find is in `crash`; `cargo bench --bench faults` tries more points.

pub(crate) mod disk;
pub(crate) mod scenario;
pub(crate) mod scenarios;

use disk::{Disk, Kind};
use scenario::Scenario;
use scenarios::Files;
use std::sync::LazyLock;

static DISK: LazyLock<Disk> = LazyLock::new(Disk::new);
static FILES: LazyLock<Files> = LazyLock::new(Files::new);

const KINDS: [Kind; 8] = [Kind::Kill, Kind::Torn, Kind::Full, Kind::Broken, Kind::Sealed, Kind::Power, Kind::Hollow, Kind::Reader];

fn holds_at(scenario: &Scenario<'_>, kinds: &[Kind], count: usize) {
    let points = scenario.try_points(kinds, count);
    assert_eq!(points.len(), count, "it makes too few calls for so many points");
    for kind in kinds {
        assert!(points.iter().any(|point| point.kind == *kind), "{kind:?} was never tried");
    }
    scenario.try_end_and_clock().unwrap();
}

#[test]
fn the_first_load_of_a_hub_may_be_disturbed_at_any_moment() {
    holds_at(&FILES.first_load(&DISK), &KINDS, 56);
}

#[test]
fn a_delivery_that_replaces_rows_may_be_disturbed_at_any_moment() {
    holds_at(&FILES.second_delivery(&DISK), &KINDS, 56);
}

#[test]
fn the_stages_after_it_may_be_disturbed_at_any_moment() {
    // They read no file of others.
    holds_at(&FILES.refresh(&DISK), &KINDS[..7], 14);
}
