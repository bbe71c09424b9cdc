//! The mapping of an upload that no department describes: whose words it is, how far it is, and what the file would be by it. It lies with the
//! upload and goes with it. Nothing is read by it but that file, and that only to say how, until somebody other than its author confirms it;
//! then it is a department file like any other (`definitions::confirmed`).

use super::{Untaken, Upload, Uploads, look::Looked};
use crate::{
    Error,
    account::put,
    clock,
    definitions::confirmed::{BYTES, digest},
    output::one_line,
};
use serde::{Deserialize, Serialize};
use std::{fs, path::PathBuf, sync::Arc};
use wuwei_schema::SourceFile;

/// A mapping that was handed over or proposed.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Proposal {
    /// The department's code and the name of the extract; empty while they are left open.
    pub(crate) code: String,
    pub(crate) extract: String,
    /// Whose words it is.
    pub(crate) author: String,
    /// When it was written, RFC 3339.
    pub(crate) made: String,
    /// SHA-256 of its text, in hexadecimal digits.
    pub(crate) digest: String,
    pub(crate) state: Stands,
    /// What the file is by it, once it was read so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) read: Option<Counts>,
    /// Who confirmed or refused it, and why it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    by: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Stands {
    /// Somebody has to settle what it leaves open.
    Open,
    /// It is complete, and waits for somebody else.
    Proposed,
    Confirmed,
    Refused,
}

/// Rows of the file: read = accepted + rejected + skipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Counts {
    pub(crate) read: u64,
    pub(crate) accepted: u64,
    pub(crate) rejected: u64,
    pub(crate) skipped: u64,
}

/// An upload whose mapping waits, for whoever may confirm one.
#[derive(Debug, Serialize)]
pub(crate) struct Waiting {
    upload: String,
    /// What its owner calls the file, and who that is.
    name: String,
    owner: String,
    mapping: Proposal,
}

/// Why a mapping is not taken, or not confirmed: whoever wrote it, or whoever would confirm it.
#[derive(Debug, thiserror::Error)]
pub enum Unsettled {
    /// There is none.
    #[error("the file has no mapping that waits; hint: propose one first")]
    None,
    /// Its author would confirm it.
    #[error("whoever wrote a mapping does not confirm it; hint: somebody else who may has to read it")]
    Own,
    /// It is not complete.
    #[error("the mapping leaves something open; hint: settle what says TODO and propose it")]
    Open,
    /// The file was not read by it, or no row would be taken.
    #[error(
        "the file was not read by this mapping, or none of its rows would be accepted; hint: wait until it was read, and see what was refused"
    )]
    Unread,
    /// It is not the text that was read.
    #[error("the mapping has changed since; hint: look at it again")]
    Changed,
    /// It is for another department than the file.
    #[error("the mapping is of another department than the file is handed in for; hint: give it the code `{0}`")]
    Department(String),
    /// Codes or names that cannot be any.
    #[error(
        "a mapping is of one department and one extract; hint: give both a code of small letters, digits and `_`, a letter first, 32 at most"
    )]
    Name,
    /// Too long a text.
    #[error("the mapping is too long; hint: {} KiB are the most", BYTES >> 10)]
    Long,
    /// It does not do what every department file must.
    #[error("the mapping does not hold: {0}; hint: map the column otherwise, or leave it out with a reason")]
    Unfit(String),
    /// A reason that is none.
    #[error("a mapping is refused with a reason; hint: one line of at most 300 characters, for whoever wrote it")]
    Reason,
}

impl Unsettled {
    /// Of what kind it is, in a word that stays.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Unsettled::None => "mapping-none",
            Unsettled::Own => "mapping-own",
            Unsettled::Open => "mapping-open",
            Unsettled::Unread => "mapping-unread",
            Unsettled::Changed => "mapping-changed",
            Unsettled::Department(_) => "mapping-department",
            Unsettled::Name => "mapping-name",
            Unsettled::Long => "mapping-long",
            Unsettled::Unfit(_) => "mapping-unfit",
            Unsettled::Reason => "mapping-reason",
        }
    }
}

const TEXT: &str = "mapping.toml";

impl Uploads {
    /// Those whose mapping waits, the oldest first.
    ///
    /// # Errors
    /// Their folder cannot be read.
    pub(crate) fn waiting(&self) -> Result<Vec<Waiting>, Error> {
        self.is_alone()?;
        let waits = |upload: &Arc<Upload>| {
            let mapping = upload.proposal().filter(|proposal| matches!(proposal.state, Stands::Open | Stands::Proposed))?;
            Some(upload.with(|record| Waiting {
                upload: record.id.clone(),
                name: record.name.clone(),
                owner: record.owner.clone(),
                mapping,
            }))
        };
        let mut waiting: Vec<Waiting> = self.locked().values().filter_map(waits).collect();
        waiting.sort_by(|left, right| (&left.mapping.made, &left.upload).cmp(&(&right.mapping.made, &right.upload)));
        Ok(waiting)
    }

