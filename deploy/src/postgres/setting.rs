//! Settings of a connection. Those that clients send by habit are taken where they change nothing here, and refused where they would; the
//! purpose is one of them.

use super::refusal::Refusal;
use std::{collections::BTreeMap, time::Duration};

/// The setting that says what answers are needed for.
pub(super) const PURPOSE: &str = "wuwei.purpose";
/// What is told as the server's version; catalogue and protocol are those of this one.
const SERVER_VERSION: &str = "15.0";

/// How a setting may be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// To anything: it changes nothing.
    Any,
    /// To what it is, in one of these spellings, in small letters.
    Only(&'static [&'static str]),
    /// To fewer milliseconds than are allowed.
    Time,
    /// Not at all.
    Fixed,
}

/// Name, value at the start, whether clients are told of it, how it may be set.
const KNOWN: [(&str, &str, bool, Kind); 30] = [
    (PURPOSE, "", false, Kind::Any),
    ("application_name", "", true, Kind::Any),
    ("bytea_output", "hex", false, Kind::Only(&["hex"])),
    ("client_encoding", "UTF8", true, Kind::Only(&["utf8", "utf-8", "unicode"])),
    ("client_min_messages", "notice", false, Kind::Any),
    ("datestyle", "ISO, MDY", true, Kind::Only(&["iso", "iso, mdy", "iso, dmy", "iso, ymd", "iso,mdy"])),
    ("default_transaction_isolation", "read committed", false, Kind::Any),
    ("default_transaction_read_only", "on", true, Kind::Any),
    ("enable_nestloop", "on", false, Kind::Any),
    ("extra_float_digits", "1", false, Kind::Any),
    ("geqo", "on", false, Kind::Any),
    ("idle_in_transaction_session_timeout", "0", false, Kind::Any),
    ("in_hot_standby", "off", true, Kind::Fixed),
    ("integer_datetimes", "on", true, Kind::Fixed),
    ("intervalstyle", "postgres", true, Kind::Only(&["postgres"])),
    ("is_superuser", "off", true, Kind::Fixed),
    ("jit", "off", false, Kind::Any),
    ("lc_messages", "C", false, Kind::Any),
    ("lock_timeout", "0", false, Kind::Any),
    ("max_identifier_length", "63", false, Kind::Fixed),
    ("max_index_keys", "32", false, Kind::Fixed),
    ("row_security", "on", false, Kind::Only(&["on"])),
    ("search_path", "public", false, Kind::Any),
    ("server_encoding", "UTF8", true, Kind::Fixed),
    ("server_version", SERVER_VERSION, true, Kind::Fixed),
    ("server_version_num", "150000", false, Kind::Fixed),
    ("standard_conforming_strings", "on", true, Kind::Only(&["on", "true", "1"])),
    ("statement_timeout", "0", false, Kind::Time),
    ("timezone", "UTC", true, Kind::Any),
    ("transaction_isolation", "read committed", false, Kind::Any),
];

/// Settings as they stand.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    values: BTreeMap<&'static str, String>,
    /// Milliseconds that a question may take by the server's own limit.
    most_ms: u128,
}

impl Settings {
    pub(super) fn new(account: &str, limit: Duration) -> Settings {
        let mut values: BTreeMap<&'static str, String> = KNOWN.iter().map(|(name, value, ..)| (*name, (*value).to_owned())).collect();
        values.insert("session_authorization", account.to_owned());
        Settings { values, most_ms: limit.as_millis() }
    }

    /// How it stands.
    ///
    /// # Errors
    /// There is no such setting.
    pub(super) fn get(&self, name: &str) -> Result<&str, Refusal> {
        self.values.get(name.to_ascii_lowercase().as_str()).map(String::as_str).ok_or_else(|| unknown(name))
    }

