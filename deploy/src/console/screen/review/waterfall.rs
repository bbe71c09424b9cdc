//! What adds up to the weight of a pair, drawn: a bar a term, each beginning where the one before ends, so that the last ends at the weight.
//! What the rarity of a value adds to its comparison is a bar of its own below. Beside the picture stand the same numbers as a table.

/// Width of the picture and where bars are, in its own units.
const WIDTH: f64 = 760.0;
const LEFT: f64 = 170.0;
const RIGHT: f64 = 680.0;
/// Height of a row, and of what stands above and below all rows.
const ROW: f64 = 26.0;
const TOP: f64 = 22.0;
const BELOW: f64 = 8.0;
/// Half of what the words of the threshold take.
const BESIDE: f64 = 60.0;

/// One term of a weight.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Term {
    pub(super) label: String,
    /// Level of agreement with the highest there is; blank where it is no comparison.
    pub(super) level: String,
    /// Bits, those of rarity included; none where a side says nothing.
    pub(super) bits: Option<f64>,
    /// Of them what the rarity of the value makes of the level's average.
    pub(super) rarity: f64,
}

#[derive(Debug)]
pub(crate) struct Waterfall {
    pub(crate) width: String,
    pub(crate) height: String,
    /// Where nothing weighs, and whether there is room to say so beside the threshold.
    pub(crate) zero: String,
    pub(crate) is_zero_named: bool,
    /// From where a pair is joined without anybody's judgement, where that is known.
    pub(crate) threshold: Option<(String, String)>,
    pub(crate) bars: Vec<Bar>,
    pub(crate) lines: Vec<Line>,
}

/// A bar with its words.
#[derive(Debug)]
pub(crate) struct Bar {
    pub(crate) label: String,
    /// Where its words stand, from the top.
    pub(crate) text_y: String,
    pub(crate) bits: String,
    pub(crate) parts: Vec<Part>,
    /// From here a thin line leads down to the bar below.
    pub(crate) end: Option<(String, String, String)>,
}

/// A rectangle of a bar.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) x: String,
    pub(crate) y: String,
    pub(crate) width: String,
    pub(crate) height: String,
    /// `plus`, `minus` or `whole`, and `rare` besides for what rarity adds.
    pub(crate) class: &'static str,
}

/// A row of the table.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) label: String,
    pub(crate) level: String,
    pub(crate) bits: String,
    pub(crate) rarity: String,
    pub(crate) sum: String,
}

/// Bits, as they are read.
pub(super) fn bits(bits: f64) -> String {
    // What is rounded to nothing has no sign.
    if bits.abs() < 0.005 { "0.00".to_owned() } else { format!("{bits:+.2}") }
}

/// Where each term begins and ends; what says nothing ends where it begins.
fn spans(terms: &[Term]) -> Vec<[f64; 2]> {
    let mut at = 0.0;
    let span = |term: &Term| {
        let from = at;
        at += term.bits.unwrap_or_default();
        [from, at]
    };
    terms.iter().map(span).collect()
}

/// All that a picture has to hold: where terms begin and end, and where the level of one ends and rarity begins.
fn points<'a>(terms: &'a [Term], spans: &'a [[f64; 2]]) -> impl Iterator<Item = f64> + Clone + 'a {
    terms.iter().zip(spans).flat_map(|(term, [from, to])| [*from, to - term.rarity, *to])
}

/// The picture and the table of all terms, and of the weight, under its word.
pub(super) fn waterfall(terms: Vec<Term>, (word, weight): (String, f64), threshold: Option<f64>) -> Waterfall {
    let spans = spans(&terms);
    let scale = Scale::of(points(&terms, &spans).chain([weight]).chain(threshold));
    let lines = terms.iter().zip(&spans).map(|(term, span)| line(term, span[1])).collect();
    let drawn: Vec<(Term, [f64; 2])> = terms.into_iter().zip(spans).filter(|(term, _)| term.bits.is_some()).collect();
    let height = TOP + ROW * (drawn.len() as f64 + 1.0) + BELOW;
    let mut bars: Vec<Bar> = drawn.iter().enumerate().map(|(row, (term, span))| bar(&scale, row, term, *span)).collect();
    bars.push(whole(&scale, drawn.len(), word, weight));
    Waterfall {
        width: unit(WIDTH),
        height: unit(height),
        zero: unit(scale.x(0.0)),
        is_zero_named: threshold.is_none_or(|threshold| (scale.x(threshold) - scale.x(0.0)).abs() > BESIDE),
        threshold: threshold.map(|threshold| (unit(scale.x(threshold)), bits(threshold))),
        bars,
        lines,
    }
}

fn line(term: &Term, sum: f64) -> Line {
    let Term { label, level, bits: own, rarity } = term;
    Line {
        label: label.clone(),
        level: level.clone(),
        bits: own.map(bits).unwrap_or_default(),
        rarity: if *rarity == 0.0 { String::new() } else { bits(*rarity) },
        sum: own.map(|_| bits(sum)).unwrap_or_default(),
    }
}

/// From bits to the picture's units.
struct Scale {
    low: f64,
    high: f64,
}