    /// The one of that number, whosever it is, if a mapping of it was handed over: that is for others to see.
    ///
    /// # Errors
    /// Their folder cannot be read.
    pub(crate) fn handed_over(&self, id: &str) -> Result<Option<Arc<Upload>>, Error> {
        self.is_alone()?;
        Ok(self.locked().get(id).filter(|upload| upload.proposal().is_some()).cloned())
    }
}

impl Upload {
    /// The account whose it is.
    pub(crate) fn owner(&self) -> String {
        self.with(|record| record.owner.clone())
    }

    /// Its mapping, if one was handed over.
    pub(crate) fn proposal(&self) -> Option<Proposal> {
        self.with(|record| record.mapping.clone())
    }

    /// The mapping's text.
    ///
    /// # Errors
    /// There is none, or it is not the one that the record speaks of.
    pub(crate) fn mapping_text(&self) -> Result<String, Error> {
        let proposal = self.proposal().ok_or(Unsettled::None)?;
        let path = self.mapping_path();
        let text = fs::read_to_string(&path).map_err(Error::file("reading", &path))?;
        if digest(&text) == proposal.digest { Ok(text) } else { Err(Unsettled::Changed.into()) }
    }

    /// Where its text lies.
    pub(super) fn mapping_path(&self) -> PathBuf {
        self.folder.join(TEXT)
    }

    /// Keeps a mapping, in the place of the one before: a complete one of that code and extract, or one that leaves something open.
    ///
    /// # Errors
    /// Something is being done with the file, it is not there whole, or the text is too long or cannot be written.
    pub(crate) fn propose(&self, author: &str, of: Option<(String, String)>, text: &str) -> Result<String, Error> {
        if text.len() as u64 > BYTES {
            return Err(Unsettled::Long.into());
        }
        self.check_whole()?;
        if self.live().is_some() {
            return Err(Untaken::Busy.into());
        }
        let path = self.mapping_path();
        put(&path, text.as_bytes()).map_err(Error::file("writing", &path))?;
        let state = if of.is_some() { Stands::Proposed } else { Stands::Open };
        let ((code, extract), digest) = (of.unwrap_or_default(), digest(text));
        let (author, made) = (author.to_owned(), clock::now());
        let proposal = Proposal { code, extract, author, made, digest: digest.clone(), state, read: None, by: None, reason: None };
        self.change(|record| record.mapping = Some(proposal))?;
        Ok(digest)
    }

    /// Writes down what the file is by the mapping of that digest.
    pub(super) fn read_by(&self, digest: &str, looked: &Looked) -> Result<(), Error> {
        let (proposal, counts) = (self.proposal(), self.proposal().and_then(|proposal| looked.counts(&proposal.extract)));
        if proposal.is_none_or(|proposal| proposal.digest != digest) {
            return Ok(());
        }
        self.change(|record| {
            if let Some(mapping) = &mut record.mapping {
                mapping.read = counts;
            }
        })
    }

    /// The department file that whoever may would confirm.
    ///
    /// # Errors
    /// It is theirs, is not complete, is not what they saw, or the file is not read by it.
    pub(crate) fn to_confirm(&self, who: &str, seen: &str) -> Result<(Proposal, SourceFile), Error> {
        let proposal = self.proposal().ok_or(Unsettled::None)?;
        match proposal.state {
            Stands::Open => return Err(Unsettled::Open.into()),
            Stands::Proposed => {}
            Stands::Confirmed | Stands::Refused => return Err(Unsettled::None.into()),
        }
        if proposal.author == who {
            return Err(Unsettled::Own.into());
        }
        if proposal.digest != seen {
            return Err(Unsettled::Changed.into());
        }
        if proposal.read.is_none_or(|read| read.accepted == 0) {
            return Err(Unsettled::Unread.into());
        }
        let file = SourceFile { name: file_name(&proposal.code, &proposal.extract), text: self.mapping_text()? };
        Ok((proposal, file))
    }

    /// Writes down who confirmed it, or refused it and why.
    ///
    /// # Errors
    /// None waits, the reason is none, or it cannot be written.
    pub(crate) fn settle(&self, digest: &str, who: &str, reason: Option<&str>) -> Result<(), Error> {
        let waits = |proposal: &Proposal| matches!(proposal.state, Stands::Open | Stands::Proposed);
        let proposal = self.proposal().filter(waits).ok_or(Unsettled::None)?;
        if proposal.digest != digest {
            return Err(Unsettled::Changed.into());
        }
        let reason = reason.map(|reason| one_line(reason.trim()));
        if reason.as_ref().is_some_and(|reason| reason.is_empty() || reason.chars().count() > 300) {
            return Err(Unsettled::Reason.into());
        }
        self.change(|record| {
            if let Some(mapping) = &mut record.mapping {
                mapping.state = if reason.is_some() { Stands::Refused } else { Stands::Confirmed };
                (mapping.by, mapping.reason) = (Some(who.to_owned()), reason);
            }
        })
    }
}

/// What a mapping of that department is called among its files.
pub(crate) fn file_name(code: &str, extract: &str) -> String {
    format!("{code}.{extract}.toml")
}
