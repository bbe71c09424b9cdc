//! A reader on a thread of its own, ahead of whoever takes its rows: cells are cut and decoded while those before them are mapped. Rows come
//! in the same order, and an error at the same place, as without it. Rows travel in batches which come back to be filled again.

use super::{Reader, Row};
use crate::Error;
use std::{
    sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel},
    thread,
};

/// Rows of a batch, and bytes of cells above which it ends before it has as many.
const ROWS: usize = 256;
const BYTES: usize = 256 << 10;

/// Batches that may wait to be taken: rows of a few milliseconds, so that neither side stops whenever the other one does.
const WAITING: usize = 2;

/// Memory that a batch may hold when it comes back: after rows that were wider it is given up.
const KEPT_BYTES: usize = 4 * BYTES;

/// Rows read, and what comes behind them.
struct Batch {
    rows: Vec<Row>,
    count: usize,
    end: End,
}

/// What comes behind the rows of a batch.
enum End {
    More,
    File,
    Fault(Error),
}

/// The rows of the reader on the other thread.
pub(super) struct Ahead {
    batches: Receiver<Batch>,
    used: Sender<Vec<Row>>,
    present: Batch,
    at: usize,
}

impl Ahead {
    /// Lets the reader go ahead; where the system starts no thread nothing is lost but time.
    pub(super) fn of(reader: Box<dyn Reader>) -> Box<dyn Reader> {
        let (batches_in, batches) = sync_channel(WAITING);
        let (used, used_out) = channel();
        // The thread takes the reader only once it runs.
        let (hand, take) = channel::<Box<dyn Reader>>();
        let run = move || take.recv().map_or((), |reader| read(reader, &batches_in, &used_out));
        match thread::Builder::new().name("rows".to_owned()).spawn(run) {
            Err(_) => reader,
            Ok(_) => match hand.send(reader) {
                Err(back) => back.0,
                Ok(()) => Box::new(Ahead { batches, used, present: Batch { rows: Vec::new(), count: 0, end: End::More }, at: 0 }),
            },
        }
    }
}

/// Reads until the file ends, or nobody takes rows any more.
fn read(mut reader: Box<dyn Reader>, batches: &SyncSender<Batch>, used: &Receiver<Vec<Row>>) {
    loop {
        let batch = fill(&mut *reader, used.try_recv().unwrap_or_default());
        let is_last = !matches!(batch.end, End::More);
        if batches.send(batch).is_err() || is_last {
            return;
        }
    }
}

fn fill(reader: &mut dyn Reader, mut rows: Vec<Row>) -> Batch {
    let (mut count, mut bytes) = (0, 0);
    while count < ROWS && bytes < BYTES {
        if count == rows.len() {
            rows.push(Row::default());
        }
        match reader.next(&mut rows[count]) {
            Ok(true) => {}
            Ok(false) => return Batch { rows, count, end: End::File },
            Err(error) => return Batch { rows, count, end: End::Fault(error) },
        }
        bytes += rows[count].cells.iter().map(String::len).sum::<usize>();
        count += 1;
    }
    Batch { rows, count, end: End::More }
}

impl Reader for Ahead {
    fn next(&mut self, row: &mut Row) -> Result<bool, Error> {
        while self.at == self.present.count {
            match std::mem::replace(&mut self.present.end, End::File) {
                End::More => {}
                End::File => return Ok(false),
                End::Fault(error) => return Err(error),
            }
            self.turn();
        }
        std::mem::swap(row, &mut self.present.rows[self.at]);
        self.at += 1;
        Ok(true)
    }
}

impl Ahead {
    /// Takes the next batch and gives this one back. A thread that is gone without a last batch has broken, and so does this one.
    fn turn(&mut self) {
        let Ok(next) = self.batches.recv() else { std::panic::resume_unwind(Box::new("the reader of the rows broke")) };
        let rows = std::mem::replace(&mut self.present, next).rows;
        self.at = 0;
        let held = rows.iter().flat_map(|row| &row.cells).map(String::capacity).sum::<usize>();
        if held <= KEPT_BYTES {
            // Whoever has read all needs none back.
            drop(self.used.send(rows));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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

    fn told(mut reader: Box<dyn Reader>) -> Vec<String> {
        let (mut all, mut row) = (Vec::new(), Row::default());
        loop {
            match reader.next(&mut row) {
                Ok(true) => all.push(format!("{} {:?}", row.number, row.cells)),
                Ok(false) => return all,
                Err(error) => {
                    all.push(error.to_string());
                    return all;
                }
            }
        }
    }

    proptest! {
        #[test]
        fn a_reader_that_goes_ahead_says_the_same(few in prop::collection::vec(0usize..BYTES, 0..6), many in 0usize..4 * ROWS, breaks: bool) {
            let lengths: Vec<usize> = few.iter().copied().chain(std::iter::repeat_n(3, many)).chain(few.iter().copied()).collect();
            let made = || Box::new(Made { lengths: lengths.clone().into_iter(), number: 0, breaks });
            prop_assert_eq!(told(Ahead::of(made())), told(made()));
        }
    }

    #[test]
    fn a_reader_that_nobody_listens_to_ends() {
        let endless = Made { lengths: vec![1; 100 * ROWS].into_iter(), number: 0, breaks: false };
        let mut reader = Ahead::of(Box::new(endless));
        assert!(reader.next(&mut Row::default()).unwrap());
    }
}
