//! Lines that stand under a table, or between its groups, and are none of its rows: totals, signatures, notes. They are counted as skipped.

use crate::{block::Cells, source::tidy};
use wuwei_schema::Fault;

/// How such lines begin.
const BEGINS: [&str; 28] = [
    "合计",
    "总计",
    "小计",
    "共计",
    "累计",
    "本页",
    "填表",
    "填报",
    "制表",
    "制单",
    "审核人",
    "审核:",
    "审批人",
    "审批:",
    "复核",
    "负责人:",
    "负责人签",
    "单位负责人",
    "打印时间",
    "打印日期",
    "统计时间",
    "统计日期",
    "统计人",
    "统计单位",
    "备注",
    "说明",
    "注:",
    "注1",
];

/// What fills the first cell of a line of sums, however many of the others have sums.
const SUMS: [&str; 6] = ["合计", "总计", "小计", "共计", "累计", "本页合计"];

/// Whether a row begins as totals and remarks do, and most of it is empty; or is a line of sums.
pub(crate) fn is_remark(cells: Cells<'_>) -> bool {
    let mut filled = cells.iter().filter(|cell| !cell.trim().is_empty());
    let Some(first) = filled.next() else { return false };
    // Most rows begin with a number, and no remark does.
    if first.starts_with(|character: char| character.is_ascii_alphanumeric()) {
        return false;
    }
    let first = tidy(first).replace(' ', "");
    if SUMS.contains(&first.trim_end_matches(':')) {
        return true;
    }
    (filled.count() + 1) * 2 < cells.len().max(3) && BEGINS.iter().any(|word| first.starts_with(word))
}

/// Whether a row that could not be read is a remark all the same. Where a quote went astray, or several lines became one row, data may
/// stand in it, however it begins.
pub(crate) fn is_remark_with(fault: &Fault, cells: Cells<'_>) -> bool {
    fault.rule != "row_quote" && !cells.iter().any(|cell| cell.contains(['\n', '\r'])) && is_remark(cells)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is(row: &str) -> bool {
        is_remark(Cells::Alone(&row.split(',').map(str::to_owned).collect::<Vec<_>>()))
    }

    #[test]
    fn a_row_in_which_data_may_stand_is_no_remark_however_it_begins() {
        let is_with = |rule, row: &str| {
            let cells: Vec<String> = row.split(',').map(str::to_owned).collect();
            is_remark_with(&Fault { rule, reason: String::new(), proposal: None }, Cells::Alone(&cells))
        };
        assert!(is_with("row_width", "合计,3") && is_with("undecodable", "填表人：\u{fffd},,,,"));
        assert!(!is_with("row_quote", "合计,3") && !is_with("row_width", "合计,3\n1,王小明"));
    }

    #[test]
    fn lines_of_totals_and_notes_are_no_rows() {
        for row in [
            "合 计,3,4,5,6",
            "小计：,12,,,",
            ",合计,3,4,5",
            "填表人：王某,,,,",
            "制表日期：2026.1.5,,,,",
            "注：以上,,,,",
            "说明 一,,,,",
            "审核人,王某,,,",
        ] {
            assert!(is(row), "{row}");
        }
        for row in [",,,,", "1,王小明,3,4,5", "统计局,王小明,3,,", "合计金额,1,2,3,4", "注册商标,a,b,c,d"] {
            assert!(!is(row), "{row}");
        }
    }
}
