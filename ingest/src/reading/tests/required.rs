//! What a row has to say to be kept: figures that are handed in are right or refused, each with its reason.

use super::*;

/// A share of a township, as it should be, with these cells otherwise.
fn figure(otherwise: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
    let good = [
        ("指标编码", "volunteer_retention"),
        ("地区代码", "990101001"),
        ("统计期", "2026-09"),
        ("分子", "62"),
        ("分母", "100"),
        ("取数方式", "统计"),
        ("填报人", "王一"),
    ];
    let cell = |(column, text)| otherwise.iter().find(|(known, _)| *known == column).copied().unwrap_or((column, text));
    let more = otherwise.iter().filter(|(column, _)| good.iter().all(|(known, _)| known != column));
    good.into_iter().map(cell).chain(more.copied()).collect()
}

fn read(otherwise: &[(&'static str, &'static str)]) -> Read {
    take("wg_zb", &[&figure(otherwise)])
}

#[test]
fn a_figure_that_is_right_becomes_a_record() {
    let record = read(&[]).records("indicator_report", &["indicator", "area", "period", "numerator", "denominator", "value", "method"]);
    assert_eq!(record, ["volunteer_retention 990101001 2026-09 62 100 ∅ 统计"]);
    for (otherwise, period) in [("2026", "2026"), ("2026年9月", "2026-09")] {
        assert_eq!(read(&[("统计期", otherwise)]).records("indicator_report", &["period"]), [period]);
    }
    let by_name = read(&[("指标编码", "志愿者留存率")]);
    assert_eq!(by_name.records("indicator_report", &["indicator"]), ["volunteer_retention"]);
    let mean = read(&[("指标编码", "training_hours_per_staff"), ("分子", "4000")]);
    assert_eq!(mean.records("indicator_report", &["numerator"]), ["4000"], "hours for each are no part of a whole");
}

#[test]
fn a_figure_that_cannot_be_is_refused_with_its_reason() {
    for (otherwise, rule) in [
        (&[("指标编码", "happiness")][..], "指标编码 required"),
        (&[("地区代码", "")], "地区代码 required"),
        (&[("统计期", "去年")], "统计期 required"),
        (&[("统计期", "2026-13")], "统计期 required"),
        (&[("取数方式", "估计")], "取数方式 required"),
        (&[("取数方式", "调查")], "样本量 required"),
        (&[("分子", "120")], "分子 at_most"),
        (&[("分子", "")], "分子 required"),
        (&[("分子", ""), ("分母", ""), ("指标值", "101")], "指标值 at_most"),
        (&[("分子", ""), ("分母", "")], "分母 required"),
    ] {
        let read = read(otherwise);
        assert_eq!((read.report.rejected, read.report.accepted), (1, 0), "{otherwise:?}");
        let rejects = read.rejects();
        assert!(rejects.iter().any(|reject| reject.contains(rule)), "{otherwise:?}: {rejects:?}");
    }
}

#[test]
fn a_survey_says_how_many_were_asked_and_who_filled_it_in_is_nowhere() {
    let survey = read(&[("取数方式", "调查"), ("样本量", "500"), ("分子", ""), ("分母", ""), ("指标值", "94.5")]);
    assert_eq!(survey.records("indicator_report", &["value", "sample_size"]), ["94.5 500"]);
    assert!(survey.chunk.raw.column_by_name("填报人").is_none());
}
