//! What is kept back from whoever reads a file, in words.

use crate::output;
use wuwei_query::Hidden;

/// As sentences, one a line.
pub(crate) fn text(hidden: &[Hidden]) -> String {
    let mut text = String::new();
    for Hidden { of, closed, departments, elsewhere, minors, classes, fields, because } in hidden {
        let mut what = Vec::new();
        if *closed {
            what.push(output::words("全部不予显示", "not shown at all").to_owned());
        }
        if !departments.is_empty() {
            what.push(format!("{} {}", output::words("不显示部门", "nothing of"), departments.join(" ")));
        }
        if *elsewhere {
            what.push(output::words("仅本辖区", "the own area only").to_owned());
        }
        if *minors {
            what.push(output::words("未满14周岁者脱敏", "under 14 masked").to_owned());
        }
        if !classes.is_empty() {
            let fields = if fields.is_empty() { String::new() } else { format!(" ({})", fields.join(" ")) };
            what.push(format!("{} {}{fields}", output::words("脱敏", "masked"), classes.join(" ")));
        }
        text.push_str(&format!("{} {}: {} [{because}]\n", output::words("不予显示", "withheld"), of.join(" "), what.join("; ")));
    }
    text
}
