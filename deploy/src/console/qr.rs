//! A text as a QR code (ISO/IEC 18004): bytes, correction level M, versions 1 to 10, which is up to 213 bytes. It is for the address that an
//! authenticator takes, so that nobody has to type a secret.

/// A code as a path of SVG, a unit a module.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Picture {
    pub(crate) size: usize,
    pub(crate) path: String,
}

/// Of each version the correction codewords of a block, and the data codewords of each block (table 9, level M).
const BLOCKS: [(usize, &[usize]); 10] = [
    (10, &[16]),
    (16, &[28]),
    (26, &[44]),
    (18, &[32, 32]),
    (24, &[43, 43]),
    (16, &[27, 27, 27, 27]),
    (18, &[31, 31, 31, 31]),
    (22, &[38, 38, 39, 39]),
    (22, &[36, 36, 36, 37, 37]),
    (26, &[43, 43, 43, 43, 44]),
];
/// Where the middles of its alignment patterns are (annex E).
const ALIGNED: [&[usize]; 10] =
    [&[], &[6, 18], &[6, 22], &[6, 26], &[6, 30], &[6, 34], &[6, 22, 38], &[6, 24, 42], &[6, 26, 46], &[6, 28, 50]];
const MASKS: u8 = 8;
/// Modules that stay light around it (9.1).
const MARGIN: usize = 4;

impl Picture {
    /// What of the plane it takes, with its margin, as SVG has it.
    pub(crate) fn seen(&self) -> String {
        let whole = self.size + 2 * MARGIN;
        format!("-{MARGIN} -{MARGIN} {whole} {whole}")
    }
}

/// The code of a text; none when it is too long.
pub(crate) fn picture(text: &str) -> Option<Picture> {
    let (version, data) = (1..=BLOCKS.len()).find_map(|version| Some((version, coded(text.as_bytes(), version)?)))?;
    let blank = Grid::of(version, &corrected(&data, version));
    let masked = (0..MASKS).map(|mask| blank.masked(mask));
    // Each mask is right; the one that scanners read best is taken.
    let best = masked.min_by_key(Grid::penalty)?;
    Some(Picture { size: best.size, path: best.path() })
}

/// The data codewords of a version, if it holds so many (7.4).
fn coded(bytes: &[u8], version: usize) -> Option<Vec<u8>> {
    let room: usize = BLOCKS[version - 1].1.iter().sum();
    let counted = if version < 10 { 8 } else { 16 };
    let mut bits: Vec<bool> = Vec::new();
    let mut put = |value: usize, count: usize| bits.extend((0..count).rev().map(|at| value >> at & 1 == 1));
    put(0b0100, 4);
    put(bytes.len(), counted);
    bytes.iter().for_each(|byte| put(usize::from(*byte), 8));
    if bits.len() > room * 8 || bytes.len() >> counted > 0 {
        return None;
    }
    bits.resize((bits.len() + 4).min(room * 8).next_multiple_of(8), false);
    let mut data: Vec<u8> = bits.chunks(8).map(|eight| eight.iter().fold(0, |byte, bit| byte << 1 | u8::from(*bit))).collect();
    let padding = [0xec, 0x11].into_iter().cycle();
    data.extend(padding.take(room - data.len()));
    Some(data)
}

/// Data and correction, block by block in turn (7.5, 7.6).
fn corrected(data: &[u8], version: usize) -> Vec<u8> {
    let (correction, lengths) = BLOCKS[version - 1];
    let generator = generator(correction);
    let (mut blocks, mut corrections, mut at) = (Vec::new(), Vec::new(), 0);
    for length in lengths {
        let block = &data[at..at + length];
        at += length;
        corrections.push(remainder(block, &generator));
        blocks.push(block.to_vec());
    }
    [blocks, corrections].iter().flat_map(|parts| interleaved(parts)).collect()
}

fn interleaved(parts: &[Vec<u8>]) -> Vec<u8> {
    let longest = parts.iter().map(Vec::len).max().unwrap_or_default();
    (0..longest).flat_map(|at| parts.iter().filter_map(move |part| part.get(at).copied())).collect()
}

/// Product in the field of 256 (x⁸ + x⁴ + x³ + x² + 1).
fn product(left: u8, right: u8) -> u8 {
    (0..8).rev().fold(0, |sum: u8, at| {
        let doubled = sum << 1 ^ if sum & 0x80 == 0 { 0 } else { 0x1d };
        if right >> at & 1 == 1 { doubled ^ left } else { doubled }
    })
}

/// The generator of that degree, its leading 1 left out.
fn generator(degree: usize) -> Vec<u8> {
    let mut made = vec![0; degree];
    made[degree - 1] = 1;
    let mut root = 1;
    for _ in 0..degree {
        for at in 0..degree {
            made[at] = product(made[at], root) ^ made.get(at + 1).copied().unwrap_or_default();
        }
        root = product(root, 2);
    }
    made
}

