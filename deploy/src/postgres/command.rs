//! Statements about the connection, not about data: settings and transactions. A hub is only read, so a transaction is nothing but a word;
//! clients say it all the same, and are answered as PostgreSQL would. Everything else is for the door.

/// What a client wants of its connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Command {
    Set {
        name: String,
        value: String,
    },
    /// To what it was at the start; all, without a name.
    Reset(Option<String>),
    Show(String),
    /// The word that is answered.
    Begin(&'static str),
    Commit,
    Rollback,
    /// Forgets statements, and settings too when the word is `DISCARD ALL`.
    Discard,
    /// One prepared statement, or all.
    Deallocate(Option<String>),
    /// Nothing to be done, but to answer the word.
    Nothing(&'static str),
}

impl Command {
    /// What a text says; none when it is something else.
    pub(super) fn read(text: &str) -> Option<Command> {
        let words = words(text)?;
        let parts: Vec<&str> = words.iter().map(|word| word.plain.as_str()).collect();
        match parts.as_slice() {
            ["begin", rest @ ..] if is_mode(rest) => Some(Command::Begin("BEGIN")),
            ["start", "transaction", rest @ ..] if is_mode(rest) => Some(Command::Begin("START TRANSACTION")),
            ["commit" | "end"] | ["commit" | "end", "work" | "transaction"] => Some(Command::Commit),
            ["rollback" | "abort"] | ["rollback" | "abort", "work" | "transaction"] => Some(Command::Rollback),
            ["rollback", "to", ..] => Some(Command::Nothing("ROLLBACK")),
            ["savepoint", _] => Some(Command::Nothing("SAVEPOINT")),
            ["release", _] | ["release", "savepoint", _] => Some(Command::Nothing("RELEASE")),
            ["discard", "all"] => Some(Command::Discard),
            ["deallocate", "all"] | ["deallocate", "prepare", "all"] => Some(Command::Deallocate(None)),
            ["deallocate", _] | ["deallocate", "prepare", _] => Some(Command::Deallocate(words.last().map(|word| word.spelled.clone()))),
            ["set", "transaction", rest @ ..] if is_mode(rest) => Some(Command::Nothing("SET")),
            ["set", "session", "characteristics", "as", "transaction", rest @ ..] if is_mode(rest) => Some(Command::Nothing("SET")),
            ["set", "session" | "local", rest @ ..] if rest.first() != Some(&"authorization") => set(&words[2..]),
            ["set", ..] => set(&words[1..]),
            ["reset", "all"] => Some(Command::Reset(None)),
            ["reset", name] => Some(Command::Reset(Some((*name).to_owned()))),
            ["show", "transaction", "isolation", "level"] => Some(Command::Show("transaction_isolation".to_owned())),
            ["show", "time", "zone"] => Some(Command::Show("timezone".to_owned())),
            ["show", name] => Some(Command::Show((*name).to_owned())),
            _ => None,
        }
    }

    /// What is answered when it is done.
    pub(super) fn tag(&self) -> &'static str {
        match self {
            Command::Set { .. } => "SET",
            Command::Reset(_) => "RESET",
            Command::Show(_) => "SHOW",
            Command::Begin(tag) | Command::Nothing(tag) => tag,
            Command::Commit => "COMMIT",
            Command::Rollback => "ROLLBACK",
            Command::Discard => "DISCARD ALL",
            Command::Deallocate(None) => "DEALLOCATE ALL",
            Command::Deallocate(Some(_)) => "DEALLOCATE",
        }
    }
}

/// `name = value`, `name TO value`, `TIME ZONE value`.
fn set(words: &[Word]) -> Option<Command> {
    let (name, values) = match words {
        [time, zone, values @ ..] if time.plain == "time" && zone.plain == "zone" => ("timezone".to_owned(), values),
        [name, to, values @ ..] if ["=", "to"].contains(&to.plain.as_str()) => (name.plain.clone(), values),
        _ => return None,
    };
    let value: Vec<&str> = values.iter().map(|word| word.spelled.as_str()).collect();
    let is_simple = !values.is_empty() && values.iter().all(|word| word.is_quoted || !["=", "(", ")"].contains(&word.plain.as_str()));
    is_simple.then(|| Command::Set { name, value: value.join(" ").replace(" ,", ",") })
}

