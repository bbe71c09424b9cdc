//! Rows by the hash of a key: part by part, so that several threads sort and take apart what is of one key. What a block is worth does not
//! enter.

use crate::{
    column::{Table, low, narrow},
    key,
    parallel::parallel,
};

/// The rows of a key by its hash, in parts by the highest bits of it, and within these of some rows each. Rows without a key are in none.
pub(super) struct Hashes(Vec<Vec<Vec<(u64, u32)>>>);

/// Rows that one thread hashes at once, and parts of a key.
const ROWS: u32 = 1 << 16;
pub(super) const PARTS: usize = 1 << HIGHEST;
const HIGHEST: u32 = 5;

impl Hashes {
    pub(super) fn of(made_of: &[key::Part<'_>], table: &Table, threads: usize) -> Hashes {
        let some = |(): &mut (), at: usize| {
            let from = narrow(at) * ROWS;
            let rows = from..table.rows().end.min(from.saturating_add(ROWS));
            let mut parts = vec![Vec::new(); PARTS];
            for (row, hash) in rows.clone().zip(key::keys(made_of, rows)).filter(|(_, hash)| *hash != 0) {
                parts[(hash >> (u64::BITS - HIGHEST)) as usize].push((hash, row));
            }
            parts
        };
        Hashes(parallel(threads, table.rows().end.div_ceil(ROWS) as usize, || (), some))
    }

    /// Shows the rows of each hash of a part that more than one has.
    pub(super) fn each_block(&self, part: usize, mut each: impl FnMut(Vec<u32>)) {
        let mut rows = self.0.iter().map(|parts| parts[part].as_slice()).collect::<Vec<_>>().concat();
        rows.sort_unstable();
        blocks_of(&rows, |_, rows| each(rows));
    }
}

/// Shows the rows of each hash that more than one has. They come as the upper half of their hash and the row, so that a row takes eight bytes;
/// the few that share it only are taken apart afterwards, by the rest of their hash or all of it, which is shown too.
pub(super) fn each_block(mut packed: Vec<u64>, hash: impl Fn(u32) -> u64, mut each: impl FnMut(u64, Vec<u32>)) {
    packed.sort_unstable();
    for run in packed.chunk_by(|left, right| left >> 32 == right >> 32).filter(|run| run.len() > 1) {
        let mut rows: Vec<(u64, u32)> = run.iter().map(|&packed| (hash(low(packed)), low(packed))).collect();
        rows.sort_unstable();
        blocks_of(&rows, &mut each);
    }
}

fn blocks_of(rows: &[(u64, u32)], mut each: impl FnMut(u64, Vec<u32>)) {
    for block in rows.chunk_by(|left, right| left.0 == right.0).filter(|block| block.len() > 1) {
        each(block[0].0, block.iter().map(|&(_, row)| row).collect());
    }
}
