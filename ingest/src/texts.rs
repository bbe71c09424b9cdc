//! Many short texts in one buffer, one behind the other: what a row says is kept so without an allocation a cell. What they mean is not
//! known here.

/// Texts in their order.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Texts {
    text: String,
    /// Where each ends; it begins where the one before ends.
    ends: Vec<usize>,
}

impl Texts {
    pub(crate) fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.ends.push(self.text.len());
    }

    /// The text of that place; empty where there is none.
    pub(crate) fn get(&self, at: usize) -> &str {
        let start = at.checked_sub(1).map_or(Some(0), |before| self.ends.get(before).copied());
        start.zip(self.ends.get(at)).and_then(|(start, end)| self.text.get(start..*end)).unwrap_or_default()
    }

    /// Leaves nothing of the text of that place.
    pub(crate) fn empty(&mut self, at: usize) {
        let length = self.get(at).len();
        let Some(end) = self.ends.get(at).copied().filter(|_| length > 0) else { return };
        self.text.drain(end - length..end);
        self.ends[at..].iter_mut().for_each(|end| *end -= length);
    }

    /// Keeps so many, and forgets those behind them; their memory is used again.
    pub(crate) fn truncate(&mut self, count: usize) {
        self.ends.truncate(count);
        self.text.truncate(self.ends.last().copied().unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn each_text_is_found_at_its_place(texts in prop::collection::vec("[a王]{0,3}", 0..9), kept in 0usize..9, more in "[b李]{0,3}") {
            let mut all = Texts::default();
            texts.iter().for_each(|text| all.push(text));
            let kept = kept.min(texts.len());
            all.truncate(kept);
            all.push(&more);
            let expected = texts[..kept].iter().chain([&more]);
            prop_assert!(expected.clone().enumerate().all(|(at, text)| all.get(at) == text) && all.get(kept + 1).is_empty());
            all.empty(kept / 2);
            let expected = expected.enumerate().map(|(at, text)| if at == kept / 2 { "" } else { text });
            prop_assert!(expected.enumerate().all(|(at, text)| all.get(at) == text));
        }
    }
}
