//! The clock: the one place that asks what time it is. Everything below is told.

use chrono::{DateTime, Local, SecondsFormat, TimeDelta, Utc};

/// Now, to the second, as RFC 3339 in UTC.
pub(crate) fn now() -> String {
    Utc::now().to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// Today in UTC, ISO 8601.
pub(crate) fn today() -> String {
    Utc::now().format("%Y-%m-%d").to_string()
}

/// Now, as milliseconds since 1970-01-01 UTC.
pub(crate) fn now_ms() -> i64 {
    Utc::now().timestamp_millis()
}

/// The day on which the clock of every place has come to: tomorrow, in UTC, ISO 8601.
pub(crate) fn last_day() -> String {
    (Utc::now() + TimeDelta::days(1)).format("%Y-%m-%d").to_string()
}

/// The date of a time in milliseconds since 1970-01-01 UTC, ISO 8601; empty beyond the calendar.
pub(crate) fn date(at_ms: i64) -> String {
    DateTime::from_timestamp_millis(at_ms).map(|time| time.format("%Y-%m-%d").to_string()).unwrap_or_default()
}

/// A time in milliseconds since 1970-01-01 UTC, to the second, as RFC 3339; empty beyond the calendar.
pub(crate) fn time(at_ms: i64) -> String {
    DateTime::from_timestamp_millis(at_ms).map(|time| time.to_rfc3339_opts(SecondsFormat::Secs, true)).unwrap_or_default()
}

/// A time where the program runs; none beyond the calendar.
pub(crate) fn local_time(at_ms: i64) -> Option<DateTime<Local>> {
    DateTime::from_timestamp_millis(at_ms).map(|time| time.with_timezone(&Local))
}

/// A time as RFC 3339, to the minute, where the program runs; the text itself when it is none.
pub(crate) fn local(text: &str) -> String {
    let Ok(time) = DateTime::parse_from_rfc3339(text) else { return text.to_owned() };
    time.with_timezone(&Local).format("%Y-%m-%d %H:%M").to_string()
}

/// An ISO 8601 date, possibly of reduced precision, as milliseconds since 1970-01-01 UTC; `None` when it is none.
pub(crate) fn date_ms(text: &str) -> Option<i64> {
    let full = match text.len() {
        4 => format!("{text}-01-01T00:00:00Z"),
        7 => format!("{text}-01T00:00:00Z"),
        10 => format!("{text}T00:00:00Z"),
        _ => text.to_owned(),
    };
    DateTime::parse_from_rfc3339(&full).ok().map(|time| time.timestamp_millis())
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_month_is_its_first_day() {
        assert_eq!(super::date_ms("1970-01"), Some(0));
        assert_eq!(super::date_ms("1970-01-02"), Some(86_400_000));
        assert_eq!(super::date_ms("spring"), None);
    }
}
