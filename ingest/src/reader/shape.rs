//! The names met in the first part of a nested text, as a tree: where records may stand and what they are made of. Names only, no values.

use super::{naming, records::COLUMNS_MAX, window::Trouble};

/// Bytes of text that are looked at before it is said what a file is.
pub(super) const HEAD_BYTES: usize = 1 << 20;

/// Places that are looked at as those of records.
const PLACES: usize = 64;

/// The tree; the first node is the whole text.
#[derive(Debug)]
pub(super) struct Shape {
    nodes: Vec<Node>,
}

#[derive(Debug, Default)]
struct Node {
    name: String,
    children: Vec<usize>,
    count: u64,
    /// Elements of the lists that stand there.
    elements: u64,
    has_text: bool,
    is_list: bool,
}

/// A place where records may stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// The names on the way to it.
    pub(crate) path: Vec<String>,
    /// The same as it may stand in a sentence.
    pub(crate) shown: String,
    /// The paths of what its records hold, in the order in which they were met.
    pub(crate) names: Vec<String>,
    /// Records met.
    pub(crate) count: u64,
}

/// What the first part of a text shows.
#[derive(Debug)]
pub(crate) struct Head {
    /// Every line is a text of its own.
    pub(crate) is_lines: bool,
    /// Where records may stand, the outermost first.
    pub(crate) places: Vec<Place>,
    /// The ways to where nothing stands, in a text that is seen whole and holds no record anywhere.
    pub(crate) empty: Vec<Vec<String>>,
}

impl Shape {
    pub(super) fn new() -> Shape {
        Shape { nodes: vec![Node::default()] }
    }

    /// The node of that name below another, once more.
    pub(super) fn child(&mut self, parent: usize, name: &str) -> Result<usize, Trouble> {
        let known = self.nodes[parent].children.iter().copied().find(|child| self.nodes[*child].name == name);
        let child = known.unwrap_or(self.nodes.len());
        if known.is_none() {
            if child > COLUMNS_MAX {
                return Err(Trouble::Limit("it has more than 4096 different names"));
            }
            self.nodes.push(Node { name: name.to_owned(), ..Node::default() });
            self.nodes[parent].children.push(child);
        }
        self.nodes[child].count += 1;
        Ok(child)
    }

    /// Text stands at the node.
    pub(super) fn text(&mut self, node: usize) {
        self.nodes[node].has_text = true;
    }

    /// The node holds several, side by side.
    pub(super) fn list(&mut self, node: usize, count: u64) {
        self.nodes[node].is_list = true;
        self.nodes[node].count += count;
        self.nodes[node].elements += count;
    }

    /// Every node that has names below it and is not itself a part of what is listed elsewhere.
    pub(super) fn places(&self) -> Vec<Place> {
        let mut places = Vec::new();
        self.gather(0, &mut Vec::new(), "", &mut places);
        places
    }

    /// The ways to where nothing stands, if nothing stands twice anywhere: a text of no record.
    pub(super) fn empty(&self) -> Vec<Vec<String>> {
        let mut found = Vec::new();
        if self.nodes.iter().all(|node| node.count <= 1 && node.elements == 0) {
            self.gather_empty(0, &mut Vec::new(), &mut found);
        }
        found
    }

    fn gather_empty(&self, node: usize, path: &mut Vec<String>, found: &mut Vec<Vec<String>>) {
        let Node { children, has_text, .. } = &self.nodes[node];
        if children.is_empty() && !has_text && found.len() < PLACES {
            found.push(path.clone());
        }
        for child in children {
            path.push(self.nodes[*child].name.clone());
            self.gather_empty(*child, path, found);
            path.pop();
        }
    }

    fn gather(&self, node: usize, path: &mut Vec<String>, shown: &str, places: &mut Vec<Place>) {
        let Node { children, count, is_list, .. } = &self.nodes[node];
        if children.is_empty() || places.len() == PLACES {
            return;
        }
        let mut names = Vec::new();
        children.iter().for_each(|child| self.leaves(*child, "", &mut names));
        places.push(Place { path: path.clone(), shown: shown.to_owned(), names, count: *count });
        if *is_list {
            return;
        }
        for (place, child) in (1..).zip(children) {
            let name = &self.nodes[*child].name;
            let below = if shown.is_empty() { naming::shown(name, place) } else { format!("{shown}/{}", naming::shown(name, place)) };
            path.push(name.clone());
            self.gather(*child, path, &below, places);
            path.pop();
        }
    }

    fn leaves(&self, node: usize, before: &str, names: &mut Vec<String>) {
        let Node { name, children, has_text, .. } = &self.nodes[node];
        let path = if before.is_empty() { name.clone() } else { format!("{before}/{name}") };
        children.iter().for_each(|child| self.leaves(*child, &path, names));
        if *has_text || children.is_empty() {
            names.push(path);
        }
    }
}
