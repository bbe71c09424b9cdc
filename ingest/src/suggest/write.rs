//! A suggestion as a department file. Whatever a person has to decide stands there as a text that begins with TODO, and no department file
//! with such a text holds. Of the file that was looked at only headings and counts are written.

use super::{Form, Suggested, Suggestion, Target, Tie};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt::Write as _};
use toml::Value;
use wuwei_schema::{Label, SourceFile};

/// What is written where a person decides.
const OPEN: &str = "TODO：";

/// What a person says of a file that its columns do not.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Naming {
    /// The department's code; left open when empty.
    pub code: String,
    /// What the department is called; left open without.
    pub label: Option<Label>,
    /// The name of the extract.
    pub extract: Option<String>,
    /// What the extract is called; left open without.
    pub extract_label: Option<Label>,
    /// By heading, why a column that is not mapped is not; left open without.
    pub reasons: BTreeMap<String, String>,
}

/// A department file of that form in which every column is ignored: by it the rows of the file can be read.
pub(super) fn unmapped(form: &Form) -> String {
    let label = |zh: &str| Label { zh: zh.to_owned(), en: UNKNOWN.to_owned() };
    let mut out = head(UNKNOWN, &label("部门"), UNKNOWN, &label("表"), form);
    out.push_str("\n[extract.ignore]\n");
    form.columns.iter().for_each(|column| line(&mut out, column, "尚未辨认"));
    out
}

/// What the department of [`unmapped`] and its extract are called.
pub(super) const UNKNOWN: &str = "unknown";

impl Suggestion {
    /// A department file by which the rows of the file can be read as they stand, nothing of them mapped, with the name of its department and
    /// extract.
    pub fn unmapped(&self) -> (&'static str, SourceFile) {
        (UNKNOWN, SourceFile { name: format!("{UNKNOWN}.toml"), text: unmapped(&self.form) })
    }

    /// The suggestion as the file of a department, to be completed by a person: it is refused as long as TODO stands in it.
    pub fn department_file(&self, naming: &Naming) -> String {
        let mut out = String::from(
            "# 由 wuwei suggest 根据列名、取值和已知数据的映射提出，尚未确认。每条理由写在该列上面；凡写着 TODO 的地方须由人决定，\n\
             # 全部改完以前本文件不能使用。交付方式、周期、共享类别也请核对；记录之间的关系和 observed 请按需补充。\n",
        );
        let Naming { code, label, extract, extract_label, reasons } = naming;
        let (code, first) = match code.as_str() {
            "" => (format!("{OPEN}部门代码"), format!("{OPEN}数据资源代码")),
            code => (code.to_owned(), format!("{code}_1")),
        };
        let name = extract.clone().unwrap_or(first);
        let open = |label: &Option<Label>, what: &str, en: &str| {
            label.clone().unwrap_or_else(|| Label { zh: format!("{OPEN}{what}"), en: en.to_owned() })
        };
        let (owner, label) = (open(label, "部门名称", &code), open(extract_label, "这份数据的名称", &name));
        out.push_str(&head(&code, &owner, &name, &label, &self.form));
        self.left_out(&mut out, "drop", true, reasons);
        self.left_out(&mut out, "ignore", false, reasons);
        for role in self.roles() {
            self.role(&mut out, role);
        }
        self.ties.iter().for_each(|tie| relation(&mut out, tie));
        out
    }

    /// The roles, in the order in which columns name them.
    fn roles(&self) -> Vec<&str> {
        let mut roles: Vec<&str> = Vec::new();
        for target in self.columns.iter().filter_map(|column| column.target.as_ref()) {
            if !roles.contains(&target.role.as_str()) {
                roles.push(&target.role);
            }
        }
        roles
    }

    /// Columns without a proposal: those that may not be kept, or those that a person has to look at.
    fn left_out(&self, out: &mut String, table: &str, is_protected: bool, reasons: &BTreeMap<String, String>) {
        let mut open = self.columns.iter().filter(|column| column.target.is_none() && column.is_protected == is_protected).peekable();
        if open.peek().is_some() {
            let _ = writeln!(out, "\n[extract.{table}]");
        }
        for column in open {
            comment(out, column);
            let ask = if is_protected { "写明不保存的法律依据" } else { "写明不需要的理由，或删去本行并映射" };
            let said = reasons.get(&column.heading).filter(|reason| !reason.trim().is_empty());
            line(out, &column.heading, &said.cloned().unwrap_or_else(|| format!("{OPEN}{ask}")));
        }
    }

