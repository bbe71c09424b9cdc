//! There only so that the manifest may name build dependencies.

fn main() {}