/// Whether these are words of a transaction's mode.
fn is_mode(words: &[&str]) -> bool {
    const MODES: [&str; 16] = [
        "work",
        "transaction",
        "isolation",
        "level",
        "serializable",
        "repeatable",
        "read",
        "committed",
        "uncommitted",
        "only",
        "write",
        "not",
        "deferrable",
        ",",
        "all",
        "snapshot",
    ];
    words.iter().all(|word| MODES.contains(word))
}

/// A word of a statement: as it is spelled, and, where it is not quoted, in small letters.
#[derive(Debug)]
struct Word {
    spelled: String,
    plain: String,
    is_quoted: bool,
}

/// The words of one statement; none when there are several, or anything that no command has.
fn words(text: &str) -> Option<Vec<Word>> {
    let mut words = Vec::new();
    let mut rest = text.trim().trim_end_matches([';', ' ', '\n', '\t', '\r']);
    while let Some(first) = rest.chars().next() {
        let (word, after) = match first {
            _ if first.is_whitespace() => {
                rest = rest.trim_start();
                continue;
            }
            '\'' | '"' => quoted(rest, first)?,
            '=' | ',' | '(' | ')' => (plain(&rest[..1]), &rest[1..]),
            _ => {
                let is_part = |letter: char| letter.is_alphanumeric() || "_.-+/:".contains(letter);
                let end = rest.find(|letter: char| !is_part(letter)).unwrap_or(rest.len());
                // A comment, or what no command has.
                if end == 0 || rest.starts_with("--") || rest.starts_with("/*") {
                    return None;
                }
                (plain(&rest[..end]), &rest[end..])
            }
        };
        words.push(word);
        rest = after;
    }
    Some(words)
}

fn plain(text: &str) -> Word {
    Word { spelled: text.to_owned(), plain: text.to_lowercase(), is_quoted: false }
}

fn quoted(text: &str, quote: char) -> Option<(Word, &str)> {
    let mut spelled = String::new();
    let mut letters = text.char_indices().skip(1).peekable();
    while let Some((at, letter)) = letters.next() {
        if letter == quote && letters.next_if(|(_, next)| *next == quote).is_none() {
            return Some((Word { plain: spelled.clone(), spelled, is_quoted: true }, &text[at + 1..]));
        }
        spelled.push(letter);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(name: &str, value: &str) -> Option<Command> {
        Some(Command::Set { name: name.to_owned(), value: value.to_owned() })
    }

    #[test]
    fn commands_are_known_by_their_words() {
        for (text, command) in [
            ("SET wuwei.purpose = '低保核对'", set("wuwei.purpose", "低保核对")),
            ("set session DateStyle to ISO, MDY;", set("datestyle", "ISO, MDY")),
            ("SET TIME ZONE 'Asia/Shanghai'", set("timezone", "Asia/Shanghai")),
            ("SET application_name = 'it''s'", set("application_name", "it's")),
            ("BEGIN", Some(Command::Begin("BEGIN"))),
            ("BEGIN ISOLATION LEVEL READ COMMITTED, READ ONLY", Some(Command::Begin("BEGIN"))),
            ("start transaction read only", Some(Command::Begin("START TRANSACTION"))),
            ("COMMIT;", Some(Command::Commit)),
            ("rollback", Some(Command::Rollback)),
            ("SHOW TRANSACTION ISOLATION LEVEL", Some(Command::Show("transaction_isolation".to_owned()))),
            ("DISCARD ALL", Some(Command::Discard)),
            ("DEALLOCATE \"_pg3_0\"", Some(Command::Deallocate(Some("_pg3_0".to_owned())))),
            ("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY", Some(Command::Nothing("SET"))),
        ] {
            assert_eq!(Command::read(text), command, "{text}");
        }
        for other in [
            "SELECT 1",
            "BEGIN; DROP TABLE record.person",
            "SET ROLE admin",
            "SET SESSION AUTHORIZATION admin",
            "SET a = (SELECT 1)",
            "COPY record.person TO STDOUT",
            "PREPARE p AS SELECT 1",
            "EXECUTE p",
            "DECLARE c CURSOR FOR SELECT 1",
            "FETCH ALL FROM c",
            "SET a = 'x",
            "RESET",
            "",
        ] {
            assert_eq!(Command::read(other), None, "{other}");
        }
    }
}