    fn role(&self, out: &mut String, role: &str) {
        let of = |column: &&Suggested| column.target.as_ref().is_some_and(|target| target.role == role);
        let _ = writeln!(out, "\n[extract.record.{}]", key(role));
        for (at, column) in self.columns.iter().filter(of).enumerate() {
            let Some(target) = &column.target else { continue };
            if at == 0 {
                let _ = writeln!(out, "entity = {}", quoted(&target.entity));
            }
            comment(out, column);
            let _ = writeln!(out, "{} = {}", key(&target.property), source(&column.heading, target));
        }
    }
}

/// A relation, which whoever knows that it holds makes one by taking the marks away.
fn relation(out: &mut String, tie: &Tie) {
    let plain = |text: &str| -> String { text.chars().filter(|character| !character.is_control()).collect() };
    let _ = writeln!(out, "\n# 可能的关系“{}”：已知的{}份数据这样写；确认后去掉行首的 #", plain(&tie.label), tie.extracts);
    let _ = writeln!(out, "# [[extract.relation]]");
    for (name, text) in [("type", &tie.relation), ("source", &tie.source), ("target", &tie.target)] {
        let _ = writeln!(out, "# {name} = {}", quoted(text));
    }
}

fn head(code: &str, owner: &Label, name: &str, label: &Label, form: &Form) -> String {
    let labelled = |label: &Label| format!("label = {{ zh = {}, en = {} }}", quoted(&label.zh), quoted(&label.en));
    let mut out = format!("department = {}\n{}\n", quoted(code), labelled(owner));
    let _ = writeln!(out, "\n[[extract]]\nname = {}\n{}", quoted(name), labelled(label));
    let written = |value: Result<Value, _>| value.map_or_else(|_: toml::ser::Error| String::new(), |value| value.to_string());
    let _ = writeln!(out, "format = {}", written(Value::try_from(form.format)));
    let _ = writeln!(out, "encoding = {}", written(Value::try_from(form.encoding)));
    if let Some(delimiter) = form.delimiter.filter(|delimiter| *delimiter != ',') {
        let _ = writeln!(out, "delimiter = {}", quoted(&delimiter.to_string()));
    }
    for (key, count, usual) in [("title_rows", form.title_rows, 0), ("heading_rows", form.heading_rows, 1)] {
        if count != usual {
            let _ = writeln!(out, "{key} = {count}");
        }
    }
    if let Some(rows) = &form.rows {
        let _ = writeln!(out, "rows = {}", quoted(rows));
    }
    out.push_str("contract = \"full\"\ncycle_days = 30\nshare_class = 2\nobliged = false\ncolumns = [\n");
    form.columns.iter().for_each(|column| {
        let _ = writeln!(out, "    {},", quoted(column));
    });
    out.push_str("]\n");
    out
}

/// The reasons, above what they are for.
fn comment(out: &mut String, column: &Suggested) {
    let sure = column.target.as_ref().map_or_else(String::new, |target| format!("{}，{} %：", target.label, target.confidence));
    let text = format!("{sure}{}；有值的占 {} %", column.reasons.join("；"), column.filled);
    let plain: String = text.chars().filter(|character| !character.is_control()).collect();
    let _ = writeln!(out, "# {plain}");
}

fn line(out: &mut String, column: &str, text: &str) {
    let _ = writeln!(out, "{} = {}", quoted(column), quoted(text));
}

/// Where a property comes from, as a department file says it.
fn source(heading: &str, target: &Target) -> String {
    let mut parts = vec![format!("from = {}", quoted(heading))];
    match &target.dates[..] {
        [] => {}
        [only] => parts.push(format!("date = {}", quoted(only))),
        several => parts.push(format!("date = [{}]", several.iter().map(|date| quoted(date)).collect::<Vec<_>>().join(", "))),
    }
    for (key, text) in [("codes", &target.codes), ("list", &target.list)] {
        parts.extend(text.iter().map(|text| format!("{key} = {}", quoted(text))));
    }
    for (key, shape) in [("like", &target.like), ("unlike", &target.unlike)] {
        parts.extend(shape.iter().map(|shape| format!("when = {{ column = {}, {key} = {} }}", quoted(heading), quoted(shape))));
    }
    if target.is_coordinate {
        parts.push(format!("datum = {}", quoted(&format!("{OPEN}gcj02、bd09、cgcs2000 或 wgs84"))));
    }
    if parts.len() == 1 { quoted(heading) } else { format!("{{ {} }}", parts.join(", ")) }
}

/// A name of ours as it stands, any other text in quotes.
fn key(name: &str) -> String {
    let is_plain = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if is_plain && !name.is_empty() { name.to_owned() } else { quoted(name) }
}

/// A basic string: whatever stands in a heading ends nothing.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => out.extend(['\\', character]),
            character if character.is_control() => {
                let _ = write!(out, "\\u{:04X}", u32::from(character));
            }
            character => out.push(character),
        }
    }
    out.push('"');
    out
}
