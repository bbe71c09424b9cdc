//! Moments as programs write them, and the day that each is in Beijing: an evening in UTC is the next day there. Where nothing says the
//! zone, the clock on the wall is meant.

use super::{Part, Zero, read};
use wuwei_schema::kind::date;

/// A format that says a moment, not a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    /// Milliseconds since 1970-01-01 UTC, or seconds, which are a thousand times fewer.
    EpochMs,
    /// ISO 8601: day, time, and the zone or none.
    Iso8601,
}

/// China Standard Time, in minutes before UTC.
const BEIJING: i64 = 8 * 60;
const DAY: i64 = 24 * 60;
/// What spreadsheets number 1970-01-01.
const EPOCH: i64 = 25_569;
/// A smaller number is one of seconds: as milliseconds it would be within three years of 1970.
const LEAST_MS: u64 = 100_000_000_000;
/// And a still smaller one is no moment that anybody writes down: as seconds it would be as near.
const LEAST_S: u64 = LEAST_MS / 1000;

impl Moment {
    pub(super) fn read(self, text: &str) -> Option<String> {
        match self {
            Moment::EpochMs => {
                let text = text.strip_suffix(".0").unwrap_or(text);
                let moment: i64 = text.parse().ok().filter(|moment: &i64| moment.unsigned_abs() >= LEAST_S)?;
                day(moment.div_euclid(if moment.unsigned_abs() >= LEAST_MS { 60_000 } else { 60 }))
            }
            Moment::Iso8601 => read_iso(text),
        }
    }

    /// The beginning of the day of that serial number.
    pub(super) fn write(self, iso: &str, serial: u32) -> Option<String> {
        let text = match self {
            Moment::EpochMs => (((i64::from(serial) - EPOCH) * DAY - BEIJING) * 60_000).to_string(),
            Moment::Iso8601 => format!("{iso}T00:00:00+08:00"),
        };
        (self.read(&text).as_deref() == Some(iso)).then_some(text)
    }
}

/// The day in Beijing of a moment in minutes since 1970-01-01 UTC.
fn day(minutes: i64) -> Option<String> {
    let serial = (minutes + BEIJING).div_euclid(DAY) + EPOCH;
    // Before March 1900 spreadsheets count otherwise than the calendar.
    date::from_serial(u32::try_from(serial).ok().filter(|serial| *serial > 60)?)
}

fn read_iso(text: &str) -> Option<String> {
    let (day, time) = text.split_at_checked(10)?;
    let written = [Part::Year, Part::Literal('-'), Part::Month(Zero::Written), Part::Literal('-'), Part::Day(Zero::Written)];
    let iso = read(&written, day)?;
    let Some(time) = time.strip_prefix(['T', ' ']) else { return Some(iso).filter(|_| time.is_empty()) };
    let (clock, zone) = time.split_at(time.find(['Z', '+', '-']).unwrap_or(time.len()));
    let minutes = clock_minutes(clock.trim_end())?;
    if zone.is_empty() {
        return Some(iso);
    }
    self::day(days_since_1970(&iso)? * DAY + minutes - offset(zone)?)
}

/// `09:03`, `09:03:00` or `09:03:00.123`, in minutes.
fn clock_minutes(clock: &str) -> Option<i64> {
    let mut pieces = clock.split(':');
    let (hours, minutes) = (two_digits(pieces.next()?)?, two_digits(pieces.next()?)?);
    let seconds = pieces.next().is_none_or(|seconds| seconds.split('.').next().and_then(two_digits).is_some_and(|seconds| seconds <= 60));
    (hours < 24 && minutes < 60 && seconds && pieces.next().is_none()).then_some(hours * 60 + minutes)
}

/// `Z`, `+08:00`, `+0800` or `+08`, in minutes.
fn offset(zone: &str) -> Option<i64> {
    if zone == "Z" {
        return Some(0);
    }
    let sign = if zone.starts_with('-') { -1 } else { 1 };
    let digits = zone.get(1..)?.replace(':', "");
    let (hours, minutes) = digits.split_at_checked(2)?;
    Some(sign * (two_digits(hours)? * 60 + if minutes.is_empty() { 0 } else { two_digits(minutes)? }))
}

fn two_digits(text: &str) -> Option<i64> {
    let is_two = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_two { text.parse().ok() } else { None }
}

fn days_since_1970(iso: &str) -> Option<i64> {
    let mut numbers = iso.split('-').map(|piece| piece.parse::<u32>().ok());
    Some(i64::from(super::serial(numbers.next()??, numbers.next()??, numbers.next()??)?) - EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_of_the_day_that_it_is_in_beijing() {
        for (text, iso) in [
            ("2023-05-06T09:03:00+08:00", Some("2023-05-06")),
            ("2023-05-06T16:30:00Z", Some("2023-05-07")),
            ("2023-12-31T15:59:59.999Z", Some("2023-12-31")),
            ("2023-05-06T00:30:00+0900", Some("2023-05-05")),
            ("2023-05-06T23:30", Some("2023-05-06")),
            ("2023-05-06 23:30:00", Some("2023-05-06")),
            ("2023-05-06", Some("2023-05-06")),
            ("2023-02-30T09:03:00Z", None),
            ("2023-05-06T25:03:00Z", None),
            ("2023-05-06T9:3", None),
            ("2023-05-06T09:03:00+8", None),
            ("2023-05-06今天", None),
        ] {
            assert_eq!(Moment::Iso8601.read(text).as_deref(), iso, "{text}");
        }
        assert_eq!(Moment::EpochMs.read("1714953600000").as_deref(), Some("2024-05-06"));
        assert_eq!(Moment::EpochMs.read("1714924799999").as_deref(), Some("2024-05-05"));
    }

    #[test]
    fn seconds_are_known_by_their_size() {
        assert_eq!(Moment::EpochMs.read("1714953600").as_deref(), Some("2024-05-06"));
        assert_eq!((Moment::EpochMs.read("20240506"), Moment::EpochMs.read("2024-05-06")), (None, None));
    }
}
