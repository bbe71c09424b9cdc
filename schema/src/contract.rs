//! The contract between stages, second part: what departments owe each other. The Arrow schemas of `contract.*`, after the share
//! catalogue of 政务数据共享条例 (State Council order 809, 2025). Times are milliseconds since 1970-01-01 UTC.

use crate::table::{comment, flag, integer, optional, text};
use arrow_schema::{DataType, Field, Schema, SchemaRef, TimeUnit};
use std::sync::Arc;

/// Name of the table of persons whose processing was stopped.
pub const RESTRICTED: &str = "contract.restricted";

/// Name of the table of what departments are asked to put right.
pub const CORRECTION: &str = "contract.correction";

/// Name of the table of figures that were kept.
pub const HISTORY: &str = "indicator.history";
/// Name of the table of what the rule of stars gave to areas, when figures were kept.
pub const RATING: &str = "indicator.rating";

/// The tables and their schemas, by name.
pub fn tables() -> [(&'static str, SchemaRef); 12] {
    [
        ("contract.department", department()),
        ("contract.resource", resource()),
        ("contract.item", item()),
        ("contract.need", need()),
        ("contract.share_grant", share_grant()),
        ("contract.request", request()),
        ("contract.delivery", delivery()),
        ("contract.workday", workday()),
        (RESTRICTED, restricted()),
        (CORRECTION, correction()),
        (HISTORY, history()),
        (RATING, rating()),
    ]
}

/// `contract.department`: who delivers and who asks.
pub fn department() -> SchemaRef {
    schema([text("dept", "部门", "Department"), text("name_zh", "名称", "Name in Chinese"), text("name_en", "英文名称", "Name in English")])
}

/// `contract.resource`: a data resource of a department's share catalogue; one extract each.
pub fn resource() -> SchemaRef {
    schema([
        text("rid", "资源", "Resource: the extract"),
        text("provider", "提供部门", "Department that owes it"),
        text("name_zh", "名称", "Name in Chinese"),
        integer("share_class", "共享类型", "1 unconditional, 2 conditional, 3 not shared"),
        flag("obliged", "应共享", "Whether the department is obliged to share it"),
        text("status", "目录状态", "draft, published or retired"),
        integer("cycle_days", "更新周期", "Days between deliveries"),
    ])
}

/// `contract.item`: a data item of a resource, one column of the extract each. An item that becomes several properties has a row for each
/// of them, one that becomes none has one row, so items are counted as distinct (rid, item).
pub fn item() -> SchemaRef {
    schema([
        text("rid", "资源", "Resource"),
        text("item", "信息项", "Column of the extract"),
        optional("entity", "类型", "Entity type it says something of; empty when it is mapped to none"),
        optional("property", "属性", "Property it becomes"),
    ])
}

/// `contract.need`: who needs which resource for a task that the law gives it.
pub fn need() -> SchemaRef {
    schema([text("rid", "资源", "Resource"), text("consumer", "需求部门", "Department that needs it"), text("task", "事项", "What for")])
}

/// `contract.share_grant`: which department may use which resource, from when till when.
pub fn share_grant() -> SchemaRef {
    schema([
        text("rid", "资源", "Resource"),
        text("consumer", "使用部门", "Department that may use it"),
        time("from_ts", "起", "From", false),
        time("to_ts", "止", "Until; empty while it lasts", true),
    ])
}

/// `contract.request`: a department asked for a resource; answered when it was granted.
pub fn request() -> SchemaRef {
    schema([
        text("rid", "资源", "Resource"),
        text("consumer", "申请部门", "Department that asks"),
        text("task", "事项", "What for"),
        time("sent_ts", "申请时间", "Asked", false),
        time("answered_ts", "答复时间", "Answered; empty while it is not", true),
        integer("limit_workdays", "答复时限", "Working days in which an answer is due"),
    ])
}

/// `contract.workday`: the official calendar, every day of the years whose notice is known.
pub fn workday() -> SchemaRef {
    schema([
        comment(Field::new("day", DataType::Date32, false), "日期", "Day"),
        flag("is_work", "是否工作日", "Whether offices work"),
        optional("name", "节日", "The holiday that makes it other than its weekday"),
    ])
}

/// `contract.delivery`: a file that came, what became of it, and how far its content reaches.
pub fn delivery() -> SchemaRef {
    schema([
        text("rid", "资源", "Resource"),
        text("batch", "批次", "First 16 hexadecimal digits of the file's SHA-256"),
        time("received_ts", "收到时间", "Received", false),
        time("watermark_ts", "数据时间", "Latest date that the content speaks of", true),
        text(
            "outcome",
            "结果",
            "accepted, partial (some rows refused), rejected, repair: rows refused before, mended; not loaded: late, older than what is held, and empty, without a row",
        ),
        integer("rows_total", "行数", "Rows delivered"),
        integer("rows_ok", "合格行数", "Rows accepted"),
        integer("rows_new", "新增行数", "Rows accepted that were not held already"),
        integer("rows_retired", "失效行数", "Rows held before that stand no more"),
        integer(
            "rows_spared",
            "暂留行数",
            "Rows held before that it lacks and that stand, since a row that was refused may be one of them",
        ),
        optional("origin", "补正所属批次", "Of mended rows, the batch in which they were refused"),
    ])
}

/// `contract.restricted`: persons all of whose processing but storage was stopped (个人信息保护法 article 47); one row a record that the person
/// had then. Rows are only added: a row `lifted` ends those of the same number.
pub fn restricted() -> SchemaRef {
    schema([
        integer("restriction", "限制号", "Number of the restriction; a later one has a larger number"),
        text("entity", "类型", "Entity type"),
        integer("entity_id", "实体号", "The person, as numbered then"),
        integer("record_id", "记录号", "One of the person's records"),
        text("state", "状态", "restricted: in no answer from then on; lifted: it has ended"),
        text("ground", "依据", "On what ground"),
        text("who", "办理人", "Who wrote it down"),
        time("at", "时间", "When", false),
    ])
}

/// `contract.correction`: what a department is asked to put right in a record of its own (个人信息保护法 article 46). It names records, not what
/// they say: each reader sees of them what the policies let them see.
pub fn correction() -> SchemaRef {
    schema([
        integer("correction", "更正号", "Number of the request"),
        text("department", "责任部门", "Department whose record it is"),
        text("entity", "类型", "Entity type"),
        integer("record_id", "记录号", "The record"),
        text("property", "属性", "The property that is said to be wrong"),
        text(
            "others",
            "其他记录",
            "Numbers of records of the same entity that say otherwise, comma separated, as far as whoever asked saw them",
        ),
        text("ground", "依据", "Why it is said to be wrong"),
        text("who", "申请人", "Who asked"),
        optional("asked_by", "申请部门", "For which department they asked"),
        time("at", "申请时间", "When", false),
        text("state", "状态", "open; corrected: the department puts it right in its next delivery; refused: it stands as it is"),
        optional("answer", "答复", "What the department says"),
        optional("settled_by", "办理人", "Who settled it"),
        time("settled_at", "办理时间", "When; empty while it is open", true),
    ])
}

/// `indicator.history`: the figures of all indicators as they stood when they were kept, once an epoch and day. Where version or definition
/// change, the line of a trend breaks: figures on both sides are not of the same formula.
pub fn history() -> SchemaRef {
    schema([
        time("as_of", "时点", "As of when", false),
        integer("epoch", "版本", "Publication of the tables that they were computed from"),
        text("indicator", "指标", "Indicator"),
        integer("version", "定义版本", "Version of its definition"),
        text("definition", "定义指纹", "Changes with its formula, whatever the version says"),
        optional("department", "部门", "Department; empty for all together"),
        optional("area", "地区", "Township; empty for all together"),
        optional("counterpart", "对方部门", "The other department, where the indicator is of pairs"),
        number("numerator", "分子", "What is reached", false),
        number("denominator", "分母", "Out of what", false),
        number("value", "值", "Value; empty when the denominator is 0", true),
        text("light", "灯", "grey, red, unassigned, yellow or green"),
        flag("target_met", "是否达标", "Whether it is at least as good as the target"),
        number("baseline", "基准值", "Below this is red", true),
        number("target", "目标值", "What is asked for", true),
        number("challenge", "挑战值", "From this on is green", true),
    ])
}

/// `indicator.rating`: what each rule and veto of the stars gave to an area when figures were kept; one row a reason.
pub fn rating() -> SchemaRef {
    schema([
        time("as_of", "时点", "As of when", false),
        integer("epoch", "版本", "Publication of the tables that it was computed from"),
        integer("version", "规则版本", "Version of the rule of stars"),
        text("area", "地区", "Township"),
        optional("name", "名称", "What it is called"),
        comment(Field::new("stars", DataType::Int64, true), "星级", "Stars of the area; empty where too little is known"),
        number("share", "得分率", "Points reached, in per cent of those that could be", true),
        number("known", "已知分值占比", "Of all points, in per cent, those of known figures", false),
        text("by", "依据", "rule, or veto"),
        text("indicator", "指标", "Indicator"),
        text("light", "灯", "Its light in the area"),
        number("value", "值", "Its value there", true),
        number("points", "得分", "Points given", false),
        number("weight", "分值", "Points that could be reached", false),
        comment(Field::new("at_most", DataType::Int64, true), "最高星级", "The most stars that a veto leaves"),
    ])
}

/// `indicator.star`: a view, the stars of areas as they were last kept.
pub fn star() -> SchemaRef {
    schema([
        text("area", "地区", "Township"),
        optional("name", "名称", "What it is called"),
        comment(Field::new("stars", DataType::Int64, true), "星级", "Stars; empty where too little is known"),
        number("share", "得分率", "Points reached, in per cent of those that could be", true),
        number("known", "已知分值占比", "Of all points, in per cent, those of known figures", true),
        integer("vetoes", "一票否决", "Vetoes that held"),
        time("as_of", "时点", "As of when", false),
        integer("version", "规则版本", "Version of the rule of stars"),
    ])
}

/// `contract.area`: a view, the townships that figures of areas speak of.
pub fn area() -> SchemaRef {
    schema([optional("area", "地区代码", "Nine digits of a township"), optional("name", "名称", "What it is called")])
}

/// `contract.handled_incident`: a view, how long each closed incident took; one row an incident.
pub fn handled_incident() -> SchemaRef {
    schema([
        optional("area", "地区", "Township where it was; empty when that is not known"),
        flag("is_crossed", "是否跨部门", "Whether one department reported it and another was to see to it"),
        number("days_before", "试点前天数", "Days from report to end, of one reported before the pilot", true),
        number("days_now", "近一年天数", "Days from report to end, of one reported within a year and after that", true),
    ])
}

/// `contract.reported_figure`: a view, what the latest period of each reported figure says, of townships and of the whole.
pub fn reported_figure() -> SchemaRef {
    schema([
        optional("indicator", "指标", "Indicator"),
        optional("area", "地区", "Township; empty for the whole"),
        optional("period", "统计期", "Latest period that counts"),
        number("numerator", "分子", "What is reached; of a value alone, the value times the number asked", true),
        number("part", "占比分子", "The same of a share that is known as per cent alone", true),
        number("denominator", "分母", "Out of what; of a value alone, the number asked", true),
    ])
}

/// `contract.use_log`: which data item was read, by whom and for what; one row an item and question. It is written by the door, not by a
/// stage, so it is not among `tables`.
pub fn use_log() -> SchemaRef {
    schema([
        time("ts", "时间", "When", false),
        optional("consumer", "使用部门", "Department that asked; empty for an operator of the hub"),
        text("rid", "资源", "Resource"),
        text("item", "信息项", "Column of the extract"),
        text("purpose", "用途", "What for"),
        flag("permitted", "是否允许", "Whether the question was answered"),
        integer("rows_returned", "返回行数", "Rows of the answer"),
        flag("automated", "是否自动", "Whether a program asked"),
        flag("swept", "是否整表读取", "Whether the question took most columns of a table, so that nobody chose them"),
    ])
}

/// `contract.resource_state`: a view, how far each resource is on its way from a title to something that others can use, as of the time
/// of the question.
pub fn resource_state() -> SchemaRef {
    schema([
        text("rid", "资源", "Resource"),
        text("provider", "提供部门", "Department that owes it"),
        integer("share_class", "共享类型", "1 unconditional, 2 conditional, 3 not shared"),
        flag("obliged", "应共享", "Whether the department is obliged to share it"),
        text("status", "目录状态", "draft, published or retired"),
        time(
            "content_ts",
            "数据时间",
            "What its content speaks of: its latest date, or its arrival when it dates no row; empty while undelivered",
            true,
        ),
        flag("catalogued", "已编目", "Whether it is published in the catalogue"),
        flag("mounted", "已挂接", "Whether it is published and was delivered"),
        flag("fresh", "更新及时", "Whether it is mounted and its content is one cycle old at most, and a fifth of it for grace"),
        flag("open", "可供其他部门使用", "Whether it is unconditional, or granted to another department today"),
        text("family", "同构资源", "The first of the department's resources that have the same items, by which they count as one"),
    ])
}

/// `audit.entry`: the audit, one row an entry; written by the door before an answer leaves, so it is not among `tables` either.
pub fn audit_entry() -> SchemaRef {
    schema([
        integer("seq", "序号", "1, 2, 3 … without a gap"),
        time("at", "时间", "When", false),
        text("principal", "访问人", "Who asked"),
        optional("role", "角色", "In which role; none of the program"),
        optional("department", "所属部门", "For which department"),
        optional("origin", "来源", "From where: the command line, or an entrance with an address"),
        text("purpose", "用途", "What for"),
        text("kind", "方式", "sql, read, indicators, or what else was looked at"),
        optional("statement", "语句指纹", "SHA-256 of the question, in hexadecimal digits"),
        text("tables", "表", "Tables that the plan reads, comma separated"),
        text("columns", "列", "Columns that the plan reads, comma separated"),
        text("outcome", "结果", "asked, answered, refused or failed, with the reason"),
        count("of", "对应序号", "The entry that this one closes, or with which an alarm was reached"),
        count("part", "所属查看", "The look that this question is a part of"),
        count("rows", "返回行数", "Rows of the answer"),
        text("persons", "涉及人员", "Numbers of the persons whom the answer showed, comma separated, a thousand at most"),
        text("records", "涉及记录", "Numbers of their records that the answer showed, comma separated, a thousand at most"),
        count("more", "未列出数", "How many persons and records there were beyond those listed"),
        count("segment", "段号", "The segment that was sealed, or the last that was removed"),
    ])
}

pub(crate) fn schema<const N: usize>(fields: [Field; N]) -> SchemaRef {
    Arc::new(Schema::new(Vec::from(fields)))
}

fn count(name: &str, zh: &str, en: &str) -> Field {
    comment(Field::new(name, DataType::Int64, true), zh, en)
}

fn number(name: &str, zh: &str, en: &str, nullable: bool) -> Field {
    comment(Field::new(name, DataType::Float64, nullable), zh, en)
}

pub(crate) fn time(name: &str, zh: &str, en: &str, nullable: bool) -> Field {
    comment(Field::new(name, DataType::Timestamp(TimeUnit::Millisecond, None), nullable), zh, en)
}
