//! The bytes of a part as UTF-8. Nearly every part is; XML also allows UTF-16, in which spreadsheet programs of telephones wrote theirs.

use crate::decode::Decoded;
use encoding_rs::{Encoding, UTF_16BE, UTF_16LE};
use std::io::{self, Chain, Cursor, Read};

/// A source whose first bytes have been looked at.
type Looked<R> = Chain<Cursor<Vec<u8>>, R>;

/// The bytes, from whatever is in it on the first read.
pub(super) enum Utf8<R> {
    New(R),
    Plain(Looked<R>),
    /// Its text, and how much of the present piece has been handed out.
    Wide(Box<Decoded<Looked<R>>>, String, usize),
    /// Its first bytes could not be read.
    Broken,
}

impl<R: Read> Utf8<R> {
    fn look(source: R) -> io::Result<Utf8<R>> {
        let (mut head, mut source) = (Vec::new(), source);
        source.by_ref().take(2).read_to_end(&mut head)?;
        let encoding = wide(&head);
        let looked = Cursor::new(head).chain(source);
        Ok(match encoding {
            Some(encoding) => Utf8::Wide(Box::new(Decoded::new(looked, encoding)), String::new(), 0),
            None => Utf8::Plain(looked),
        })
    }
}

/// UTF-16 by its mark, or by how XML begins.
fn wide(head: &[u8]) -> Option<&'static Encoding> {
    match head {
        [0xff, 0xfe] | [b'<', 0] => Some(UTF_16LE),
        [0xfe, 0xff] | [0, b'<'] => Some(UTF_16BE),
        _ => None,
    }
}

impl<R: Read> Read for Utf8<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if let Utf8::New(_) = self
            && let Utf8::New(source) = std::mem::replace(self, Utf8::Broken)
        {
            *self = Utf8::look(source)?;
        }
        match self {
            Utf8::Plain(source) => source.read(out),
            Utf8::Wide(decoded, piece, at) => {
                while *at == piece.len() {
                    *at = 0;
                    if !decoded.next(piece)? {
                        return Ok(0);
                    }
                }
                let count = (&piece.as_bytes()[*at..]).read(out)?;
                *at += count;
                Ok(count)
            }
            Utf8::New(_) | Utf8::Broken => Err(io::ErrorKind::InvalidData.into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::encode;

    #[test]
    fn a_part_is_utf_8_whatever_it_is_written_in() {
        let text = format!("<?xml version=\"1.0\"?><t>{}</t>", "王小明𬭎".repeat(20_000));
        let read = |bytes: &[u8]| io::read_to_string(Utf8::New(bytes)).unwrap();
        assert_eq!(read(text.as_bytes()), text);
        for encoding in [UTF_16LE, UTF_16BE] {
            assert_eq!(read(&encode(&text, encoding)), text);
            assert_eq!(read(&encode(&format!("\u{feff}{text}"), encoding)), text);
        }
        assert_eq!((read(b""), read(b"<")), (String::new(), "<".to_owned()));
    }
}
