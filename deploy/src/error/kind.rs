//! Of what kind the refusal of a file is, in a word that stays: by it whoever handed the file in is told in their own language what is wrong and what
//! to do (`refusal.file-…` in `deploy/console/locale/`). What in particular is wrong stays in the error's own words.

/// One of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// What its reader found, one of [`wuwei_ingest::ERROR_KINDS`].
    Read(&'static str),
    /// Its reader needed more memory than it may have.
    Memory,
    /// Its reader needed more time of the processor than it may have.
    Time,
    /// Its reader said nothing for too long.
    Silence,
    /// Its reader broke, or said what no reader says.
    Broken,
    /// Its reader was ended from outside.
    Ended,
    /// More is held of its extract than it can be held against.
    Held,
    /// The same file as another part of its delivery.
    PartTwice,
    /// A part of another extract than the other parts.
    PartOther,
    /// A part beside one that was refused.
    PartRefused,
    /// A part of a delivery whose last one is no file of rows.
    PartOpen,
    /// A full delivery that lacks much of what is held.
    Shrunk,
    /// A full delivery older than what is held.
    Late,
    /// Mended rows of a delivery after which a whole one came.
    LateRepair,
    /// A file without a row.
    NoRows,
    /// Mended rows that were refused in another hub.
    Origin,
}

impl Kind {
    /// Those that its reader does not find.
    const OWN: [Kind; 15] = [
        Kind::Memory,
        Kind::Time,
        Kind::Silence,
        Kind::Broken,
        Kind::Ended,
        Kind::Held,
        Kind::PartTwice,
        Kind::PartOther,
        Kind::PartRefused,
        Kind::PartOpen,
        Kind::Shrunk,
        Kind::Late,
        Kind::LateRepair,
        Kind::NoRows,
        Kind::Origin,
    ];

    /// All of them.
    pub(crate) fn all() -> impl Iterator<Item = Kind> {
        wuwei_ingest::ERROR_KINDS.into_iter().map(Kind::Read).chain(Kind::OWN)
    }

    /// The kind of that name. What another process says, or an old line, is believed only if it is one.
    pub(crate) fn named(name: &str) -> Option<Kind> {
        Kind::all().find(|kind| kind.name() == name)
    }

    /// The key of its words among those of refusals.
    pub(crate) fn key(self) -> String {
        format!("file-{}", self.name())
    }

    /// Its name, which never changes.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Kind::Read(found) => found,
            Kind::Memory => "memory",
            Kind::Time => "time",
            Kind::Silence => "silence",
            Kind::Broken => "broken",
            Kind::Ended => "ended",
            Kind::Held => "held",
            Kind::PartTwice => "part-twice",
            Kind::PartOther => "part-other",
            Kind::PartRefused => "part-refused",
            Kind::PartOpen => "part-open",
            Kind::Shrunk => "shrunk",
            Kind::Late => "late",
            Kind::LateRepair => "late-repair",
            Kind::NoRows => "no-rows",
            Kind::Origin => "origin",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_found_by_its_name() {
        assert!(Kind::all().all(|kind| Kind::named(kind.name()) == Some(kind)));
        let own = include_str!("kind.rs").split("fn name(self)").nth(1).and_then(|rest| rest.split("\n    }\n").next()).unwrap();
        let named: Vec<&str> = own.split("=> \"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        assert_eq!(named, Kind::OWN.map(Kind::name), "none is left out of the list");
        assert_eq!(Kind::named("somebody's name"), None);
    }
}
