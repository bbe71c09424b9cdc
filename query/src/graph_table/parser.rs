//! Reads a pattern word by word. Expressions are not read, only cut out at the brackets that close them: the statement's own parser reads
//! them where the pattern's subquery stands. A subquery of one's own is no part of a pattern, so every name in it is one of the pattern's.

use super::{
    is_word,
    pattern::{COLUMNS, Column, Direction, EDGES, Edge, Element, GraphTable, HOPS, Name, PATHS, Path, Words},
    wrong,
};
use crate::Error;
use datafusion::sql::sqlparser::tokenizer::{Location, Token, TokenWithSpan, Word};

/// The pattern that begins behind `GRAPH_TABLE (`, and what stands behind its closing bracket.
pub(super) fn parsed(begin: Location, words: &[TokenWithSpan]) -> Result<(GraphTable, &[TokenWithSpan]), Error> {
    let mut parser = Parser { words, last: begin };
    let graph = parser.name("the graph's name", "GRAPH_TABLE (graph MATCH (…) COLUMNS (…))")?;
    parser.keyword("MATCH")?;
    let mut paths = vec![parser.path()?];
    while parser.takes(&Token::Comma) {
        if paths.len() == PATHS {
            return wrong(parser.last, format!("more than {PATHS} paths"), "ask in several steps");
        }
        paths.push(parser.path()?);
    }
    let condition = if parser.takes_word("WHERE") { parser.expression(|parser| parser.is_columns())? } else { Words::new() };
    parser.keyword("COLUMNS")?;
    let columns = parser.columns()?;
    parser.expect(&Token::RParen, "`)` to close GRAPH_TABLE", "nothing stands behind COLUMNS (…)")?;
    Ok((GraphTable { graph, paths, condition, columns }, parser.words))
}

struct Parser<'a> {
    words: &'a [TokenWithSpan],
    /// Where the word read last stands.
    last: Location,
}

const VERTEX: &str = "a vertex is (variable IS type WHERE condition), each part left out at will";
const EDGE: &str = "an edge is -[variable IS relation WHERE condition]->, <-[…]- or -[…]-, or ->, <-, - alone";
const QUANTIFIER: &str = "write {2} or {1,4}; nothing is repeated more than 4 times, nor without end";
const LAYOUT: &str = "GRAPH_TABLE (graph MATCH (a)-[k]->(b) WHERE … COLUMNS (a.entity_id AS id, …))";

