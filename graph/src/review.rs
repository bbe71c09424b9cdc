//! What awaits a person's judgement, arranged: pairs in doubt become cases, those that hang together become one case, and the case that would
//! put most right stands first. Who looks, and what they have put off, is not known here.

use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// Entities that are judged together, at most: more than a person keeps in view are cut at their weakest doubts.
const TOGETHER: usize = 8;

/// A pair of records of two entities that may be one.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Doubt {
    /// The smaller record number.
    pub left: i64,
    /// The larger record number.
    pub right: i64,
    /// The entity of the one.
    pub left_entity: i64,
    /// The entity of the other.
    pub right_entity: i64,
    /// The blocking key that brought them together.
    pub key: String,
    /// Levels of agreement, comparison by comparison.
    pub levels: String,
    /// Weight in bits, prior included.
    pub weight: f64,
    /// Probability that they are one.
    pub posterior: f64,
}

/// Entities to be judged together: two, or a cluster in conflict.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Case {
    /// The entities, smallest first.
    pub entities: Vec<i64>,
    /// Pairs of records that a judgement is expected to put right: over each two entities, the probability that they are one times the
    /// records of the one times those of the other.
    pub gain: f64,
    /// Of each two entities the heaviest pair, the heaviest first.
    pub doubts: Vec<Doubt>,
}

/// The cases of one type, the greatest gain first. `sizes` are records by entity; one that is not there has one.
///
/// Doubts that share an entity are one case, up to eight entities: joined from the heaviest on, so that a cluster that is cut is cut where it
/// is weakest. The same doubts give the same cases in whatever order they come.
pub fn cases(doubts: Vec<Doubt>, sizes: &BTreeMap<i64, u64>) -> Vec<Case> {
    let mut groups: Vec<(Vec<i64>, Vec<Doubt>)> = Vec::new();
    let mut group_of: BTreeMap<i64, usize> = BTreeMap::new();
    for doubt in heaviest(doubts) {
        let ends = [doubt.left_entity, doubt.right_entity];
        let alone = |group_of: &mut BTreeMap<i64, usize>, groups: &mut Vec<(Vec<i64>, Vec<Doubt>)>, end: i64| {
            *group_of.entry(end).or_insert_with(|| {
                groups.push((vec![end], Vec::new()));
                groups.len() - 1
            })
        };
        let [into, from] = ends.map(|end| alone(&mut group_of, &mut groups, end));
        if into != from && groups[into].0.len() + groups[from].0.len() > TOGETHER {
            groups.push((Vec::new(), vec![doubt]));
            continue;
        }
        if into != from {
            let (entities, doubts) = std::mem::take(&mut groups[from]);
            group_of.extend(entities.iter().map(|entity| (*entity, into)));
            groups[into].0.extend(entities);
            groups[into].1.extend(doubts);
        }
        groups[into].1.push(doubt);
    }
    groups.retain(|(_, doubts)| !doubts.is_empty());
    let mut cases: Vec<Case> = groups.into_iter().map(|(_, doubts)| case(doubts, sizes)).collect();
    cases.sort_by(|left, right| right.gain.total_cmp(&left.gain).then_with(|| left.entities.cmp(&right.entities)));
    cases
}

/// Of each two entities the heaviest doubt, the heaviest first.
fn heaviest(mut doubts: Vec<Doubt>) -> Vec<Doubt> {
    doubts.sort_by(order);
    let mut seen = BTreeSet::new();
    doubts.retain(|doubt| {
        let ends = [doubt.left_entity, doubt.right_entity];
        ends[0] != ends[1] && seen.insert((ends[0].min(ends[1]), ends[0].max(ends[1])))
    });
    doubts
}

fn order(left: &Doubt, right: &Doubt) -> std::cmp::Ordering {
    right.weight.total_cmp(&left.weight).then_with(|| (left.left, left.right).cmp(&(right.left, right.right)))
}

fn case(mut doubts: Vec<Doubt>, sizes: &BTreeMap<i64, u64>) -> Case {
    doubts.sort_by(order);
    let entities: BTreeSet<i64> = doubts.iter().flat_map(|doubt| [doubt.left_entity, doubt.right_entity]).collect();
    #[expect(clippy::cast_precision_loss, reason = "an expectation: nobody has 2^53 records")]
    let size = |entity: &i64| sizes.get(entity).copied().unwrap_or(1) as f64;
    let gain = doubts.iter().map(|doubt| doubt.posterior * size(&doubt.left_entity) * size(&doubt.right_entity)).sum();
    Case { entities: entities.into_iter().collect(), gain, doubts }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn doubt(left_entity: i64, right_entity: i64, weight: f64) -> Doubt {
        let (left, right) = (left_entity * 10, right_entity * 10);
        let (key, levels) = (String::new(), String::new());
        Doubt { left, right, left_entity, right_entity, key, levels, weight, posterior: 0.5 }
    }

    #[test]
    fn what_hangs_together_is_one_case_and_the_greatest_gain_stands_first() {
        let doubts = vec![doubt(1, 2, 3.0), doubt(3, 4, 9.0), doubt(4, 5, 1.0), doubt(6, 7, 2.0)];
        let found = cases(doubts.clone(), &[(6, 10), (7, 2)].into());
        let told: Vec<(&[i64], f64)> = found.iter().map(|case| (case.entities.as_slice(), case.gain)).collect();
        assert_eq!(told, [(&[6, 7][..], 10.0), (&[3, 4, 5], 1.0), (&[1, 2], 0.5)]);
        let backwards = doubts.into_iter().rev().collect();
        assert_eq!(cases(backwards, &[(6, 10), (7, 2)].into()), found);
    }

    #[test]
    fn a_long_chain_is_cut_where_it_is_weakest() {
        let chain: Vec<Doubt> =
            (1..40i32).map(|at| doubt(at.into(), (at + 1).into(), if at == 20 { 0.5 } else { f64::from(at) })).collect();
        let found = cases(chain.clone(), &BTreeMap::new());
        assert!(found.iter().all(|case| case.entities.len() <= TOGETHER));
        let mut doubts: Vec<(i64, i64)> = found.iter().flat_map(|case| &case.doubts).map(|doubt| (doubt.left, doubt.right)).collect();
        doubts.sort_unstable();
        assert_eq!(doubts, chain.iter().map(|doubt| (doubt.left, doubt.right)).collect::<Vec<_>>(), "none is lost");
        assert!(found.iter().any(|case| case.entities == [20, 21]), "the weakest stands alone");
    }

    #[test]
    fn of_two_entities_the_heaviest_pair_speaks() {
        let lighter = Doubt { left: 11, weight: 2.0, ..doubt(1, 2, 0.0) };
        let found = cases(vec![lighter, doubt(1, 2, 5.0), doubt(2, 1, 4.0), doubt(3, 3, 9.0)], &BTreeMap::new());
        assert_eq!(found.iter().map(|case| case.doubts.len()).collect::<Vec<_>>(), [1]);
        assert_eq!(found[0].doubts[0].left, 10);
    }
}
