//! A disk that fails, a machine that stops: a load is disturbed at one call after another by which it changes the hub, and nothing may be
//! lost, nothing be there twice, nothing be half there. What random moments find is in `crash`; `cargo bench --bench faults` tries more points.

mod confirmed;
pub(crate) mod disk;
mod handed_in;
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
    holds_at(&FILES.refresh(&DISK), &KINDS[..7], 21);
}

#[test]
fn a_file_in_a_watched_folder_is_loaded_once_and_keeps_its_receipt_whenever_the_program_ends() {
    // Whose reader is killed is told that the file could not be read, and lies where refused files do.
    holds_at(&FILES.watched(&DISK), &KINDS[..7], 42);
}

#[test]
fn what_is_decided_stands_once_whenever_the_program_ends() {
    holds_at(&FILES.decided(&DISK), &KINDS[..7], 28);
}

#[test]
fn a_file_that_is_handed_in_is_loaded_once_whenever_the_server_ends() {
    let kinds = [Kind::Kill, Kind::Torn, Kind::Power, Kind::Hollow];
    let points = handed_in::scenario(&DISK, &FILES).try_points(&kinds, 24);
    assert!(points.len() == 24);
}

#[test]
fn a_mapping_that_is_confirmed_becomes_a_department_file_whole_or_not_at_all_whenever_the_server_ends() {
    let kinds = [Kind::Kill, Kind::Torn, Kind::Power, Kind::Hollow];
    let points = confirmed::scenario(&DISK, &FILES).try_points(&kinds, 24);
    assert!(points.len() == 24);
}
