//! Tokens that know their places, as one text and back: what a document's field is given, and how the index takes it apart again. Tantivy can be
//! given tokens too, but carries them from one thread to the other as JSON, which was a tenth of what indexing takes.

use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

/// The name that fields know the tokenizer by.
pub(crate) const NAME: &str = "placed";

/// Before a token that stands one place further than the one before; no token has it, since tokens are letters and digits with a mark.
const NEXT: char = '\u{1f}';
/// Before one that stands in the same place.
const SAME: char = '\u{1e}';

/// The text of tokens with their places.
pub(crate) fn text(tokens: impl Iterator<Item = (usize, String)>) -> String {
    let mut tokens: Vec<(usize, String)> = tokens.collect();
    // In order of places, as the index wants them.
    tokens.sort_by_key(|(place, _)| *place);
    let (mut text, mut at) = (String::new(), 0);
    for (number, (place, token)) in tokens.iter().enumerate() {
        text.extend(std::iter::repeat_n(NEXT, place - at));
        if *place == at && number > 0 {
            text.push(SAME);
        }
        text.push_str(token);
        at = *place;
    }
    text
}

/// Takes such a text apart.
#[derive(Debug, Clone, Default)]
pub(crate) struct Placed(Token);

impl Tokenizer for Placed {
    type TokenStream<'a> = Tokens<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Tokens<'a> {
        self.0.reset();
        self.0.position = 0;
        Tokens { rest: text, token: &mut self.0 }
    }
}

/// The tokens of a text.
pub(crate) struct Tokens<'a> {
    rest: &'a str,
    token: &'a mut Token,
}

impl TokenStream for Tokens<'_> {
    fn advance(&mut self) -> bool {
        loop {
            match self.rest.chars().next() {
                None => return false,
                Some(NEXT) => self.token.position += 1,
                Some(SAME) => {}
                Some(_) => break,
            }
            self.rest = &self.rest[1..];
        }
        let end = self.rest.find([NEXT, SAME]).unwrap_or(self.rest.len());
        let (token, rest) = self.rest.split_at(end);
        self.token.text.clear();
        self.token.text.push_str(token);
        self.rest = rest;
        true
    }

    fn token(&self) -> &Token {
        self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        self.token
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn apart(text: &str) -> Vec<(usize, String)> {
        let (mut tokenizer, mut found) = (Placed::default(), Vec::new());
        let mut tokens = tokenizer.token_stream(text);
        while tokens.advance() {
            found.push((tokens.token().position, tokens.token().text.clone()));
        }
        found
    }

    #[test]
    fn tokens_share_places_and_places_may_be_empty() {
        let tokens = [(0, "王"), (3, "伟"), (0, "^王"), (3, "$伟")].map(|(place, token)| (place, token.to_owned()));
        let found = apart(&text(tokens.into_iter()));
        assert_eq!(found, [(0, "王"), (0, "^王"), (3, "伟"), (3, "$伟")].map(|(place, token)| (place, token.to_owned())));
        assert!(apart("").is_empty());
    }

    proptest! {
        #[test]
        fn what_is_put_together_comes_apart(tokens in prop::collection::vec((0..40_usize, "[\\^$']?[a-z0-9王伟吐]{1,4}"), 0..30)) {
            let mut sorted = tokens.clone();
            sorted.sort_by_key(|(place, _)| *place);
            prop_assert_eq!(apart(&text(tokens.into_iter())), sorted);
        }
    }
}
