//! Counts for Prometheus (text format 0.0.4). Labels are routes as they are written, methods and statuses: never what somebody asked.

use super::turnstile::Turnstile;
use crate::{asked::Counts, confined::resident};
use axum::http::{Method, StatusCode};
use std::{
    collections::BTreeMap,
    fmt::Write as _,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// Upper bounds of times, in seconds.
const BOUNDS: [f64; 9] = [0.005, 0.02, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 120.0];

/// What was answered since the program began.
#[derive(Debug, Default)]
pub(super) struct Metrics {
    answered: Mutex<BTreeMap<(String, String), Answered>>,
    logins_failed: AtomicU64,
    /// That stand in the audit.
    alarms: AtomicU64,
}

/// Of one route and method.
#[derive(Debug, Default)]
struct Answered {
    statuses: BTreeMap<u16, u64>,
    /// Answers by time, one more than bounds.
    times: [u64; BOUNDS.len() + 1],
    seconds: f64,
}

impl Metrics {
    pub(super) fn answered(&self, method: &Method, route: &str, status: StatusCode, time: Duration) {
        // A method may be any word; a label may not.
        let known = [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
        let method = if known.contains(method) { method.as_str() } else { "other" };
        let mut all = self.answered.lock().unwrap_or_else(PoisonError::into_inner);
        let answered = all.entry((route.to_owned(), method.to_owned())).or_default();
        *answered.statuses.entry(status.as_u16()).or_default() += 1;
        let seconds = time.as_secs_f64();
        let place = BOUNDS.iter().position(|bound| seconds <= *bound).unwrap_or(BOUNDS.len());
        answered.times[place] += 1;
        answered.seconds += seconds;
    }

    pub(super) fn login_failed(&self) {
        self.logins_failed.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn alarms(&self, stand: u64) {
        self.alarms.store(stand, Ordering::Relaxed);
    }

    /// All of it as text.
    pub(super) fn text(&self, turnstile: &Turnstile, processes: &Counts, epoch: u64) -> String {
        let mut text = self.requests() + &ended(processes);
        let (running, waiting) = turnstile.counts();
        let failed = self.logins_failed.load(Ordering::Relaxed);
        for (name, kind, help, value) in [
            ("wuwei_questions_running", "gauge", "Questions that run.", running as u64),
            ("wuwei_questions_waiting", "gauge", "Questions that wait for their turn.", waiting as u64),
            ("wuwei_answerers", "gauge", "Processes that answer questions in SQL, or are ready to.", processes.living() as u64),
            ("wuwei_logins_failed_total", "counter", "Log-ins that failed.", failed),
            ("wuwei_audit_alarms_total", "counter", "Alarms that stand in the audit.", self.alarms.load(Ordering::Relaxed)),
            ("wuwei_epoch", "gauge", "The epoch that is answered from.", epoch),
            ("process_resident_memory_bytes", "gauge", "Memory of the program.", resident("self").unwrap_or(0)),
        ] {
            let _ = write!(text, "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}\n");
        }
        text
    }

    fn requests(&self) -> String {
        let all = self.answered.lock().unwrap_or_else(PoisonError::into_inner);
        let (mut counts, mut times) = (String::new(), String::new());
        for ((route, method), answered) in all.iter() {
            let labels = format!("route=\"{route}\",method=\"{method}\"");
            for (status, count) in &answered.statuses {
                let _ = writeln!(counts, "wuwei_http_requests_total{{{labels},status=\"{status}\"}} {count}");
            }
            let mut sum = 0;
            for (at, count) in answered.times.iter().enumerate() {
                sum += count;
                let bound = BOUNDS.get(at).map_or_else(|| "+Inf".to_owned(), f64::to_string);
                let _ = writeln!(times, "wuwei_http_request_seconds_bucket{{{labels},le=\"{bound}\"}} {sum}");
            }
            let _ = writeln!(times, "wuwei_http_request_seconds_sum{{{labels}}} {}", answered.seconds);
            let _ = writeln!(times, "wuwei_http_request_seconds_count{{{labels}}} {sum}");
        }
        format!(
            "# HELP wuwei_http_requests_total Requests answered.\n# TYPE wuwei_http_requests_total counter\n{counts}\
             # HELP wuwei_http_request_seconds Time until an answer began.\n# TYPE wuwei_http_request_seconds histogram\n{times}"
        )
    }
}

/// Questions that ended the process which answered them.
fn ended(processes: &Counts) -> String {
    let mut text = "# HELP wuwei_answerers_ended_total Questions that ended the process which answered them.\n\
                    # TYPE wuwei_answerers_ended_total counter\n"
        .to_owned();
    for (cause, count) in processes.ended() {
        let _ = writeln!(text, "wuwei_answerers_ended_total{{cause=\"{cause}\"}} {count}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_add_up_and_a_strange_method_is_no_label() {
        let metrics = Metrics::default();
        let strange = Method::from_bytes(b"ID-OF-SOMEBODY").unwrap();
        for (method, ms) in [(Method::GET, 1), (Method::GET, 50), (Method::GET, 500_000), (strange, 1)] {
            metrics.answered(&method, "/api/v1/people/{id}", StatusCode::OK, Duration::from_millis(ms));
        }
        let text = metrics.text(&Turnstile::new(1), &Counts::default(), 7);
        for line in [
            "wuwei_http_requests_total{route=\"/api/v1/people/{id}\",method=\"GET\",status=\"200\"} 3",
            "wuwei_http_request_seconds_bucket{route=\"/api/v1/people/{id}\",method=\"GET\",le=\"0.1\"} 2",
            "wuwei_http_request_seconds_bucket{route=\"/api/v1/people/{id}\",method=\"GET\",le=\"+Inf\"} 3",
            "wuwei_http_request_seconds_count{route=\"/api/v1/people/{id}\",method=\"GET\"} 3",
            "wuwei_epoch 7",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} is not in\n{text}");
        }
        assert!(!text.contains("SOMEBODY"));
    }
}
