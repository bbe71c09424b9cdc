//! What can be wrong with a model file. All of it is for the engineer who wrote the file, so it names file and place.

/// A mistake in a model or code file.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file is not TOML, or has a key that means nothing: the engineer who wrote it. `detail` shows line and caret.
    #[error("model file `{file}` cannot be read: {detail}; hint: correct the line shown")]
    Syntax {
        /// The file's name.
        file: String,
        /// The parser's message, with line and caret.
        detail: String,
    },
    /// A name that is not defined: the engineer who wrote the file.
    #[error("model file `{file}` names the unknown {what} `{name}`; hint: {hint}")]
    Unknown {
        /// The file's name.
        file: String,
        /// What kind of name it should be.
        what: &'static str,
        /// The name given.
        name: String,
        /// The nearest known name, as a sentence.
        hint: String,
    },
    /// Two files, or two keys of a file, contradict each other: the engineer.
    #[error("model file `{file}` contradicts itself or another: {detail}; hint: keep one of the two")]
    Contradiction {
        /// The file's name.
        file: String,
        /// What contradicts what.
        detail: String,
    },
    /// A year of the calendar is not in order: the engineer.
    #[error("calendar `{file}` line {line}: {what}; hint: first line `# title; source`, then `date,kind,name` and one day a line")]
    Calendar {
        /// The file's name.
        file: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong there.
        what: String,
    },
    /// A code list is not a table of code and name: the engineer.
    #[error("code list `{file}`: {detail}; hint: first line `# title; standard`, then `code,name` and one code a line")]
    CodeList {
        /// The file's name.
        file: String,
        /// Which line, and what is wrong there.
        detail: String,
    },
}

/// The sentence "did you mean" for an unknown name: the nearest of the known ones, or all of them when none is near.
pub fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.collect();
    let best = known.iter().map(|candidate| (edits(name, candidate), *candidate)).min();
    match best {
        Some((distance, candidate)) if distance <= name.chars().count().div_ceil(2) => format!("did you mean `{candidate}`?"),
        _ => format!("known are {}", known.join(", ")),
    }
}

/// Levenshtein distance in characters; names are short, so one row of the table is enough.
fn edits(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in right.iter().enumerate() {
            let substituted = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_answered_with_the_name_meant() {
        assert_eq!(nearest("birth_data", ["name", "birth_date"].into_iter()), "did you mean `birth_date`?");
        assert_eq!(nearest("zzz", ["name", "phone"].into_iter()), "known are name, phone");
    }
}