fn remainder(block: &[u8], generator: &[u8]) -> Vec<u8> {
    let mut rest = vec![0; generator.len()];
    for byte in block {
        let factor = byte ^ rest.remove(0);
        rest.push(0);
        rest.iter_mut().zip(generator).for_each(|(rest, part)| *rest ^= product(*part, factor));
    }
    rest
}

/// Modules, dark or light; those of patterns are fixed.
#[derive(Debug, Clone)]
struct Grid {
    size: usize,
    dark: Vec<bool>,
    fixed: Vec<bool>,
}

impl Grid {
    /// All modules before they are masked.
    fn of(version: usize, codewords: &[u8]) -> Grid {
        let size = 17 + 4 * version;
        let mut grid = Grid { size, dark: vec![false; size * size], fixed: vec![false; size * size] };
        (0..size).for_each(|at| [(at, 6), (6, at)].into_iter().for_each(|(x, y)| grid.fix(x, y, at % 2 == 0)));
        for (x, y) in [(3, 3), (size - 4, 3), (3, size - 4)] {
            grid.rings(x, y, 4, |distance| distance != 2 && distance != 4);
        }
        let aligned = ALIGNED[version - 1];
        let last = aligned.last().copied().unwrap_or_default();
        for (x, y) in aligned.iter().flat_map(|x| aligned.iter().map(move |y| (*x, *y))) {
            if ![(6, 6), (6, last), (last, 6)].contains(&(x, y)) {
                grid.rings(x, y, 2, |distance| distance != 1);
            }
        }
        grid.version(version);
        grid.format(0);
        grid.fill(codewords);
        grid
    }

    fn fix(&mut self, x: usize, y: usize, is_dark: bool) {
        let at = y * self.size + x;
        (self.dark[at], self.fixed[at]) = (is_dark, true);
    }

    /// Squares around a middle, as far as they are in the grid.
    fn rings(&mut self, x: usize, y: usize, radius: usize, is_dark: impl Fn(usize) -> bool) {
        for down in y.saturating_sub(radius)..=(y + radius).min(self.size - 1) {
            for right in x.saturating_sub(radius)..=(x + radius).min(self.size - 1) {
                self.fix(right, down, is_dark(right.abs_diff(x).max(down.abs_diff(y))));
            }
        }
    }

    /// The version, from 7 on, with its correction (7.10).
    fn version(&mut self, version: usize) {
        if version < 7 {
            return;
        }
        let rest = (0..12).fold(version, |rest, _| (rest << 1) ^ ((rest >> 11) * 0x1f25));
        let bits = version << 12 | rest;
        for at in 0..18 {
            let (far, near) = (self.size - 11 + at % 3, at / 3);
            self.fix(far, near, bits >> at & 1 == 1);
            self.fix(near, far, bits >> at & 1 == 1);
        }
    }

    /// Level and mask, with their correction, twice (7.9); the bits of level M are 00.
    fn format(&mut self, mask: u8) {
        let mask = usize::from(mask);
        let rest = (0..10).fold(mask, |rest, _| (rest << 1) ^ ((rest >> 9) * 0x537));
        let bits = (mask << 10 | rest) ^ 0x5412;
        for at in 0..15 {
            let is_dark = bits >> at & 1 == 1;
            let (x, y) = match at {
                0..=5 => (8, at),
                6 => (8, 7),
                7 => (8, 8),
                8 => (7, 8),
                _ => (14 - at, 8),
            };
            self.fix(x, y, is_dark);
            let (x, y) = if at < 8 { (self.size - 1 - at, 8) } else { (8, self.size - 15 + at) };
            self.fix(x, y, is_dark);
        }
        self.fix(8, self.size - 8, true);
    }

    /// Codewords from the lower right corner, two columns up, two down (7.7.3).
    fn fill(&mut self, codewords: &[u8]) {
        let mut bits = codewords.iter().flat_map(|byte| (0..8).rev().map(move |at| byte >> at & 1 == 1));
        let pairs = (0..self.size).rev().filter(|right| if *right > 6 { right % 2 == 0 } else { right % 2 == 1 });
        for (turn, right) in pairs.enumerate() {
            for down in 0..self.size {
                let y = if turn % 2 == 0 { self.size - 1 - down } else { down };
                for x in [right, right - 1] {
                    let at = y * self.size + x;
                    if !self.fixed[at] {
                        self.dark[at] = bits.next().unwrap_or_default();
                    }
                }
            }
        }
    }

    fn masked(&self, mask: u8) -> Grid {
        let mut grid = self.clone();
        for at in (0..self.dark.len()).filter(|at| !self.fixed[*at]) {
            grid.dark[at] ^= is_masked(mask, at % self.size, at / self.size);
        }
        grid.format(mask);
        grid
    }

