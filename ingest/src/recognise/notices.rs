//! What the owner of a file may be told of it, by its code; the words are of whoever shows it. A test there holds that each has some.

/// What the owner of a file may be told of it.
pub const NOTICES: [&str; 11] = [
    "cells-merged",
    "columns-hidden",
    "half-characters",
    "headings-again",
    "record-cut",
    "records-deleted",
    "rows-hidden",
    "sheet-full",
    "sheet-hidden",
    "sheet-no-headings",
    "sheet-not-asked",
];
