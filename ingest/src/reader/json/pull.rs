//! JSON piece by piece, as RFC 8259 states it and not a character more: a grammar with a stack of 128 bits, no recursion. Numbers and texts
//! are handed out as they are written; what they mean is not asked here.

use super::super::window::{Trouble, Window};
use memchr::memchr2;
use std::{io::Read, ops::Range};

/// Objects and arrays that may be open at a time.
const DEPTH_MAX: u32 = 128;

const COMMA: Trouble = Trouble::Wrong("a comma or the end of the list is expected here", "此处应为逗号或结束括号");
const COLON: Trouble = Trouble::Wrong("a colon is expected here", "名称之后应为冒号");
const NAME: Trouble = Trouble::Wrong("a name in quotes is expected here", "此处应为带引号的名称");
const VALUE: Trouble = Trouble::Wrong("a value is expected here", "此处应为一个值");
const NUMBER: Trouble = Trouble::Wrong("this is no number as JSON writes it", "数字的写法不正确");
const ESCAPE: Trouble = Trouble::Wrong("this is no escape as JSON writes it", "反斜杠之后的写法不正确");
const CONTROL: Trouble = Trouble::Wrong("a control character or line end stands inside a text", "文本中有未转义的控制字符或换行");
const MORE: Trouble = Trouble::Wrong("something follows after the end", "记录结束之后还有内容");
const DEEP: Trouble = Trouble::Limit("it is nested deeper than 128");

/// What comes next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Event {
    ObjectStart,
    ObjectEnd,
    ArrayStart,
    ArrayEnd,
    /// The name of a member; its value comes next.
    Name,
    Text,
    Number,
    /// `true` or `false`.
    Word,
    Null,
}

impl Event {
    /// Whether what it begins goes on until it is closed.
    pub(super) fn begins(self) -> bool {
        matches!(self, Event::ObjectStart | Event::ArrayStart)
    }
}

/// What the grammar allows next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expected {
    Value,
    FirstValue,
    FirstName,
    Next,
    End,
}

/// A text being taken apart.
#[derive(Debug)]
pub(super) struct Pull<R> {
    pub(super) window: Window<R>,
    /// A bit for each that is open, the innermost last; one for an object.
    open: u128,
    depth: u32,
    expected: Expected,
    value: Range<usize>,
    is_escaped: bool,
    unescaped: String,
    /// The last text holds half a surrogate pair, which stands for no character.
    pub(super) has_half: bool,
}

impl<R: Read> Pull<R> {
    pub(super) fn new(window: Window<R>) -> Pull<R> {
        let (expected, unescaped) = (Expected::Value, String::new());
        Pull { window, open: 0, depth: 0, expected, value: 0..0, is_escaped: false, unescaped, has_half: false }
    }

    /// A new text begins.
    pub(super) fn reset(&mut self) {
        (self.open, self.depth, self.expected) = (0, 0, Expected::Value);
    }

    /// The last text, name, number or word.
    #[inline]
    pub(super) fn text(&self) -> &str {
        if self.is_escaped { &self.unescaped } else { self.window.text(self.value.clone()) }
    }

    /// The next event; none at the end of a whole text.
    pub(super) fn next(&mut self) -> Result<Option<Event>, Trouble> {
        let byte = self.window.space()?;
        let Some(byte) = byte else {
            return if self.expected == Expected::End { Ok(None) } else { Err(Trouble::Cut) };
        };
        match (self.expected, byte) {
            (Expected::Value, _) => self.value(byte),
            (Expected::FirstValue, b']') | (Expected::FirstName, b'}') => self.close(byte),
            (Expected::FirstValue, _) => self.value(byte),
            (Expected::FirstName, _) => self.name(byte),
            (Expected::Next, b',') => {
                self.window.at += 1;
                let after = self.window.space()?.ok_or(Trouble::Cut)?;
                if self.is_object() { self.name(after) } else { self.value(after) }
            }
            (Expected::Next, b']' | b'}') => self.close(byte),
            (Expected::Next, _) => Err(COMMA),
            (Expected::End, _) => Err(MORE),
        }
        .map(Some)
    }

    /// Passes over what that event begins; what it holds is looked at all the same.
    pub(super) fn skip(&mut self, event: Event) -> Result<(), Trouble> {
        if event.begins() {
            let outside = self.depth - 1;
            while self.depth > outside {
                self.next()?;
            }
        }
        Ok(())
    }

    /// How many objects and arrays are open.
    pub(super) fn depth(&self) -> u32 {
        self.depth
    }

    /// The value after a name, or an element; that there is one, the grammar vouches for.
    pub(super) fn must(&mut self) -> Result<Event, Trouble> {
        self.next()?.ok_or(Trouble::Cut)
    }

    fn is_object(&self) -> bool {
        self.open & 1 == 1
    }

    fn value(&mut self, byte: u8) -> Result<Event, Trouble> {
        match byte {
            b'{' => self.begin(Event::ObjectStart, 1, Expected::FirstName),
            b'[' => self.begin(Event::ArrayStart, 0, Expected::FirstValue),
            b'"' => {
                self.string()?;
                Ok(self.done(Event::Text))
            }
            b'-' | b'0'..=b'9' => self.number(),
            b't' => self.word(b"true", Event::Word),
            b'f' => self.word(b"false", Event::Word),
            b'n' => self.word(b"null", Event::Null),
            _ => Err(VALUE),
        }
    }

    fn begin(&mut self, event: Event, bit: u128, expected: Expected) -> Result<Event, Trouble> {
        if self.depth == DEPTH_MAX {
            return Err(DEEP);
        }
        self.window.at += 1;
        (self.open, self.depth, self.expected) = (self.open << 1 | bit, self.depth + 1, expected);
        Ok(event)
    }

