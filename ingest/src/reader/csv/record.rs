//! One record of a text: its cells, how it was written and what is wrong with it. How it is cut is in `cut`.

/// What makes a record one that cannot be relied on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Broken {
    /// A quote stands inside a cell without quotes, or text follows a closing one: where the cell ends is a guess (RFC 4180, 2.5).
    Torn,
    /// A quote is opened and never closed.
    Unclosed,
    /// One record with line breaks in its quotes, or several with a quote too many: both readings give the right number of cells.
    Twofold,
}

/// Where a cell stands, in the text of the record or, when marks were taken out of it, in the spare text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) is_spare: bool,
    /// Where it begins in the text of the record, after its quote.
    pub(super) at: usize,
}

/// One record, from one line of the file or from several.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Record {
    /// As it stands in the file, line breaks in quotes included.
    pub(super) text: String,
    pub(super) spare: String,
    pub(super) pieces: Vec<Piece>,
    /// Its number as a spreadsheet shows it, from 1.
    pub(crate) number: u64,
    /// Its first line in the file, from 1.
    pub(crate) line: u64,
    /// How many lines it takes.
    pub(crate) lines: u64,
    pub(crate) broken: Option<Broken>,
    /// How its last line ends; nothing where the text ends.
    pub(super) end: &'static str,
    /// A cell stands in quotes.
    pub(crate) is_quoted: bool,
    /// Some bytes of it are no character.
    pub(crate) is_damaged: bool,
    /// It is one line, and sound for sure.
    pub(crate) is_usual: bool,
}

impl Record {
    pub(crate) fn len(&self) -> usize {
        self.pieces.len()
    }

    pub(crate) fn cells(&self) -> impl Iterator<Item = &str> + Clone {
        self.pieces.iter().map(|piece| self.piece(*piece))
    }

    /// The cell of that place; empty where there is none.
    pub(crate) fn cell(&self, place: usize) -> &str {
        self.pieces.get(place).map_or("", |piece| self.piece(*piece))
    }

    fn piece(&self, piece: Piece) -> &str {
        let text = if piece.is_spare { &self.spare } else { &self.text };
        text.get(piece.start..piece.end).unwrap_or_default()
    }

    /// Nothing but white space in its cells, or the end mark of an old system. Two quotes alone may be what is left of a row.
    pub(crate) fn is_blank(&self) -> bool {
        if self.is_quoted && self.len() == 1 {
            return false;
        }
        let is_blank = |character: char| character.is_whitespace() || matches!(character, '\u{1a}' | '\u{feff}');
        self.cells().all(|cell| cell.chars().all(is_blank))
    }

    /// How many cells stand in quotes.
    pub(crate) fn quoted(&self, quote: u8) -> usize {
        let opens = |at: usize| self.text.as_bytes().get(at) == Some(&quote);
        self.pieces.iter().filter(|piece| piece.is_spare || piece.start.checked_sub(1).is_some_and(opens)).count()
    }

    /// The text as it stands in the file.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The lines it takes, one after the other.
    pub(crate) fn each_line(&self) -> impl Iterator<Item = &str> {
        self.text.split("\r\n").flat_map(|line| line.split(['\n', '\r']))
    }

    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.spare.clear();
        self.pieces.clear();
        (self.lines, self.broken, self.is_quoted, self.is_damaged, self.is_usual) = (0, None, false, false, false);
    }
}
