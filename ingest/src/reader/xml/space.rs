//! Namespaces: which prefix stands for what, inside which element. A prefix that nothing declares, and one attribute under two prefixes,
//! are no XML with namespaces.

use super::tag::Tag;

const XML: &str = "http://www.w3.org/XML/1998/namespace";
const XMLNS: &str = "http://www.w3.org/2000/xmlns/";
/// What XML Schema says in a document: that an element is empty on purpose, or of what type it is.
const INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";

/// The prefixes of the elements that are open, the innermost last.
#[derive(Debug, Default)]
pub(super) struct Spaces {
    bound: Vec<Bound>,
}

#[derive(Debug)]
struct Bound {
    depth: usize,
    prefix: String,
    space: String,
}

impl Spaces {
    /// An element begins at that depth.
    pub(super) fn enter(&mut self, depth: usize, text: &str, tag: &Tag) -> Result<(), &'static str> {
        for attribute in &tag.attributes {
            let name = &text[attribute.name.clone()];
            if let Some(prefix) = name.strip_prefix("xmlns:").or((name == "xmlns").then_some("")) {
                self.bind(depth, prefix, &tag.values[attribute.value.clone()])?;
            }
        }
        self.check(&text[..tag.name])?;
        let names = || tag.attributes.iter().map(|attribute| &text[attribute.name.clone()]);
        for (place, name) in names().enumerate().filter(|(_, name)| name.contains(':')) {
            self.check(name)?;
            let same = |other: &str| other.contains(':') && self.full(other) == self.full(name);
            if names().take(place).any(same) {
                return Err("an attribute stands twice in one tag, under two prefixes of one namespace");
            }
        }
        Ok(())
    }

    /// An element at that depth ends.
    pub(super) fn leave(&mut self, depth: usize) {
        while self.bound.last().is_some_and(|bound| bound.depth >= depth) {
            self.bound.pop();
        }
    }

    /// Whether an attribute says something of the document's own.
    pub(super) fn is_own(&self, name: &str) -> bool {
        match name.split_once(':') {
            None => name != "xmlns",
            Some(("xml" | "xmlns", _)) => false,
            Some((prefix, _)) => self.space(prefix) != Some(INSTANCE),
        }
    }

    fn bind(&mut self, depth: usize, prefix: &str, space: &str) -> Result<(), &'static str> {
        let is_wrong = match prefix {
            "xml" => space != XML,
            "xmlns" => true,
            "" => space == XML || space == XMLNS,
            _ => space.is_empty() || space == XML || space == XMLNS,
        };
        if is_wrong {
            return Err("a namespace is declared that cannot be declared so");
        }
        self.bound.push(Bound { depth, prefix: prefix.to_owned(), space: space.to_owned() });
        Ok(())
    }

    fn check(&self, name: &str) -> Result<(), &'static str> {
        match name.split_once(':') {
            Some(("xmlns", _)) if self.space("xmlns").is_some() => Ok(()),
            Some((prefix, _)) if self.space(prefix).is_none() => Err("a prefix stands for no namespace that is declared"),
            _ => Ok(()),
        }
    }

    fn space(&self, prefix: &str) -> Option<&str> {
        match prefix {
            "xml" => Some(XML),
            "xmlns" => Some(XMLNS),
            _ => self.bound.iter().rev().find(|bound| bound.prefix == prefix).map(|bound| bound.space.as_str()),
        }
    }

    fn full<'a>(&'a self, name: &'a str) -> (Option<&'a str>, &'a str) {
        name.split_once(':').map_or((None, name), |(prefix, local)| (self.space(prefix), local))
    }
}
