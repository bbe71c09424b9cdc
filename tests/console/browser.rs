//! A browser of a few lines: it keeps cookies, says from which site it comes, and fills in forms.

use crate::serve::client::{Answer, Server, escaped};
use crate::support::Hub;

/// The password that everybody here chooses.
pub(super) const OWN: &str = "four words of mine";

pub(super) struct Browser<'a> {
    server: &'a Server,
    pub(super) language: &'static str,
    /// As they were set.
    pub(super) cookies: Vec<String>,
}

impl<'a> Browser<'a> {
    pub(super) fn new(server: &'a Server, language: &'static str) -> Browser<'a> {
        Browser { server, language, cookies: Vec::new() }
    }

    pub(super) fn get(&mut self, path: &str) -> Answer {
        self.send("GET", path, None, b"")
    }

    /// Sends a form, from a page of the program itself.
    pub(super) fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let origin = format!("http://{}", self.server.address);
        self.send("POST", path, Some(&origin), form(fields).as_bytes())
    }

    /// Sends a file by a form, as a browser without scripts does.
    pub(super) fn sends_file(&mut self, path: &str, name: &str, file: &[u8]) -> Answer {
        let origin = format!("http://{}", self.server.address);
        let head =
            format!("--limit7\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: text/csv\r\n\r\n");
        let body = [head.as_bytes(), file, b"\r\n--limit7--\r\n"].concat();
        self.send_as("multipart/form-data; boundary=limit7", "POST", path, Some(&origin), &body)
    }

    pub(super) fn send(&mut self, method: &str, path: &str, origin: Option<&str>, body: &[u8]) -> Answer {
        self.send_as("application/x-www-form-urlencoded", method, path, origin, body)
    }

    pub(super) fn send_as(&mut self, media: &str, method: &str, path: &str, origin: Option<&str>, body: &[u8]) -> Answer {
        let pairs: Vec<&str> = self.cookies.iter().filter_map(|cookie| cookie.split(';').next()).collect();
        let cookies = pairs.join("; ");
        let mut headers = vec![("Accept", "text/html,*/*;q=0.8"), ("Accept-Language", self.language), ("Content-Type", media)];
        headers.extend([("Cookie", cookies.as_str())].into_iter().filter(|_| !pairs.is_empty()));
        headers.extend(origin.map(|origin| ("Origin", origin)));
        let answer = self.server.send(method, path, &headers, body);
        for set in answer.headers("set-cookie") {
            let name = set.split('=').next().unwrap();
            self.cookies.retain(|known| !known.starts_with(&format!("{name}=")));
            self.cookies.push(set.to_owned());
        }
        answer
    }

    pub(super) fn signs_in(&mut self, name: &str, password: &str) -> Answer {
        self.post("/sign-in", &[("name", name), ("password", password), ("next", "/")])
    }

    /// Comes in for a purpose: with a new account and its one-time password, or with that of before.
    pub(super) fn comes_in(&mut self, hub: &Hub, name: &str, role: &str, department: Option<&str>, purpose: &str) {
        let known = hub.json(&["user", "list"])["accounts"].as_array().unwrap().iter().any(|account| account["name"] == name);
        if known {
            assert_eq!(self.signs_in(name, OWN).status, 303);
        } else {
            let mut arguments = vec!["user", "add", name, "--role", role];
            arguments.extend(department.into_iter().flat_map(|code| ["--department", code]));
            let password = hub.json(&arguments)["one_time_password"].as_str().unwrap().to_owned();
            let sent = self.signs_in(name, &password);
            assert_eq!((sent.status, sent.header("location")), (303, Some("/password?next=%2F")), "{}", sent.text());
            assert_eq!(self.get("/tables").header("location"), Some("/password"), "it is good for nothing else");
            let chosen = self.post("/password", &[("chosen", OWN), ("again", OWN), ("next", "/")]);
            assert_eq!(chosen.status, 303, "{}", chosen.text());
        }
        let offered = self.get("/purpose").text();
        assert!(offered.contains(purpose), "{offered}");
        let stated = self.post("/purpose", &[("purpose", purpose), ("next", "/tables")]);
        assert_eq!(stated.header("location"), Some("/tables"), "{}", stated.text());
    }
}

/// Fields as `application/x-www-form-urlencoded`.
pub(super) fn form(fields: &[(&str, &str)]) -> String {
    fields.iter().map(|(name, value)| format!("{name}={}", escaped(value))).collect::<Vec<_>>().join("&")
}