impl Parser<'_> {
    fn path(&mut self) -> Result<Path, Error> {
        let at = self.here();
        let variable = match (self.peek(0), self.peek(1)) {
            (Some(Token::Word(_)), Some(Token::Eq)) => {
                let name = self.variable()?;
                self.next();
                Some(name)
            }
            _ => None,
        };
        let is_shortest = self.takes_word("ANY");
        if is_shortest {
            self.keyword("SHORTEST")?;
        }
        let first = self.vertex()?;
        let mut steps = Vec::new();
        while let Some(edge) = self.edge()? {
            if steps.len() == EDGES {
                return wrong(self.last, format!("a path of more than {EDGES} edges"), "ask in several steps");
            }
            steps.push((edge, self.vertex()?));
        }
        match is_shortest && !matches!(steps.as_slice(), [(Edge { hops: Some(_), .. }, _)]) {
            true => wrong(at, "ANY SHORTEST wants one edge with a quantifier", "ANY SHORTEST (a)-[k]-{1,4}(b)"),
            false => Ok(Path { variable, is_shortest, first, steps }),
        }
    }

    fn vertex(&mut self) -> Result<Element, Error> {
        self.expect(&Token::LParen, "a vertex", VERTEX)?;
        self.element(&Token::RParen, VERTEX)
    }

    /// What stands in the brackets of a vertex or an edge, the closing one too.
    fn element(&mut self, close: &Token, hint: &str) -> Result<Element, Error> {
        let at = self.last;
        let is_named = matches!(self.peek(0), Some(Token::Word(word)) if word.quote_style.is_some() || !is_reserved(word));
        let variable = if is_named { Some(self.variable()?) } else { None };
        let mut labels = Vec::new();
        if self.takes_word("IS") || self.takes(&Token::Colon) {
            labels.push(self.name("a label", hint)?);
            while self.takes(&Token::Pipe) {
                labels.push(self.name("a label", hint)?);
            }
        }
        let condition = if self.takes_word("WHERE") { self.expression(|parser| parser.peek(0) == Some(close))? } else { Words::new() };
        self.expect(close, &format!("`{close}`"), hint)?;
        Ok(Element { at, variable, labels, condition })
    }

    fn edge(&mut self) -> Result<Option<Edge>, Error> {
        let at = self.here();
        let to_left = self.takes(&Token::Lt);
        // `->` and `<->` alone are edges about which nothing more is said.
        if self.takes(&Token::Arrow) {
            let direction = if to_left { Direction::Either } else { Direction::Right };
            return self.quantified(Element { at, variable: None, labels: Vec::new(), condition: Words::new() }, direction).map(Some);
        }
        if !self.takes(&Token::Minus) {
            return if to_left { wrong(self.last, "`<` begins no edge", EDGE) } else { Ok(None) };
        }
        if !self.takes(&Token::LBracket) {
            let direction = if to_left { Direction::Left } else { Direction::Either };
            return self.quantified(Element { at, variable: None, labels: Vec::new(), condition: Words::new() }, direction).map(Some);
        }
        let element = self.element(&Token::RBracket, EDGE)?;
        let to_right = self.takes(&Token::Arrow);
        if !to_right {
            self.expect(&Token::Minus, "`-` or `->` behind an edge", EDGE)?;
        }
        let direction = match (to_left, to_right) {
            (false, true) => Direction::Right,
            (true, false) => Direction::Left,
            _ => Direction::Either,
        };
        self.quantified(element, direction).map(Some)
    }

    fn quantified(&mut self, element: Element, direction: Direction) -> Result<Edge, Error> {
        if let Some(Token::Mul | Token::Plus | Token::Question) = self.peek(0) {
            return wrong(self.here(), "`*`, `+` and `?` are no quantifiers here", QUANTIFIER);
        }
        if !self.takes(&Token::LBrace) {
            return Ok(Edge { element, direction, hops: None });
        }
        let at = self.last;
        let least = if self.peek(0) == Some(&Token::Comma) { 0 } else { self.count()? };
        let most = if self.takes(&Token::Comma) { self.count()? } else { least };
        self.expect(&Token::RBrace, "`}`", QUANTIFIER)?;
        match most > HOPS || least > most || most == 0 {
            true => wrong(at, format!("a quantifier of {least} to {most}"), QUANTIFIER),
            false => Ok(Edge { element, direction, hops: Some((least, most)) }),
        }
    }

    fn count(&mut self) -> Result<usize, Error> {
        let count = match self.next() {
            Some(Token::Number(digits, false)) => digits.parse().ok(),
            _ => None,
        };
        count.map_or_else(|| wrong(self.last, "a number is missing", QUANTIFIER), Ok)
    }

    fn columns(&mut self) -> Result<Vec<Column>, Error> {
        self.expect(&Token::LParen, "`(` behind COLUMNS", LAYOUT)?;
        let mut columns: Vec<Column> = Vec::new();
        loop {
            let column = self.column()?;
            if columns.iter().any(|other| other.name.text == column.name.text) {
                return wrong(column.name.at, format!("two columns are called `{}`", column.name.text), "give one another name with AS");
            }
            columns.push(column);
            if columns.len() > COLUMNS {
                return wrong(self.last, format!("more than {COLUMNS} columns"), "name those that are needed");
            }
            if !self.takes(&Token::Comma) {
                self.expect(&Token::RParen, "`)` behind the columns", LAYOUT)?;
                return Ok(columns);
            }
        }
    }

    fn column(&mut self) -> Result<Column, Error> {
        let mut expression = self.expression(|parser| matches!(parser.peek(0), Some(Token::Comma | Token::RParen)))?;
        let count = expression.len();
        if count > 2
            && is_word(&expression[count - 2].token, "AS")
            && let Some(name) = named(&expression[count - 1])
        {
            expression.truncate(count - 2);
            return Ok(Column { expression, name });
        }
        match expression.as_slice() {
            [_, dot, last] if dot.token == Token::Period && named(last).is_some() => {
                let name = named(last).unwrap_or_else(|| Name { text: String::new(), at: last.span.start });
                Ok(Column { expression, name })
            }
            _ => wrong(expression[0].span.start, "a column that is computed has no name", "write `expression AS name`"),
        }
    }

    /// The words up to where an expression ends, at the brackets' own depth.
    fn expression(&mut self, ends: impl Fn(&Self) -> bool) -> Result<Words, Error> {
        let (mut words, mut open) = (Words::new(), Vec::new());
        while !(open.is_empty() && ends(self)) {
            let Some(word) = self.next_word() else { return wrong(self.last, "an expression does not end", LAYOUT) };
            match &word.token {
                Token::LParen => open.push(Token::RParen),
                Token::LBracket => open.push(Token::RBracket),
                Token::LBrace => open.push(Token::RBrace),
                // One that closes the innermost is taken off by this look.
                close @ (Token::RParen | Token::RBracket | Token::RBrace) if open.pop().as_ref() != Some(close) => {
                    return wrong(word.span.start, format!("`{close}` closes nothing"), "check the brackets");
                }
                Token::SemiColon => return wrong(word.span.start, "`;` ends no expression", "check the brackets"),
                token if ["SELECT", "TABLE", "VALUES", "GRAPH_TABLE"].iter().any(|word| is_word(token, word)) => {
                    return wrong(word.span.start, "a subquery stands in the pattern", "join the pattern's table with it instead");
                }
                _ => {}
            }
            words.push(word.clone());
        }
        if words.is_empty() { wrong(self.here(), "an expression is missing", LAYOUT) } else { Ok(words) }
    }

    fn is_columns(&self) -> bool {
        self.peek(0).is_some_and(|token| is_word(token, "COLUMNS")) && self.peek(1) == Some(&Token::LParen)
    }

    /// The name of an element or a path.
    fn variable(&mut self) -> Result<Name, Error> {
        let name = self.name("a variable", VERTEX)?;
        // Names with blanks are those of what was given no name.
        if name.text.contains(' ') { wrong(name.at, "a variable's name holds a blank", "one word names it") } else { Ok(name) }
    }

    fn name(&mut self, what: &str, hint: &str) -> Result<Name, Error> {
        match self.next_word().and_then(named) {
            Some(name) => Ok(name),
            None => wrong(self.last, format!("{what} is missing"), hint),
        }
    }

    fn keyword(&mut self, keyword: &str) -> Result<(), Error> {
        match self.takes_word(keyword) {
            true => Ok(()),
            false => wrong(self.here(), format!("{keyword} is missing"), LAYOUT),
        }
    }

    fn expect(&mut self, token: &Token, what: &str, hint: &str) -> Result<(), Error> {
        if self.takes(token) { Ok(()) } else { wrong(self.here(), format!("{what} is missing"), hint) }
    }

    fn takes_word(&mut self, word: &str) -> bool {
        let is = self.peek(0).is_some_and(|token| is_word(token, word));
        is && self.next().is_some()
    }

    fn takes(&mut self, token: &Token) -> bool {
        self.peek(0) == Some(token) && self.next().is_some()
    }

    /// The word after so many more, blanks left out.
    fn peek(&self, more: usize) -> Option<&Token> {
        self.words.iter().map(|word| &word.token).filter(|token| !matches!(token, Token::Whitespace(_))).nth(more)
    }

    fn next(&mut self) -> Option<&Token> {
        self.next_word().map(|word| &word.token)
    }

    fn next_word(&mut self) -> Option<&TokenWithSpan> {
        let at = self.words.iter().position(|word| !matches!(word.token, Token::Whitespace(_)))?;
        let word = &self.words[at];
        (self.words, self.last) = (&self.words[at + 1..], word.span.start);
        Some(word)
    }

    /// Where the next word stands; behind the last one, that.
    fn here(&self) -> Location {
        let next = self.words.iter().find(|word| !matches!(word.token, Token::Whitespace(_)));
        next.map_or(self.last, |word| word.span.start)
    }
}

/// The name that a word is.
pub(super) fn named(word: &TokenWithSpan) -> Option<Name> {
    let Token::Word(Word { value, quote_style, .. }) = &word.token else { return None };
    let text = if quote_style.is_some() { value.clone() } else { value.to_ascii_lowercase() };
    Some(text).filter(|text| !text.is_empty()).map(|text| Name { text, at: word.span.start })
}

/// Words that an element without a variable begins with.
fn is_reserved(word: &Word) -> bool {
    ["IS", "WHERE"].iter().any(|reserved| word.value.eq_ignore_ascii_case(reserved))
}
