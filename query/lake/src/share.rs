//! Files dealt out to those who read them side by side. Where there are enough, each has whole ones, by their rows. Of a few of unlike length the
//! rows are dealt out, in equal shares: the engine cuts a file only between its row groups, of which most tables have one, and one would read all
//! of it while the others wait. To cut many files is no gain: of those the index of their pages is read, and asked for each of their columns.

use std::ops::Range;

/// Rows of a share from which on another reader is worth beginning, and by which one may be larger than the others.
const LEAST: usize = 32 * 1024;

/// Files for each reader that are few.
const FEW: usize = 4;

/// Whether rows of so many files are dealt out, as far as each tells how many it has: whether it is of use to know which of them are wanted.
pub(crate) fn is_dealt_out(files: impl ExactSizeIterator<Item = Option<usize>>, readers: usize) -> bool {
    files.len() <= FEW * readers && files.sum::<Option<usize>>().is_some_and(|rows| rows >= 2 * LEAST)
}

/// Of files with so many rows, which rows of which each of at most so many readers has: the places of files and ranges of their rows.
pub(crate) fn shares(files: &[usize], readers: usize) -> Vec<Vec<(usize, Range<usize>)>> {
    let all: usize = files.iter().sum();
    let readers = readers.min(all / LEAST).max(1);
    let mut shares = whole(files, all, readers);
    let largest = shares.iter().map(|share| share.iter().map(|(_, rows)| rows.len()).sum::<usize>()).max().unwrap_or_default();
    if files.len() <= FEW * readers && largest >= all / readers + LEAST {
        shares = cut(files, all, readers);
    }
    shares.retain(|share| !share.is_empty());
    shares
}

/// Each reader has the same number of rows, but for one.
fn cut(files: &[usize], all: usize, readers: usize) -> Vec<Vec<(usize, Range<usize>)>> {
    let (mut shares, mut mine, mut dealt) = (Vec::new(), Vec::new(), 0);
    for (file, &rows) in files.iter().enumerate() {
        let mut from = 0;
        while from < rows {
            let due = all * (shares.len() + 1) / readers;
            let taken = (rows - from).min(due - dealt);
            if taken > 0 {
                mine.push((file, from..from + taken));
            }
            (from, dealt) = (from + taken, dealt + taken);
            if dealt == due {
                shares.push(std::mem::take(&mut mine));
            }
        }
    }
    shares
}

/// Each reader has files until they have as many rows as are due, or nearly.
fn whole(files: &[usize], all: usize, readers: usize) -> Vec<Vec<(usize, Range<usize>)>> {
    let (mut shares, mut mine, mut dealt) = (Vec::new(), Vec::new(), 0);
    for (file, &rows) in files.iter().enumerate().filter(|(_, rows)| **rows > 0) {
        let due = all * (shares.len() + 1) / readers;
        let is_nearer_without = dealt + rows > due && (dealt + rows) - due > due.saturating_sub(dealt);
        if is_nearer_without && !mine.is_empty() && shares.len() + 1 < readers {
            shares.push(std::mem::take(&mut mine));
        }
        mine.push((file, 0..rows));
        dealt += rows;
    }
    shares.push(mine);
    shares
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_few_unlike_files_are_cut_and_many_stay_whole() {
        assert_eq!(shares(&[100_001], 2), [vec![(0, 0..50_000)], vec![(0, 50_000..100_001)]]);
        assert_eq!(shares(&[60_000], 2), [vec![(0, 0..60_000)]], "for so few nobody else is called");
        assert_eq!(
            shares(&[10_000, 120_000, 20_000], 2),
            [vec![(0, 0..10_000), (1, 0..65_000)], vec![(1, 65_000..120_000), (2, 0..20_000)]]
        );
        assert_eq!(shares(&[120_000; 9], 2).concat(), (0..9).map(|file| (file, 0..120_000)).collect::<Vec<_>>());
        assert_eq!(shares(&[40_000, 40_000, 40_000], 2), [vec![(0, 0..40_000), (1, 0..40_000)], vec![(2, 0..40_000)]]);
        assert!(shares(&[], 2).is_empty() && shares(&[0, 0], 2).is_empty());
    }

    proptest! {
        #[test]
        fn every_row_is_dealt_once_and_in_order(files in prop::collection::vec(0_usize..200_000, 0..12), readers in 1_usize..9) {
            let shares = shares(&files, readers);
            prop_assert!(shares.len() <= readers);
            let mut next = (0, 0);
            for (file, rows) in shares.iter().flatten() {
                while next.1 == files[next.0] {
                    next = (next.0 + 1, 0);
                }
                prop_assert_eq!((*file, rows.start), next);
                prop_assert!(!rows.is_empty());
                next.1 = rows.end;
            }
            let count = |share: &Vec<(usize, Range<usize>)>| share.iter().map(|(_, rows)| rows.len()).sum::<usize>();
            let (all, largest) = (files.iter().sum::<usize>(), files.iter().copied().max().unwrap_or_default());
            prop_assert_eq!(shares.iter().map(count).sum::<usize>(), all);
            prop_assert!(shares.iter().all(|share| count(share) <= all / shares.len() + largest + 1));
        }

        #[test]
        fn of_one_file_shares_are_equal(rows in 0_usize..20_000_000, readers in 1_usize..9) {
            let shares = shares(&[rows], readers);
            prop_assert!(shares.iter().flatten().all(|(_, range)| range.len().abs_diff(rows / shares.len()) <= 1));
        }
    }
}