    /// How badly it reads (7.8.3): runs, blocks, what looks like a finder, and how far from even it is.
    fn penalty(&self) -> usize {
        let at = |x: usize, y: usize| self.dark[y * self.size + x];
        let rows = (0..self.size).map(|y| (0..self.size).map(|x| at(x, y)).collect::<Vec<_>>());
        let columns = (0..self.size).map(|x| (0..self.size).map(|y| at(x, y)).collect::<Vec<_>>());
        let lines: usize = rows.chain(columns).map(|line| runs(&line) + finders(&line)).sum();
        let same = |x: usize, y: usize| [at(x + 1, y), at(x, y + 1), at(x + 1, y + 1)] == [at(x, y); 3];
        let blocks = (0..self.size - 1).flat_map(|y| (0..self.size - 1).map(move |x| (x, y))).filter(|(x, y)| same(*x, *y)).count();
        let dark = self.dark.iter().filter(|dark| **dark).count() * 20;
        let uneven = dark.abs_diff(self.dark.len() * 10) / self.dark.len();
        lines + 3 * blocks + 10 * uneven
    }

    fn path(&self) -> String {
        let mut path = String::new();
        for (y, row) in self.dark.chunks(self.size).enumerate() {
            let mut x = 0;
            for run in row.chunk_by(|left, right| left == right) {
                if run[0] {
                    path.push_str(&format!("M{x} {y}h{0}v1h-{0}z", run.len()));
                }
                x += run.len();
            }
        }
        path
    }
}

fn is_masked(mask: u8, x: usize, y: usize) -> bool {
    0 == match mask {
        0 => (x + y) % 2,
        1 => y % 2,
        2 => x % 3,
        3 => (x + y) % 3,
        4 => (x / 3 + y / 2) % 2,
        5 => x * y % 2 + x * y % 3,
        6 => (x * y % 2 + x * y % 3) % 2,
        _ => ((x + y) % 2 + x * y % 3) % 2,
    }
}

fn runs(line: &[bool]) -> usize {
    line.chunk_by(|left, right| left == right).map(<[bool]>::len).filter(|length| *length >= 5).map(|length| length - 2).sum()
}

fn finders(line: &[bool]) -> usize {
    const FINDER: [bool; 7] = [true, false, true, true, true, false, true];
    let light = |at: std::ops::Range<usize>| line.get(at).is_some_and(|four| four.iter().all(|dark| !dark));
    let is_one = |at: &usize| {
        line[*at..].starts_with(&FINDER) && (light(at + 7..at + 11) || at.checked_sub(4).is_some_and(|before| light(before..*at)))
    };
    40 * (0..line.len()).filter(is_one).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of many descriptions of the standard: the data of `HELLO WORLD` and what corrects it.
    #[test]
    fn correction_is_that_of_the_standard() {
        let data = [32, 91, 11, 120, 209, 114, 220, 77, 67, 64, 236, 17, 236, 17, 236, 17];
        assert_eq!(remainder(&data, &generator(10)), [196, 35, 39, 119, 235, 215, 231, 226, 93, 23]);
        assert_eq!(generator(7), [127, 122, 154, 164, 11, 68, 117]);
    }

    /// As another encoder draws it with the same mask.
    #[test]
    fn a_text_is_drawn_as_others_draw_it() {
        let drawn = [
            "#######.#.....#######",
            "#.....#..#.##.#.....#",
            "#.###.#...#...#.###.#",
            "#.###.#.##....#.###.#",
            "#.###.#.##..#.#.###.#",
            "#.....#.#.##..#.....#",
            "#######.#.#.#.#######",
            "........#.###........",
            "#...#.###.##.#####..#",
            "#..#...#.#.##..#.##..",
            "..#.#.#.#..#..###..#.",
            "#####....##..##.#..##",
            "#.##.##.....###..#..#",
            "........##..###..##..",
            "#######.##..##....##.",
            "#.....#..#.##..#...#.",
            "#.###.#.####..###...#",
            "#.###.#...###....####",
            "#.###.#..#.#..###....",
            "#.....#...#..##.#....",
            "#######.###.###.#...#",
        ];
        let rows = |grid: &Grid| {
            let row = |row: &[bool]| row.iter().map(|dark| if *dark { '#' } else { '.' }).collect::<String>();
            grid.dark.chunks(grid.size).map(row).collect::<Vec<_>>()
        };
        let blank = Grid::of(1, &corrected(&coded(b"wuwei", 1).unwrap(), 1));
        assert!((0..MASKS).any(|mask| rows(&blank.masked(mask)) == drawn));
        let made = picture("wuwei").unwrap();
        let length = |run: &str| run.split(['h', 'v']).nth(1).unwrap().parse::<usize>().unwrap();
        let dark: usize = made.path.split('M').skip(1).map(length).sum();
        assert_eq!((made.size, dark, made.seen().as_str()), (21, drawn.concat().matches('#').count(), "-4 -4 29 29"));
        assert!(picture(&"x".repeat(213)).is_some_and(|made| made.size == 57) && picture(&"x".repeat(214)).is_none());
    }
}
