//! From which records the documents of each entity were made. A record is never rewritten, so what an entity is found by is a function of the set
//! of its records' numbers, whatever happened to it: a delivery, a merge, a split, a row taken back. Sets are told apart by a sum of 64 bits,
//! which stands in a file beside the index. What records say is not known here.

use crate::Error;
use std::{
    fs::{self, File},
    io::{self, BufReader, BufWriter, Read as _, Write as _},
    path::Path,
};

/// The name of the file, in the folder of an index.
const FILE: &str = "made.of";

/// What the file begins with. Another number, where documents are made in another way, makes every index anew.
const HEAD: [u8; 8] = *b"WWMADE03";

/// Of each entity a number that stands for the set of its records. 16 bytes an entity; at most twice that while it is counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Made {
    /// In order, each entity once, but for those of late.
    entities: Vec<(i64, u64)>,
    /// So many at most before they are summed up.
    most: usize,
}

impl Made {
    const LEAST: usize = 1 << 20;

    /// Adds that an entity has a record, in any order, each record once.
    pub fn add(&mut self, entity: i64, record: i64) {
        self.entities.push((entity, mixed(record)));
        if self.entities.len() > self.most.max(Made::LEAST) {
            self.sum();
            self.most = self.entities.len() * 2;
        }
    }

    /// Sums up, so that each entity is there once.
    pub(crate) fn sum(&mut self) {
        self.entities.sort_unstable();
        self.entities.dedup_by(|next, kept| {
            let is_same = next.0 == kept.0;
            if is_same {
                kept.1 = kept.1.wrapping_add(next.1);
            }
            is_same
        });
        self.most = 0;
    }

    pub(crate) fn len(&self) -> usize {
        self.entities.len()
    }

    pub(crate) fn has(&self, entity: i64) -> bool {
        self.entities.binary_search_by_key(&entity, |(entity, _)| *entity).is_ok()
    }

    /// The entities, in order, that have other records than before, or are only in one of both. Both are summed up.
    pub(crate) fn other_than(&self, before: &Made) -> Vec<i64> {
        let (mut ours, mut theirs) = (self.entities.iter().peekable(), before.entities.iter().peekable());
        let mut other = Vec::new();
        loop {
            let (our, their) = (ours.peek().copied(), theirs.peek().copied());
            let (Some(entity), equal) = (our.into_iter().chain(their).map(|(entity, _)| *entity).min(), our == their) else { return other };
            ours.next_if(|(of, _)| *of == entity);
            theirs.next_if(|(of, _)| *of == entity);
            if !equal {
                other.push(entity);
            }
        }
    }

    /// What stands in the folder of an index; none where it does not stand there whole, or documents were made in another way then.
    pub(crate) fn read(folder: &Path) -> Option<Made> {
        let file = File::open(folder.join(FILE)).ok()?;
        let bytes = file.metadata().ok()?.len().checked_sub(HEAD.len() as u64).filter(|bytes| bytes.is_multiple_of(16))?;
        let (mut input, mut head) = (BufReader::new(file), [0; 8]);
        input.read_exact(&mut head).ok().filter(|()| head == HEAD)?;
        let mut entities = Vec::with_capacity(usize::try_from(bytes / 16).ok()?);
        let mut place = [0; 16];
        for _ in 0..bytes / 16 {
            input.read_exact(&mut place).ok()?;
            let both = u128::from_le_bytes(place);
            let (entity, sum) = (both & u128::from(u64::MAX), both >> 64);
            entities.push((u64::try_from(entity).ok()?.cast_signed(), u64::try_from(sum).ok()?));
        }
        Some(Made { entities, most: 0 })
    }

    /// Puts it into the folder of an index that is not published yet.
    pub(crate) fn write(&self, folder: &Path) -> Result<(), Error> {
        let path = folder.join(FILE);
        let write = || -> io::Result<()> {
            // The folder may share files with one that stands: this one is its own.
            match fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            let mut output = BufWriter::new(File::create_new(&path)?);
            output.write_all(&HEAD)?;
            for (entity, sum) in &self.entities {
                output.write_all(&entity.to_le_bytes())?;
                output.write_all(&sum.to_le_bytes())?;
            }
            output.into_inner()?.sync_all()
        };
        write().map_err(Error::folder("writing", &path))
    }
}

/// A record's number as one that can be added up (the finaliser of SplitMix64, Steele 2014).
fn mixed(record: i64) -> u64 {
    let mut state = record.cast_unsigned().wrapping_add(0x9e37_79b9_7f4a_7c15);
    state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    state ^ (state >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::{BTreeMap, BTreeSet};

    type Sets = BTreeMap<i64, BTreeSet<i64>>;

    fn made(sets: &Sets, backwards: bool) -> Made {
        let mut pairs: Vec<(i64, i64)> =
            sets.iter().flat_map(|(entity, records)| records.iter().map(|record| (*entity, *record))).collect();
        if backwards {
            pairs.reverse();
        }
        let mut made = Made::default();
        pairs.into_iter().for_each(|(entity, record)| made.add(entity, record));
        made.sum();
        made
    }

    fn sets() -> impl Strategy<Value = Sets> {
        let records = proptest::collection::btree_set(-5..200_i64, 1..6);
        proptest::collection::btree_map(-3..20_i64, records, 0..12)
    }

    proptest! {
        #[test]
        fn those_that_have_other_records_are_told_in_whatever_order_they_come(before in sets(), after in sets()) {
            let other: Vec<i64> = before.keys().chain(after.keys()).filter(|entity| before.get(entity) != after.get(entity)).copied()
                .collect::<BTreeSet<_>>().into_iter().collect();
            prop_assert_eq!(made(&after, true).other_than(&made(&before, false)), other);
            let folder = tempfile::tempdir().unwrap();
            made(&after, false).write(folder.path()).unwrap();
            prop_assert_eq!(Made::read(folder.path()), Some(made(&after, true)));
        }
    }

    #[test]
    fn a_file_that_is_not_whole_or_of_another_way_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        assert_eq!(Made::read(folder.path()), None);
        made(&[(1, [7].into()), (2, [8].into())].into(), false).write(folder.path()).unwrap();
        let bytes = fs::read(&path).unwrap();
        fs::write(&path, &bytes[..bytes.len() - 1]).unwrap();
        assert_eq!(Made::read(folder.path()), None);
        fs::write(&path, [b"WWMADE00", &bytes[8..]].concat()).unwrap();
        assert_eq!(Made::read(folder.path()), None);
    }
}
