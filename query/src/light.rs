//! Red, yellow, green: how a value stands to its baseline, target and challenge. Lights are for areas and departments; nothing here may
//! ever be given a person.
//!
//! The rule of the source document (平安建设星创建实施方案 3.4) leaves a gap between baseline and target and says nothing of missing
//! values. Three policies read it. `monotone` is its only monotone completion that agrees with every word of it and does not widen red: no
//! value is grey; reaching the challenge is green; missing the baseline is red; all else is yellow, with `target_met` beside it.
//! `literal_with_gap` does as the text says and leaves the gap between baseline and target unassigned. `strict_target` asks for the target:
//! green from it on, yellow from the baseline to it.

use serde::{Deserialize, Serialize};

/// A colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Light {
    /// Not applicable, or not judged.
    Grey,
    /// Misses the baseline: to be put right within a set time 限期整改.
    Red,
    /// Between baseline and target, where the policy gives no colour to that.
    Unassigned,
    /// Beyond the baseline, and short of green.
    Yellow,
    /// Reaches the challenge, or the target where that is asked for: commended 表彰.
    Green,
}

/// How the rule is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LightPolicy {
    /// Red below the baseline, green from the challenge on, yellow between.
    #[default]
    Monotone,
    /// Red below the baseline, yellow from the target on, green from the challenge on, nothing between baseline and target.
    LiteralWithGap,
    /// Red below the baseline, yellow from it on, green from the target on.
    StrictTarget,
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
    policy: LightPolicy,
}

impl Scale {
    /// A scale; `None` when the three are not finite or not in order.
    pub fn new(direction: Direction, baseline: f64, target: f64, challenge: f64, policy: LightPolicy) -> Option<Scale> {
        let scale = Scale { direction, baseline, target, challenge, policy };
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

/// The colour of a value, by the scale's policy.
pub fn light(value: Option<f64>, scale: &Scale) -> Light {
    let Some(value) = value else { return Light::Grey };
    let green = if scale.policy == LightPolicy::StrictTarget { scale.target } else { scale.challenge };
    match scale.policy {
        _ if scale.reaches(value, green) => Light::Green,
        _ if !scale.reaches(value, scale.baseline) => Light::Red,
        LightPolicy::LiteralWithGap if !scale.reaches(value, scale.target) => Light::Unassigned,
        _ => Light::Yellow,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A rate of which more is better, minutes of which less is, and a capped rate whose target is its challenge; by a policy.
    fn scales(policy: LightPolicy) -> [Scale; 3] {
        let scale =
            |direction, [baseline, target, challenge]: [f64; 3]| Scale::new(direction, baseline, target, challenge, policy).unwrap();
        [
            scale(Direction::Higher, [30.0, 70.0, 90.0]),
            scale(Direction::Lower, [45.0, 30.0, 20.0]),
            scale(Direction::Higher, [30.0, 100.0, 100.0]),
        ]
    }

    #[test]
    fn every_case_of_the_rule_has_its_colour_by_each_policy() {
        use Light::{Green, Red, Unassigned, Yellow};
        let policies = [LightPolicy::Monotone, LightPolicy::LiteralWithGap, LightPolicy::StrictTarget];
        // Which scale, the value, its colour by each policy, whether the target is met.
        for (which, value, colours, target_met) in [
            (0, 29.9, [Red, Red, Red], false),
            (0, 30.0, [Yellow, Unassigned, Yellow], false),
            (0, 69.9, [Yellow, Unassigned, Yellow], false),
            (0, 70.0, [Yellow, Yellow, Green], true),
            (0, 89.9, [Yellow, Yellow, Green], true),
            (0, 90.0, [Green, Green, Green], true),
            (1, 45.1, [Red, Red, Red], false),
            (1, 45.0, [Yellow, Unassigned, Yellow], false),
            (1, 30.1, [Yellow, Unassigned, Yellow], false),
            (1, 30.0, [Yellow, Yellow, Green], true),
            (1, 20.1, [Yellow, Yellow, Green], true),
            (1, 20.0, [Green, Green, Green], true),
            (2, 99.9, [Yellow, Unassigned, Yellow], false),
            (2, 100.0, [Green, Green, Green], true),
        ] {
            for (policy, colour) in policies.into_iter().zip(colours) {
                let scale = scales(policy)[which];
                assert_eq!((light(Some(value), &scale), scale.target_met(value)), (colour, target_met), "{value} on {scale:?}");
            }
        }
        for scale in policies.into_iter().flat_map(scales) {
            assert_eq!(light(None, &scale), Light::Grey);
        }
    }

    #[test]
    fn a_scale_out_of_order_is_none() {
        let is_none =
            |direction, baseline, target, challenge| Scale::new(direction, baseline, target, challenge, LightPolicy::Monotone).is_none();
        assert!(is_none(Direction::Higher, 70.0, 30.0, 90.0));
        assert!(is_none(Direction::Lower, 30.0, 45.0, 20.0));
        assert!(is_none(Direction::Higher, f64::NAN, 1.0, 2.0));
    }

    /// Three marks in order, two values, a policy.
    fn cases() -> impl Strategy<Value = ([f64; 3], f64, f64, LightPolicy)> {
        let policy = prop::sample::select(vec![LightPolicy::Monotone, LightPolicy::LiteralWithGap, LightPolicy::StrictTarget]);
        (prop::array::uniform3(-100.0..100.0), -120.0..120.0, -120.0..120.0, policy).prop_map(|(mut marks, one, other, policy)| {
            marks.sort_by(f64::total_cmp);
            (marks, one, other, policy)
        })
    }

    fn scale(direction: Direction, [baseline, target, challenge]: [f64; 3], policy: LightPolicy) -> Scale {
        Scale::new(direction, baseline, target, challenge, policy).unwrap()
    }

    proptest! {
        #[test]
        fn a_better_value_never_has_a_worse_colour((marks, one, other, policy) in cases()) {
            let scale = scale(Direction::Higher, marks, policy);
            prop_assert!(light(Some(one.min(other)), &scale) <= light(Some(one.max(other)), &scale));
        }

        #[test]
        fn turning_direction_and_signs_changes_no_colour((marks, value, _, policy) in cases()) {
            let up = scale(Direction::Higher, marks, policy);
            let down = scale(Direction::Lower, marks.map(|mark| -mark), policy);
            prop_assert_eq!(light(Some(value), &up), light(Some(-value), &down));
            prop_assert_eq!(up.target_met(value), down.target_met(-value));
        }

        #[test]
        fn green_meets_the_target_and_red_does_not((marks, value, _, policy) in cases()) {
            let scale = scale(Direction::Higher, marks, policy);
            let colour = light(Some(value), &scale);
            prop_assert!(colour != Light::Green || scale.target_met(value));
            prop_assert!(colour != Light::Red || !scale.target_met(value) || marks[0] == marks[1]);
        }

        #[test]
        fn every_policy_has_the_same_red((marks, value, _, policy) in cases()) {
            let is_red = |policy| light(Some(value), &scale(Direction::Higher, marks, policy)) == Light::Red;
            prop_assert_eq!(is_red(policy), is_red(LightPolicy::Monotone));
        }
    }
}