    fn close(&mut self, byte: u8) -> Result<Event, Trouble> {
        if self.is_object() != (byte == b'}') {
            return Err(COMMA);
        }
        let event = if self.is_object() { Event::ObjectEnd } else { Event::ArrayEnd };
        self.window.at += 1;
        (self.open, self.depth) = (self.open >> 1, self.depth - 1);
        Ok(self.done(event))
    }

    /// A value ends.
    fn done(&mut self, event: Event) -> Event {
        self.expected = if self.depth == 0 { Expected::End } else { Expected::Next };
        event
    }

    fn name(&mut self, byte: u8) -> Result<Event, Trouble> {
        if byte != b'"' {
            return Err(NAME);
        }
        self.string()?;
        match self.window.space()? {
            Some(b':') => self.window.at += 1,
            Some(_) => return Err(COLON),
            None => return Err(Trouble::Cut),
        }
        self.expected = Expected::Value;
        Ok(Event::Name)
    }

    fn string(&mut self) -> Result<(), Trouble> {
        self.window.at += 1;
        let start = self.window.at;
        (self.is_escaped, self.has_half) = (false, false);
        self.unescaped.clear();
        loop {
            let from = self.window.at;
            let Some(found) = self.window.find(from, 1, |bytes| memchr2(b'"', b'\\', bytes))? else {
                return Err(self.open_text(from));
            };
            let piece = self.window.text(from..found);
            if let Some(control) = piece.bytes().position(|byte| byte < b' ') {
                self.window.at += control;
                return Err(CONTROL);
            }
            let is_end = self.window.text(found..found + 1) == "\"";
            if !is_end || self.is_escaped {
                self.unescaped.push_str(piece);
            }
            self.window.at = found + 1;
            if is_end {
                self.value = start..found;
                return Ok(());
            }
            self.is_escaped = true;
            self.escape()?;
        }
    }

    /// A text that nothing closes: where a line ends in it, that is where it went wrong.
    fn open_text(&mut self, from: usize) -> Trouble {
        let end = self.window.end();
        match self.window.text(from..end).bytes().position(|byte| byte < b' ') {
            Some(control) => {
                self.window.at = from + control;
                CONTROL
            }
            None => {
                self.window.at = end;
                Trouble::Cut
            }
        }
    }

    /// What follows a backslash.
    fn escape(&mut self) -> Result<(), Trouble> {
        let byte = self.window.peek()?.ok_or(Trouble::Cut)?;
        let character = match byte {
            b'"' | b'\\' | b'/' => char::from(byte),
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => return self.unicode(),
            _ => return Err(ESCAPE),
        };
        self.unescaped.push(character);
        self.window.at += 1;
        Ok(())
    }

    /// Four digits, or twice four for a character outside the basic plane.
    fn unicode(&mut self) -> Result<(), Trouble> {
        let first = self.digits(1)?.ok_or(ESCAPE)?;
        self.window.at += 5;
        let mut code = first;
        if (0xd800..0xdc00).contains(&first)
            && self.window.follows(b"\\u")?
            && let Some(second @ 0xdc00..0xe000) = self.digits(2)?
        {
            code = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
            self.window.at += 6;
        }
        let character = char::from_u32(code);
        self.has_half |= character.is_none();
        self.unescaped.push(character.unwrap_or(char::REPLACEMENT_CHARACTER));
        Ok(())
    }

    /// Four hexadecimal digits so many bytes from here.
    fn digits(&mut self, skip: usize) -> Result<Option<u32>, Trouble> {
        if !self.window.have(skip + 4)? {
            return Ok(None);
        }
        let digits = &self.window.rest()[skip..skip + 4];
        Ok(digits.iter().try_fold(0, |code, byte| Some(code << 4 | char::from(*byte).to_digit(16)?)))
    }

    fn number(&mut self) -> Result<Event, Trouble> {
        let start = self.window.at;
        let is_other = |byte: &u8| !matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E');
        let found = self.window.find(start, 1, |bytes| bytes.iter().position(is_other))?;
        self.value = start..found.unwrap_or(self.window.end());
        self.is_escaped = false;
        if !is_number(self.window.text(self.value.clone()).as_bytes()) {
            return Err(NUMBER);
        }
        self.window.at = self.value.end;
        Ok(self.done(Event::Number))
    }

    fn word(&mut self, word: &[u8], event: Event) -> Result<Event, Trouble> {
        if !self.window.follows(word)? {
            return Err(VALUE);
        }
        let start = self.window.at;
        self.window.at += word.len();
        (self.value, self.is_escaped) = (start..self.window.at, false);
        Ok(self.done(event))
    }
}

/// `-`, digits without a leading zero, a fraction, an exponent.
fn is_number(text: &[u8]) -> bool {
    let digits = |text: &[u8]| text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let mut rest = text.strip_prefix(b"-").unwrap_or(text);
    let whole = digits(rest);
    if whole == 0 || whole > 1 && rest[0] == b'0' {
        return false;
    }
    rest = &rest[whole..];
    if let Some(fraction) = rest.strip_prefix(b".") {
        let count = digits(fraction);
        if count == 0 {
            return false;
        }
        rest = &fraction[count..];
    }
    if let [b'e' | b'E', exponent @ ..] = rest {
        let exponent = if let [b'+' | b'-', after @ ..] = exponent { after } else { exponent };
        return !exponent.is_empty() && digits(exponent) == exponent.len();
    }
    rest.is_empty()
}
