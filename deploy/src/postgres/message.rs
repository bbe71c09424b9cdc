//! What a client sends, once it is known (PostgreSQL 15, "Message Formats"). A frame that is not what it says it is ends the connection.

use super::refusal::Refusal;

/// One message.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Message {
    Query(String),
    Parse {
        name: String,
        sql: String,
        /// Numbers of types, 0 where it is left to the server.
        types: Vec<u32>,
    },
    Bind(Bind),
    Describe(Which, String),
    Close(Which, String),
    Execute {
        portal: String,
        /// Rows at most; 0 for all.
        rows: u32,
    },
    Password(Vec<u8>),
    Sync,
    Flush,
    Terminate,
    /// Rows for a COPY that there never is.
    Copy,
}

/// Values for a statement's parameters, and the forms of its answer.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Bind {
    pub(super) portal: String,
    pub(super) statement: String,
    pub(super) formats: Vec<i16>,
    /// None is NULL.
    pub(super) values: Vec<Option<Vec<u8>>>,
    pub(super) results: Vec<i16>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    Statement,
    Portal,
}

impl Message {
    /// Reads the body of a frame of that kind.
    pub(super) fn read(kind: u8, body: &[u8]) -> Result<Message, Refusal> {
        let mut body = Body(body);
        let message = match kind {
            b'Q' => body.text().map(Message::Query),
            b'P' => body.parse(),
            b'B' => body.bind().map(Message::Bind),
            b'D' => body.named().map(|(which, name)| Message::Describe(which, name)),
            b'C' => body.named().map(|(which, name)| Message::Close(which, name)),
            b'E' => body.execute(),
            b'p' => return Ok(Message::Password(body.0.to_vec())),
            b'S' => Some(Message::Sync),
            b'H' => Some(Message::Flush),
            b'X' => Some(Message::Terminate),
            b'd' | b'c' | b'f' => return Ok(Message::Copy),
            _ => None,
        };
        message.filter(|_| body.0.is_empty()).ok_or_else(|| Refusal::protocol("a message is not what it says it is"))
    }

    /// Whether it belongs to the extended protocol, where an error holds until the next `Sync`.
    pub(super) fn is_extended(&self) -> bool {
        !matches!(self, Message::Query(_) | Message::Password(_) | Message::Terminate | Message::Copy)
    }
}

/// What is still to be read of a frame.
pub(super) struct Body<'a>(pub(super) &'a [u8]);

impl<'a> Body<'a> {
    pub(super) fn bytes(&mut self, count: usize) -> Option<&'a [u8]> {
        let (found, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(found)
    }

    pub(super) fn number<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.bytes(N)?.try_into().ok()
    }

    /// UTF-8 that a zero ends.
    pub(super) fn text(&mut self) -> Option<String> {
        let end = self.0.iter().position(|byte| *byte == 0)?;
        let text = self.bytes(end)?;
        self.bytes(1)?;
        std::str::from_utf8(text).ok().map(str::to_owned)
    }

    fn named(&mut self) -> Option<(Which, String)> {
        let which = match self.bytes(1)? {
            b"S" => Which::Statement,
            b"P" => Which::Portal,
            _ => return None,
        };
        Some((which, self.text()?))
    }

    fn parse(&mut self) -> Option<Message> {
        let (name, sql) = (self.text()?, self.text()?);
        let count = u16::from_be_bytes(self.number()?);
        let types = (0..count).map(|_| self.number().map(u32::from_be_bytes)).collect::<Option<_>>()?;
        Some(Message::Parse { name, sql, types })
    }

    fn codes(&mut self) -> Option<Vec<i16>> {
        let count = u16::from_be_bytes(self.number()?);
        (0..count).map(|_| self.number().map(i16::from_be_bytes)).collect()
    }

    fn bind(&mut self) -> Option<Bind> {
        let (portal, statement, formats) = (self.text()?, self.text()?, self.codes()?);
        let count = u16::from_be_bytes(self.number()?);
        let values = (0..count).map(|_| self.value()).collect::<Option<_>>()?;
        Some(Bind { portal, statement, formats, values, results: self.codes()? })
    }

    /// None is no value in the frame; a value that is none is NULL.
    fn value(&mut self) -> Option<Option<Vec<u8>>> {
        match i32::from_be_bytes(self.number()?) {
            -1 => Some(None),
            length => Some(Some(self.bytes(usize::try_from(length).ok()?)?.to_vec())),
        }
    }

    fn execute(&mut self) -> Option<Message> {
        let (portal, rows) = (self.text()?, i32::from_be_bytes(self.number()?));
        Some(Message::Execute { portal, rows: u32::try_from(rows).unwrap_or(0) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn messages_are_read_as_they_are_written() {
        assert_eq!(Message::read(b'Q', b"SELECT 1\0").unwrap(), Message::Query("SELECT 1".to_owned()));
        let parse = Message::Parse { name: "s".to_owned(), sql: "SELECT $1".to_owned(), types: vec![23] };
        assert_eq!(Message::read(b'P', b"s\0SELECT $1\0\0\x01\0\0\0\x17").unwrap(), parse);
        let bind = Message::read(b'B', b"\0s\0\0\x01\0\x01\0\x02\0\0\0\x01x\xff\xff\xff\xff\0\0").unwrap();
        let told = Bind { statement: "s".to_owned(), formats: vec![1], values: vec![Some(b"x".to_vec()), None], ..Bind::default() };
        assert_eq!(bind, Message::Bind(told));
        for (kind, wrong) in
            [(b'Q', &b"SELECT 1"[..]), (b'Q', b"\xff\0"), (b'B', b"\0\0\0\0\0\x01\x7f\xff\xff\xff"), (b'?', b""), (b'S', b"x")]
        {
            assert!(Message::read(kind, wrong).is_err(), "{wrong:?}");
        }
    }

    proptest! {
        #[test]
        fn no_frame_makes_it_stumble(kind: u8, body in proptest::collection::vec(any::<u8>(), 0..200)) {
            drop(Message::read(kind, &body));
        }
    }
}