    /// Sets it. Whether a purpose may be stated is not known here.
    ///
    /// # Errors
    /// There is no such setting, or it cannot be that.
    pub(super) fn set(&mut self, name: &str, value: &str) -> Result<&'static str, Refusal> {
        let lower = name.to_ascii_lowercase();
        let (name, .., kind) = KNOWN.iter().find(|(known, ..)| *known == lower).ok_or_else(|| unknown(name))?;
        let fits = match kind {
            Kind::Any => !value.contains('\0') && value.len() <= 1_000,
            Kind::Only(spellings) => spellings.contains(&value.to_ascii_lowercase().as_str()),
            Kind::Time => milliseconds(value).is_some_and(|time| time <= self.most_ms),
            Kind::Fixed => false,
        };
        if !fits {
            let now = self.values.get(name).map_or("", String::as_str);
            let hint = match kind {
                Kind::Time => format!("{} milliseconds are the most; `serve --seconds` says it", self.most_ms),
                _ => format!("it stays `{now}`"),
            };
            return Err(Refusal::new("22023", format!("`{name}` cannot be set to this"), &hint));
        }
        // A style is always this one, whatever its order of day and month.
        if !matches!(kind, Kind::Only(_)) {
            self.values.insert(name, value.to_owned());
        }
        Ok(name)
    }

    /// How long a question may take, when its client wants less than the server allows.
    pub(super) fn timeout(&self) -> Option<Duration> {
        let time = self.get("statement_timeout").ok().and_then(milliseconds).filter(|time| *time > 0)?;
        Some(Duration::from_millis(u64::try_from(time).unwrap_or(u64::MAX)))
    }

    /// The settings that clients are told of, as they spell them.
    pub(super) fn told(&self) -> Vec<(&str, &str)> {
        let spelled = |name: &'static str| match name {
            "datestyle" => "DateStyle",
            "intervalstyle" => "IntervalStyle",
            "timezone" => "TimeZone",
            other => other,
        };
        let told = KNOWN.iter().filter(|(_, _, told, _)| *told);
        told.filter_map(|(name, ..)| Some((spelled(name), self.values.get(name)?.as_str()))).collect()
    }

    /// All of them, for `current_setting`.
    pub(super) fn all(&self) -> BTreeMap<String, String> {
        self.values.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
    }
}

/// `-c name=value`, `--name=value` of the start-up's `options`, where a backslash keeps a space (PostgreSQL 15, "The Startup Message").
pub(super) fn options(text: &str) -> Option<Vec<(String, String)>> {
    let mut words = vec![String::new()];
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => words.last_mut()?.push(letters.next()?),
            letter if letter.is_whitespace() => words.push(String::new()),
            letter => words.last_mut()?.push(letter),
        }
    }
    let mut options = Vec::new();
    let mut words = words.into_iter().filter(|word| !word.is_empty());
    while let Some(word) = words.next() {
        let option = match word.strip_prefix("--").or_else(|| word.strip_prefix("-c").filter(|rest| !rest.is_empty())) {
            Some(option) => option.to_owned(),
            None if word == "-c" => words.next()?,
            None => return None,
        };
        let (name, value) = option.split_once('=')?;
        options.push((name.replace('-', "_"), value.to_owned()));
    }
    Some(options)
}

fn unknown(name: &str) -> Refusal {
    // What is no plain name may be anything.
    let plain = name.len() <= 64 && name.chars().all(|letter| letter.is_ascii_alphanumeric() || "_.".contains(letter));
    let name = if plain { name } else { "…" };
    Refusal::new("42704", format!("there is no setting `{name}`"), "wuwei.purpose says what answers are needed for")
}

fn milliseconds(text: &str) -> Option<u128> {
    let text = text.trim().to_ascii_lowercase();
    let end = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    let unit = match text[end..].trim() {
        "" | "ms" => 1,
        "s" => 1_000,
        "min" => 60_000,
        _ => return None,
    };
    text[..end].parse::<u64>().ok().map(|number| u128::from(number) * unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_nothing_is_taken_and_what_would_is_refused() {
        let mut settings = Settings::new("li", Duration::from_secs(120));
        for (name, value) in [
            ("client_encoding", "'UTF8'".trim_matches('\'')),
            ("DateStyle", "ISO"),
            ("extra_float_digits", "3"),
            ("TimeZone", "Asia/Shanghai"),
            ("search_path", "record"),
            ("statement_timeout", "5000"),
        ] {
            assert!(settings.set(name, value).is_ok(), "{name} {value}");
        }
        assert_eq!(settings.timeout(), Some(Duration::from_secs(5)));
        assert_eq!(settings.get("TimeZone").unwrap(), "Asia/Shanghai");
        assert!(settings.told().contains(&("TimeZone", "Asia/Shanghai")));
        for (name, value, state) in [
            ("client_encoding", "GBK", "22023"),
            ("DateStyle", "German", "22023"),
            ("statement_timeout", "1h", "22023"),
            ("statement_timeout", "200s", "22023"),
            ("is_superuser", "on", "22023"),
            ("datafusion.runtime.memory_limit", "9G", "42704"),
        ] {
            assert_eq!(settings.set(name, value).unwrap_err().state, state, "{name} {value}");
        }
    }

    #[test]
    fn options_of_the_start_are_read_as_libpq_writes_them() {
        let read = options("-c wuwei.purpose=低保\\ 核对 --statement-timeout=5s -cgeqo=off").unwrap();
        let of = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(read, [of("wuwei.purpose", "低保 核对"), of("statement_timeout", "5s"), of("geqo", "off")]);
        assert!(options("-x").is_none() && options("-c").is_none() && options("-c a").is_none());
        assert_eq!(options("").unwrap(), []);
    }
}
