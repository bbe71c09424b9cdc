//! What passes between two processes: a kind, a length, and so many bytes; texts are JSON. What kinds there are is their own matter.
//! Nothing received is believed: not a length, not a count.

use serde::{Serialize, de::DeserializeOwned};
use std::io::{self, Read, Write};

/// What a frame may hold, between two processes.
pub(crate) trait Kind: Copy + Eq + 'static {
    /// Every kind.
    const ALL: &'static [Self];
    /// By which it is told from others.
    fn byte(self) -> u8;
    /// Whether its text may be longer than [`MOST_TEXT`].
    fn is_long(self) -> bool;
}

/// The longest frame; chunks of rows stay far below.
pub(crate) const MOST: usize = 128 << 20;

/// The longest text of JSON that is taken.
const MOST_TEXT: usize = 1 << 20;

/// Bytes before the content: kind, three of nothing, length.
pub(crate) const HEAD: usize = 8;

/// A frame as received.
#[derive(Debug)]
pub(crate) struct Frame<K> {
    pub(crate) kind: K,
    bytes: Vec<u8>,
}

/// What does not fit in what was received: never a value.
pub(crate) type Misfit = &'static str;

impl<K: Kind> Frame<K> {
    /// The next frame; none at the end.
    ///
    /// # Errors
    /// The other side is gone in the midst of one, or sends what is none.
    pub(crate) fn read(input: &mut impl Read) -> io::Result<Option<Frame<K>>> {
        let mut head = Vec::with_capacity(HEAD);
        if input.take(HEAD as u64).read_to_end(&mut head)? == 0 {
            return Ok(None);
        }
        let kind = head.first().and_then(|byte| K::ALL.iter().copied().find(|kind| kind.byte() == *byte));
        let length = head.get(4..HEAD).and_then(number).filter(|length| *length <= MOST);
        let (Some(kind), Some(length)) = (kind, length) else { return Err(io::ErrorKind::InvalidData.into()) };
        let mut bytes = Vec::with_capacity(length);
        input.take(length as u64).read_to_end(&mut bytes)?;
        if bytes.len() == length { Ok(Some(Frame { kind, bytes })) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }

    /// What its JSON says.
    ///
    /// # Errors
    /// It says something else.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, Misfit> {
        if self.bytes.len() > MOST_TEXT && !self.kind.is_long() {
            return Err("a text that is too long");
        }
        serde_json::from_slice(&self.bytes).map_err(|_| "a text that says something else")
    }

    /// Its bytes, as they are.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The same, to be kept.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

/// Sends JSON.
///
/// # Errors
/// The other side is gone.
pub(crate) fn send(output: &mut impl Write, kind: impl Kind, what: &impl Serialize) -> io::Result<()> {
    send_bytes(output, kind, &serde_json::to_vec(what)?)
}

/// Sends bytes as they are.
///
/// # Errors
/// The other side is gone, or they are too many.
pub(crate) fn send_bytes(output: &mut impl Write, kind: impl Kind, bytes: &[u8]) -> io::Result<()> {
    head(output, kind, bytes.len())?;
    output.write_all(bytes)?;
    output.flush()
}

/// Begins a frame of so many bytes.
///
/// # Errors
/// The other side is gone, or they are too many.
pub(crate) fn head(output: &mut impl Write, kind: impl Kind, length: usize) -> io::Result<()> {
    if length > MOST {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    output.write_all(&[kind.byte(), 0, 0, 0])?;
    output.write_all(&length_bytes(length)?)
}

pub(crate) fn length_bytes(length: usize) -> io::Result<[u8; 4]> {
    Ok(u32::try_from(length).map_err(io::Error::other)?.to_le_bytes())
}

pub(crate) fn number(bytes: &[u8]) -> Option<usize> {
    Some(u32::from_le_bytes(bytes.try_into().ok()?) as usize)
}
