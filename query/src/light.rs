//! Red, yellow, green: how a value stands to its baseline, target and challenge. Lights are for areas and departments; nothing here may
//! ever be given a person.
//!
//! The rule of the source document (平安建设星创建实施方案 3.4) leaves a gap between baseline and target and says nothing of missing
//! values. The policy `monotone` is its only monotone completion that agrees with every word of it and does not widen red: no value is
//! grey; reaching the challenge is green; missing the baseline is red; all else is yellow, with `target_met` beside it.

use serde::Serialize;

/// A colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Light {
    /// Not applicable, or not judged.
    Grey,
    /// Misses the baseline: to be put right within a set time 限期整改.
    Red,
    /// Between baseline and challenge.
    Yellow,
    /// Reaches the challenge.
    Green,
}

/// Which way is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// A greater value is better.
    Higher,
    /// A smaller value is better.
    Lower,
}

/// Baseline, target and challenge 基准值、目标值、挑战值, each at least as good as the one before.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Scale {
    direction: Direction,
    baseline: f64,
    target: f64,
    challenge: f64,
}

impl Scale {
    /// A scale; `None` when the three are not finite or not in order.
    pub fn new(direction: Direction, baseline: f64, target: f64, challenge: f64) -> Option<Scale> {
        let scale = Scale { direction, baseline, target, challenge };
        let finite = [baseline, target, challenge].iter().all(|value| value.is_finite());
        (finite && scale.reaches(target, baseline) && scale.reaches(challenge, target)).then_some(scale)
    }

    /// Below this is red.
    pub fn baseline(&self) -> f64 {
        self.baseline
    }

    /// What is asked for.
    pub fn target(&self) -> f64 {
        self.target
    }

    /// From this on is green.
    pub fn challenge(&self) -> f64 {
        self.challenge
    }

    /// Whether a value is at least as good as the target.
    pub fn target_met(&self, value: f64) -> bool {
        self.reaches(value, self.target)
    }

    fn reaches(&self, value: f64, mark: f64) -> bool {
        match self.direction {
            Direction::Higher => value >= mark,
            Direction::Lower => value <= mark,
        }
    }
}

/// The colour of a value, by the policy `monotone`.
pub fn light(value: Option<f64>, scale: &Scale) -> Light {
    match value {
        None => Light::Grey,
        Some(value) if scale.reaches(value, scale.challenge) => Light::Green,
        Some(value) if scale.reaches(value, scale.baseline) => Light::Yellow,
        Some(_) => Light::Red,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_case_of_the_rule_has_its_colour() {
        let rate = Scale::new(Direction::Higher, 30.0, 70.0, 90.0).unwrap();
        let capped = Scale::new(Direction::Higher, 30.0, 100.0, 100.0).unwrap();
        let minutes = Scale::new(Direction::Lower, 45.0, 30.0, 20.0).unwrap();
        for (value, scale, colour, target_met) in [
            (29.9, rate, Light::Red, false),
            (30.0, rate, Light::Yellow, false),
            (70.0, rate, Light::Yellow, true),
            (90.0, rate, Light::Green, true),
            (99.9, capped, Light::Yellow, false),
            (100.0, capped, Light::Green, true),
            (45.1, minutes, Light::Red, false),
            (30.0, minutes, Light::Yellow, true),
            (20.0, minutes, Light::Green, true),
        ] {
            assert_eq!((light(Some(value), &scale), scale.target_met(value)), (colour, target_met), "{value} on {scale:?}");
        }
        assert_eq!(light(None, &rate), Light::Grey);
    }

    #[test]
    fn a_scale_out_of_order_is_none() {
        assert!(Scale::new(Direction::Higher, 70.0, 30.0, 90.0).is_none());
        assert!(Scale::new(Direction::Lower, 30.0, 45.0, 20.0).is_none());
        assert!(Scale::new(Direction::Higher, f64::NAN, 1.0, 2.0).is_none());
    }

    /// Three marks in order and two values.
    fn cases() -> impl Strategy<Value = ([f64; 3], f64, f64)> {
        (prop::array::uniform3(-100.0..100.0), -120.0..120.0, -120.0..120.0).prop_map(|(mut marks, one, other)| {
            marks.sort_by(f64::total_cmp);
            (marks, one, other)
        })
    }

    proptest! {
        #[test]
        fn a_better_value_never_has_a_worse_colour((marks, one, other) in cases()) {
            let scale = Scale::new(Direction::Higher, marks[0], marks[1], marks[2]).unwrap();
            prop_assert!(light(Some(one.min(other)), &scale) <= light(Some(one.max(other)), &scale));
        }

        #[test]
        fn turning_direction_and_signs_changes_no_colour((marks, value, _) in cases()) {
            let up = Scale::new(Direction::Higher, marks[0], marks[1], marks[2]).unwrap();
            let down = Scale::new(Direction::Lower, -marks[0], -marks[1], -marks[2]).unwrap();
            prop_assert_eq!(light(Some(value), &up), light(Some(-value), &down));
            prop_assert_eq!(up.target_met(value), down.target_met(-value));
        }

        #[test]
        fn green_meets_the_target_and_red_does_not((marks, value, _) in cases()) {
            let scale = Scale::new(Direction::Higher, marks[0], marks[1], marks[2]).unwrap();
            let colour = light(Some(value), &scale);
            prop_assert!(colour != Light::Green || scale.target_met(value));
            prop_assert!(colour != Light::Red || !scale.target_met(value));
        }
    }
}
