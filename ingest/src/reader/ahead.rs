//! A reader on a thread of its own, ahead of whoever takes its rows: cells are cut, decoded and hashed while those before them are mapped.
//! Rows come in blocks, in the same order, and an error at the same place, as without it.

use super::{Reader, Row};
use crate::{
    Error, Extract,
    block::{Block, Filling},
    held::RowHash,
};
use std::{
    sync::mpsc::{Receiver, SyncSender, channel, sync_channel},
    thread,
};

/// Blocks that may wait to be taken: rows of a few milliseconds, so that neither side stops whenever the other one does.
const WAITING: usize = 2;

/// The rows of a file, block by block.
pub(crate) struct Blocks {
    source: Source,
    has_ended: bool,
    /// What ends the file, behind the block that was handed out last.
    fault: Option<Error>,
}

enum Source {
    Here(Box<Hashed>),
    Ahead(Receiver<Batch>),
}

/// Rows read, and what comes behind them.
struct Batch {
    block: Block,
    end: End,
}

/// What comes behind the rows of a batch.
enum End {
    More,
    File,
    Fault(Error),
}

impl Blocks {
    /// Lets the reader go ahead; where the system starts no thread nothing is lost but time.
    pub(crate) fn of(reader: Box<dyn Reader>, extract: &Extract) -> Blocks {
        let (batches_in, batches) = sync_channel(WAITING);
        // The thread takes the reader only once it runs.
        let (hand, take) = channel::<Box<Hashed>>();
        let run = move || take.recv().map_or((), |reader| read(*reader, &batches_in));
        let reader = Box::new(Hashed::new(reader, extract));
        let source = match thread::Builder::new().name("rows".to_owned()).spawn(run) {
            Err(_) => Source::Here(reader),
            Ok(_) => match hand.send(reader) {
                Err(back) => Source::Here(back.0),
                Ok(()) => Source::Ahead(batches),
            },
        };
        Blocks { source, has_ended: false, fault: None }
    }

    /// The next rows; none at the end.
    ///
    /// # Errors
    /// What ends the reading of the whole file.
    pub(crate) fn next(&mut self) -> Result<Option<Block>, Error> {
        if let Some(fault) = self.fault.take() {
            return Err(fault);
        }
        if self.has_ended {
            return Ok(None);
        }
        let batch = match &mut self.source {
            Source::Here(reader) => reader.batch(),
            // A thread that is gone without a last batch has broken, and so does this one.
            Source::Ahead(batches) => {
                batches.recv().unwrap_or_else(|_| std::panic::resume_unwind(Box::new("the reader of the rows broke")))
            }
        };
        self.has_ended = !matches!(batch.end, End::More);
        if let End::Fault(fault) = batch.end {
            self.fault = Some(fault);
        }
        Ok(Some(batch.block))
    }
}

/// Reads until the file ends, or nobody takes rows any more.
fn read(mut reader: Hashed, batches: &SyncSender<Batch>) {
    loop {
        let batch = reader.batch();
        let is_last = !matches!(batch.end, End::More);
        if batches.send(batch).is_err() || is_last {
            return;
        }
    }
}

/// A reader whose rows are hashed where they are read, and not where they are mapped. What a hash is of is told in `held`.
struct Hashed {
    reader: Box<dyn Reader>,
    hash: RowHash,
    row: Row,
    filling: Filling,
}

impl Hashed {
    fn new(reader: Box<dyn Reader>, extract: &Extract) -> Hashed {
        Hashed { reader, hash: RowHash::new(extract), row: Row::default(), filling: Filling::new(extract.columns.len()) }
    }

    fn batch(&mut self) -> Batch {
        let end = loop {
            match self.reader.add(&mut self.row, &mut self.filling) {
                Ok(true) if !self.filling.is_full() => {}
                Ok(true) => break End::More,
                Ok(false) => break End::File,
                Err(error) => break End::Fault(error),
            }
        };
        let mut block = self.filling.finish();
        self.hash.all(&mut block);
        Batch { block, end }
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::departments;
    use super::*;
    use crate::block::{BYTES, ROWS};
    use proptest::prelude::*;

    /// Rows of these lengths, then the end or an error.
    struct Made {
        lengths: std::vec::IntoIter<usize>,
        number: u64,
        breaks: bool,
    }

    impl Reader for Made {
        fn next(&mut self, row: &mut Row) -> Result<bool, Error> {
            let Some(length) = self.lengths.next() else {
                return if self.breaks { Err(Error::Empty { path: "a.csv".to_owned() }) } else { Ok(false) };
            };
            self.number += 1;
            row.reset(self.number, 2);
            row.cells[1].push_str(&"a".repeat(length));
            Ok(true)
        }
    }

    fn told(made: Made, is_ahead: bool) -> Vec<String> {
        let departments = departments();
        let extract = departments.extract("ga_people").unwrap();
        let mut blocks = match is_ahead {
            true => Blocks::of(Box::new(made), extract),
            false => Blocks { source: Source::Here(Box::new(Hashed::new(Box::new(made), extract))), has_ended: false, fault: None },
        };
        let mut all = Vec::new();
        loop {
            match blocks.next() {
                Ok(Some(block)) => {
                    assert!(block.rows.len() <= ROWS && block.bytes() < 2 * BYTES);
                    let row = |at: usize| format!("{:?} {:?}", block.rows[at], block.cells(at).iter().collect::<Vec<_>>());
                    all.extend((0..block.rows.len()).map(row));
                }
                Ok(None) => return all,
                Err(error) => {
                    all.push(error.to_string());
                    return all;
                }
            }
        }
    }

    proptest! {
        #[test]
        fn a_reader_that_goes_ahead_says_the_same(few in prop::collection::vec(0usize..BYTES, 0..6), many in 0usize..3 * ROWS, breaks: bool) {
            let lengths: Vec<usize> = few.iter().copied().chain(std::iter::repeat_n(3, many)).chain(few.iter().copied()).collect();
            let made = || Made { lengths: lengths.clone().into_iter(), number: 0, breaks };
            let rows = told(made(), true);
            prop_assert_eq!(rows.len(), lengths.len() + usize::from(breaks));
            prop_assert_eq!(rows, told(made(), false));
        }
    }

    #[test]
    fn a_reader_that_nobody_listens_to_ends() {
        let endless = Made { lengths: vec![1; 100 * ROWS].into_iter(), number: 0, breaks: false };
        let departments = departments();
        let mut blocks = Blocks::of(Box::new(endless), departments.extract("ga_people").unwrap());
        assert!(blocks.next().unwrap().is_some());
    }
}
