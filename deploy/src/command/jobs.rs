//! `wuwei jobs`: what was loaded or refused, and why.

use crate::{
    Error,
    cli::Common,
    console::words::Language,
    hub::Hub,
    jobs::{Job, Outcome},
    output,
};
use serde::Serialize;
use wuwei_query::Session;
use wuwei_schema::table;

/// Jobs, oldest first.
#[derive(Serialize)]
pub(crate) struct Listed {
    jobs: Vec<Job>,
}

pub(super) async fn run(common: &Common, number: Option<u64>) -> Result<(), Error> {
    let hub = Hub::open(common, "jobs").await?;
    let session = hub.session()?;
    match number {
        None => output::print(common, &all(&hub, &session)?, |all| listed(&all.jobs)),
        Some(number) => output::print(common, &one(&hub, &session, number)?, receipt),
    }
}

/// What was loaded or refused, as far as whoever has the session may know.
pub(crate) fn all(hub: &Hub, session: &Session) -> Result<Listed, Error> {
    Ok(Listed { jobs: of_asker(hub, session)? })
}

/// One job.
pub(crate) fn one(hub: &Hub, session: &Session, number: u64) -> Result<Job, Error> {
    let unknown = || Error::asked(format!("there is no job {number}"), "`wuwei jobs` lists them");
    of_asker(hub, session)?.into_iter().find(|job| job.job == number).ok_or_else(unknown)
}

/// The jobs of departments of whose refused rows whoever asks may see; of no department known, of those who see all.
///
/// # Errors
/// The jobs cannot be read.
pub(super) fn of_asker(hub: &Hub, session: &Session) -> Result<Vec<Job>, Error> {
    let mut jobs = Vec::new();
    for job in hub.jobs.all()? {
        if session.sees_rows_of(table::REJECT, job.department.as_deref().unwrap_or_default())? {
            jobs.push(job);
        }
    }
    Ok(jobs)
}

/// What a department gets for its file 回执: what was received, what became of each row, and what to do about those sent back.
pub(crate) fn receipt(job: &Job) -> String {
    let or_none = |text: &Option<String>| text.clone().unwrap_or_else(|| "未识别".to_owned());
    let mut lines = vec![
        format!("回执 {}", job.job),
        format!("文件：{}    批次：{}", job.file, or_none(&job.batch)),
        format!("部门：{}    数据资源：{}", or_none(&job.department), or_none(&job.extract)),
        format!("处理完成：{}    结果：{}", job.ended, outcome_zh(job.outcome)),
        format!(
            "读取 {} 行 = 接收 {} 行 + 退回 {} 行 + 跳过 {} 行（空行、重复表头、合计、备注）",
            job.read, job.accepted, job.rejected, job.skipped
        ),
        format!("接收的行中新增 {} 行；原有数据中 {} 行因此失效", job.new, job.retired),
    ];
    let words = job.kind.as_deref().and_then(|kind| Language::Chinese.of_file(kind));
    // Below what is said to everybody what in particular is wrong, in the program's own words.
    let label = if words.is_some() { "程序提示" } else { "原因" };
    lines.extend(words.map(|words| format!("原因：{words}")));
    lines.extend(job.reason.iter().map(|reason| format!("{label}：{reason}")));
    lines.extend(job.remarks.iter().map(|remark| format!("提示：{}", Language::Chinese.told(remark))));
    for (rule, rows) in &job.rejects_by_rule {
        let words = wuwei_ingest::rule_words(rule);
        match rule.strip_prefix("cell:") {
            Some(rule) => lines.push(format!("行仍接收，单元格有疑问：{words}（{rule}）{rows} 处")),
            None => lines.push(format!("退回：{words}（{rule}）{rows} 处")),
        }
    }
    if job.spared > 0 {
        lines.push(format!("原有数据中 {} 行本次未报，可能就是退回的行，暂予保留", job.spared));
    }
    if job.rejected > 0 && job.outcome != Outcome::Late {
        lines.push(format!("补正：wuwei rejects {} --out 补正.xlsx，改正后只需重报该表", job.job));
    }
    lines.join("\n")
}

fn outcome_zh(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Published => "已入库",
        Outcome::Unchanged => "此前已入库，未重复",
        Outcome::Late => "内容早于已有数据，只登记送达，未入库",
        Outcome::Empty => "没有数据行，只登记送达，不计入更新",
        Outcome::Refused => "整份退回，未入库",
    }
}

/// Jobs as a table.
pub(super) fn listed(jobs: &[Job]) -> String {
    let row = |job: &Job| {
        let outcome = match job.outcome {
            Outcome::Published => "published",
            Outcome::Unchanged => "unchanged",
            Outcome::Late => "late",
            Outcome::Empty => "empty",
            Outcome::Refused => "refused",
        };
        let why = job.reason.clone().unwrap_or_default();
        let counts = [job.read, job.accepted, job.new, job.retired, job.rejected, job.skipped].map(|count| count.to_string());
        let [read, accepted, new, retired, rejected, skipped] = counts;
        let extract = job.extract.clone().unwrap_or_default();
        vec![job.job.to_string(), job.file.clone(), extract, outcome.to_owned(), read, accepted, new, retired, rejected, skipped, why]
    };
    let headings = ["job", "file", "extract", "outcome", "read", "accepted", "new", "retired", "rejected", "skipped", "why"];
    output::table(&headings, &jobs.iter().map(row).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receipt_says_why_in_chinese_and_one_of_before_as_it_was_written() {
        let shrunk = Error::Shrunk { file: "a.csv".to_owned(), count: 9, known: 9 };
        let job = Job::refused("2026-01-01T00:00:00Z".to_owned(), "a.csv".to_owned(), &shrunk);
        let said = receipt(&job);
        assert!(said.contains("\n原因：这次的全量数据比已有的少了很多") && said.contains("\n程序提示：file `a.csv` is"), "{said}");
        let before = receipt(&Job { kind: None, ..job });
        assert!(before.contains("\n原因：file `a.csv` is") && !before.contains("程序提示"), "{before}");
    }
}