impl Scale {
    /// One that holds all of these, and nothing.
    fn of(values: impl Iterator<Item = f64> + Clone) -> Scale {
        let (low, high) = (values.clone().fold(0.0, f64::min), values.fold(0.0, f64::max));
        // A weight of nothing alone has a scale too.
        Scale { low, high: if high - low < 1.0 { low + 1.0 } else { high } }
    }

    fn x(&self, bits: f64) -> f64 {
        LEFT + (RIGHT - LEFT) * (bits - self.low) / (self.high - self.low)
    }

    fn part(&self, [from, to]: [f64; 2], y: f64, height: f64, class: [&'static str; 2]) -> Part {
        let (x, end) = (self.x(from.min(to)), self.x(from.max(to)));
        let class = class[usize::from(to < from)];
        Part { x: unit(x), y: unit(y), width: unit((end - x).max(1.0)), height: unit(height), class }
    }
}

fn unit(value: f64) -> String {
    format!("{value:.1}")
}

fn bar(scale: &Scale, row: usize, term: &Term, [from, to]: [f64; 2]) -> Bar {
    let top = TOP + ROW * row as f64;
    let parts = match term.rarity == 0.0 {
        true => vec![scale.part([from, to], top + 5.0, 16.0, ["plus", "minus"])],
        // First what the level weighs on the average, below it what the rarity of the value makes of that.
        false => vec![
            scale.part([from, to - term.rarity], top + 4.0, 9.0, ["plus", "minus"]),
            scale.part([to - term.rarity, to], top + 14.0, 7.0, ["plus rare", "minus rare"]),
        ],
    };
    let end = Some((unit(scale.x(to)), unit(top + 20.0), unit(top + ROW + 6.0)));
    Bar { label: term.label.clone(), text_y: unit(top + 17.0), bits: bits(to - from), parts, end }
}

fn whole(scale: &Scale, row: usize, label: String, weight: f64) -> Bar {
    let top = TOP + ROW * row as f64;
    let part = scale.part([0.0, weight], top + 5.0, 16.0, ["whole", "whole"]);
    Bar { label, text_y: unit(top + 17.0), bits: bits(weight), parts: vec![part], end: None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn term(bits: f64, rarity: f64) -> Term {
        Term { bits: Some(bits), rarity, ..Term::default() }
    }

    fn number(text: &str) -> f64 {
        text.parse().unwrap()
    }

    proptest! {
        #[test]
        fn each_bar_begins_where_the_one_before_ends_and_the_last_ends_at_the_weight(
            all in prop::collection::vec((-30.0..30.0_f64, -8.0..8.0_f64), 1..12), threshold in -5.0..20.0_f64,
        ) {
            let terms: Vec<Term> = all.iter().map(|(bits, rarity)| term(*bits, *rarity)).collect();
            let weight: f64 = all.iter().map(|(bits, _)| bits).sum();
            let spans = spans(&terms);
            prop_assert!(spans.windows(2).all(|two| two[0][1] == two[1][0]));
            prop_assert!((spans[spans.len() - 1][1] - weight).abs() < 1e-9);
            // Each bar is as long as its bits, so that what is seen adds up as the numbers do, to a tenth of a unit an edge.
            let scale = Scale::of(points(&terms, &spans).chain([weight, threshold]));
            let drawn = waterfall(terms, (String::new(), weight), Some(threshold));
            prop_assert_eq!(drawn.bars.len(), all.len() + 1);
            for (bar, (bits, rarity)) in drawn.bars.iter().zip(&all) {
                let seen: Vec<f64> = bar.parts.iter().map(|part| number(&part.width)).collect();
                let meant = [bits - rarity, *rarity].map(|bits| ((scale.x(bits) - scale.x(0.0)).abs()).max(1.0));
                prop_assert!(seen.iter().zip(meant).all(|(seen, meant)| (seen - meant).abs() < 0.11), "{:?} {:?}", seen, meant);
            }
            let inside = |part: &Part| {
                let (x, width) = (number(&part.x), number(&part.width));
                x > LEFT - 0.1 && x + width < RIGHT + 1.2 && number(&part.y) + number(&part.height) < number(&drawn.height)
            };
            prop_assert!(drawn.bars.iter().flat_map(|bar| &bar.parts).all(inside));
        }
    }

    #[test]
    fn what_a_side_does_not_say_is_in_the_table_and_not_in_the_picture() {
        let silent = Term { label: "phone".to_owned(), ..Term::default() };
        let drawn = waterfall(vec![term(-11.5, 0.0), silent, term(12.0, -0.5)], ("weight".to_owned(), 0.5), None);
        assert_eq!((drawn.bars.len(), drawn.lines.len()), (3, 3));
        assert_eq!(drawn.lines.iter().map(|line| line.sum.as_str()).collect::<Vec<_>>(), ["-11.50", "", "+0.50"]);
        assert_eq!(drawn.bars[1].parts.iter().map(|part| part.class).collect::<Vec<_>>(), ["plus", "minus rare"]);
        assert_eq!(bits(-0.001), "0.00");
    }

    #[test]
    fn nothing_is_not_named_where_the_threshold_is() {
        let named = |threshold| waterfall(vec![term(-12.0, 0.0), term(20.0, 0.0)], (String::new(), 8.0), threshold).is_zero_named;
        assert_eq!([None, Some(0.0), Some(7.5)].map(named), [true, false, true]);
    }
}
