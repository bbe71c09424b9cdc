//! How the blocks of a key are laid out: rows of one hash together, and what becomes of a block too big. Which pairs of a block are shown is not
//! decided here.

use super::{CAP, KeyReport, Shown, standing::Standing};
use crate::column::{Column, narrow};
use std::sync::atomic::{AtomicU32, Ordering};

/// What was laid out of a key.
#[derive(Debug, Default)]
pub(super) struct Laid {
    pub(super) report: KeyReport,
    pub(super) rows: Vec<u32>,
    /// Where each block ends among the rows.
    pub(super) ends: Vec<u32>,
    /// Of each block how much of it is shown.
    pub(super) shown: Vec<Shown>,
}

/// Lays out blocks of one key, or one part of them.
#[derive(Debug)]
pub(super) struct Laying<'a> {
    standing: &'a Standing,
    refiners: &'a [&'a Column],
    /// The number of the block that each row is in; a row is in one part only.
    seats: &'a [AtomicU32],
    /// The number of the next block, and how far the next is from it: no two parts give the same, whoever lays them out and when, as
    /// long as a part has less than 2^27 blocks.
    next: u32,
    step: u32,
    pub(super) laid: Laid,
}

impl<'a> Laying<'a> {
    /// One part, by number, of so many.
    pub(super) fn new(standing: &'a Standing, refiners: &'a [&'a Column], seats: &'a [AtomicU32], part: u32, parts: u32) -> Laying<'a> {
        Laying { standing, refiners, seats, next: part + 1, step: parts, laid: Laid::default() }
    }

    /// Takes a block, or what refining makes of it.
    pub(super) fn add(&mut self, rows: Vec<u32>, shown: Shown) {
        self.refine(rows, self.refiners, shown);
    }

    /// The same, by the properties that are left to refine it. Gives the number of its pairs.
    fn refine(&mut self, mut rows: Vec<u32>, refiners: &[&Column], shown: Shown) -> u64 {
        let cost = self.standing.arrange(&mut rows);
        let number = self.next;
        self.next = number.saturating_add(self.step);
        self.seat(&rows, number);
        if cost == 0 {
            return cost;
        }
        if cost <= CAP {
            self.laid.report.blocks += 1;
            self.laid.report.pairs += cost;
            if shown != Shown::Nothing {
                self.laid.rows.extend(rows);
                self.laid.ends.push(narrow(self.laid.rows.len()));
                self.laid.shown.push(shown);
            }
            return cost;
        }
        self.seat(&rows, 0);
        let Some((refiner, further)) = refiners.split_first() else {
            self.laid.report.cut += 1;
            self.laid.report.pairs_cut += cost;
            return cost;
        };
        self.laid.report.refined += 1;
        rows.sort_unstable_by_key(|&row| (refiner.ids[row as usize], row));
        let mut left_over = cost;
        let parts = rows.chunk_by(|left, right| refiner.ids[*left as usize] == refiner.ids[*right as usize]);
        // What the refining property does not know may still be parted by the next. Numbers of values are as these came, so they give no order.
        let mut parts: Vec<&[u32]> = parts.filter(|part| part.len() > 1).collect();
        parts.sort_unstable_by_key(|part| refiner.text(part[0]));
        for part in parts {
            left_over -= self.refine(part.to_vec(), further, shown);
        }
        self.laid.report.pairs_cut += left_over;
        cost
    }

    fn seat(&self, rows: &[u32], number: u32) {
        rows.iter().for_each(|&row| self.seats[row as usize].store(number, Ordering::Relaxed));
    }
}

impl Laid {
    /// All parts, one after the other.
    pub(super) fn of(parts: Vec<Laid>, key: String) -> Laid {
        let size = |of: fn(&Laid) -> usize| parts.iter().map(of).sum();
        let (rows, ends, shown) = (size(|part| part.rows.len()), size(|part| part.ends.len()), size(|part| part.shown.len()));
        let (rows, ends, shown) = (Vec::with_capacity(rows), Vec::with_capacity(ends), Vec::with_capacity(shown));
        let mut all = Laid { report: KeyReport { key, ..KeyReport::default() }, rows, ends, shown };
        for part in parts {
            let before = narrow(all.rows.len());
            all.ends.extend(part.ends.iter().map(|end| before + end));
            all.rows.extend(part.rows);
            all.shown.extend(part.shown);
            all.report.add(&part.report);
        }
        all
    }
}

impl KeyReport {
    fn add(&mut self, part: &KeyReport) {
        self.blocks += part.blocks;
        self.pairs += part.pairs;
        self.refined += part.refined;
        self.cut += part.cut;
        self.pairs_cut += part.pairs_cut;
    }
}
