//! No code: this crate's manifest names the features of others' crates that the whole is built with, so that no command builds them twice.
