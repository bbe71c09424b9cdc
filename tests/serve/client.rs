//! A client of a few lines, which can do what no good client does: send half a request, go away in the middle.

use crate::support::{Hub, root};
use serde_json::{Value, json};
use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    process::{Child, ChildStderr, Stdio},
    time::Duration,
};

/// The program, answering over a hub, and somebody who may ask.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: String,
    /// Where it answers clients of PostgreSQL, when it does.
    pub(crate) postgres: Option<String>,
    /// Where it answers clients of Flight SQL, when it does.
    #[cfg(feature = "flight")]
    pub(crate) flight: Option<String>,
    pub(crate) token: String,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Server {
    /// With an account `tester` that has a token.
    pub(crate) fn start(hub: &Hub) -> Server {
        Server::with(hub, &[])
    }

    /// With policies that let whoever tests see everything.
    pub(crate) fn with(hub: &Hub, options: &[&str]) -> Server {
        let policies = root().join("tests/serve/policies");
        Server::ruled(hub, &[options, &["--policies", policies.to_str().unwrap()]].concat())
    }

    /// With the policies that the program carries.
    pub(crate) fn ruled(hub: &Hub, options: &[&str]) -> Server {
        let known = hub.json(&["user", "list"])["accounts"].as_array().unwrap().iter().any(|account| account["name"] == "tester");
        if !known {
            hub.says(&["user", "add", "tester", "--role", "engineer"]);
        }
        let token = hub.json(&["user", "token", "tester", "--label", "tests"])["token"].as_str().unwrap().to_owned();
        Server::answering(hub, options, token)
    }

    /// With the policies that the program carries, for whoever has that token.
    pub(crate) fn of(hub: &Hub, token: String, options: &[&str]) -> Server {
        Server::answering(hub, options, token)
    }

    fn answering(hub: &Hub, options: &[&str], token: String) -> Server {
        let (server, mut said) = Server::listening(hub, options, token);
        // What it goes on to say is read, lest it wait for a reader.
        std::thread::spawn(move || std::io::copy(&mut said, &mut std::io::sink()));
        server
    }

    /// Over a hub without accounts, and the line that it says of the first.
    pub(crate) fn first(hub: &Hub) -> (Server, String) {
        let policies = root().join("tests/serve/policies");
        let (server, mut said) = Server::listening(hub, &["--policies", policies.to_str().unwrap()], String::new());
        let mut line = String::new();
        said.read_line(&mut line).unwrap();
        std::thread::spawn(move || std::io::copy(&mut said, &mut std::io::sink()));
        (server, line)
    }

    /// As the demo ends, with the links that it says.
    pub(crate) fn demo(hub: &Hub) -> (Server, Vec<String>) {
        let mut child = hub.command(&["demo", "--http", "127.0.0.1:0"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let (said, mut noted) = (BufReader::new(child.stdout.take().unwrap()), child.stderr.take().unwrap());
        std::thread::spawn(move || std::io::copy(&mut noted, &mut std::io::sink()));
        let mut links = Vec::new();
        for line in said.lines().map(Result::unwrap) {
            links.extend(line.split_whitespace().filter(|word| word.contains("/sign-in/link/")).map(str::to_owned));
            if links.len() == 6 {
                break;
            }
        }
        let (address, postgres) = (links[0].split('/').nth(2).unwrap().to_owned(), None);
        let server = Server {
            child,
            address,
            postgres,
            #[cfg(feature = "flight")]
            flight: None,
            token: String::new(),
        };
        (server, links)
    }

    fn listening(hub: &Hub, options: &[&str], token: String) -> (Server, BufReader<ChildStderr>) {
        let mut arguments = vec!["serve", "--http", "127.0.0.1:0"];
        arguments.extend(options);
        let mut child = hub.command(&arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let of = |scheme: &str| line.split(' ').find_map(|word| word.trim().strip_prefix(scheme)).map(str::to_owned);
        let (address, postgres) = (of("http://").or(of("https://")).unwrap_or_default(), of("postgresql://"));
        let said = BufReader::new(child.stderr.take().unwrap());
        assert!(address.contains(':'), "it does not answer: {line}");
        #[cfg(feature = "flight")]
        let flight = of("grpc://");
        let server = Server {
            child,
            address,
            postgres,
            #[cfg(feature = "flight")]
            flight,
            token,
        };
        (server, said)
    }

    /// Its number.
    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn bearer(&self) -> String {
        format!("Bearer {}", self.token)
    }

    /// Asks in SQL, with authorization and purpose.
    pub(crate) fn ask(&self, sql: &str, headers: &[(&str, &str)]) -> Answer {
        let mut all = vec![("Content-Type", "application/json")];
        all.extend(headers);
        self.send_known("POST", "/api/v1/sql", &all, json!({"sql": sql}).to_string().as_bytes())
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.send_known("GET", path, &[], b"")
    }

    /// With authorization and purpose.
    pub(crate) fn send_known(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let bearer = self.bearer();
        let mut all = vec![("Authorization", bearer.as_str()), ("Wuwei-Purpose", "低保核对")];
        all.extend(headers);
        self.send(method, path, &all, body)
    }

    pub(crate) fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let mut stream = self.connect();
        stream.write_all(&self.request(method, path, headers, body)).unwrap();
        read(stream).expect("an answer")
    }

    /// The bytes of a request.
    pub(crate) fn request(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
        let mut request =
            format!("{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Length: {}\r\n", self.address, body.len());
        for (name, value) in headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        request.push_str("\r\n");
        let mut bytes = request.into_bytes();
        bytes.extend_from_slice(body);
        bytes
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        stream
    }

    /// A problem without the number of its request.
    pub(crate) fn without_number(&self, answer: &Answer) -> Value {
        let mut told = answer.json();
        told["request_id"] = Value::Null;
        told
    }

    /// Tells it to stop, and waits until it has.
    pub(crate) fn stop(mut self) -> bool {
        std::process::Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        self.child.wait().unwrap().success()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// What comes until the other side closes; none when that is nothing.
pub(crate) fn read(stream: TcpStream) -> Option<Answer> {
    let answer = read_as_it_comes(stream)?;
    assert!(answer.is_whole(), "an answer breaks off");
    Some(answer)
}

/// The same, be it cut off, as by a server that ends.
pub(crate) fn read_as_it_comes(mut stream: TcpStream) -> Option<Answer> {
    let mut bytes = Vec::new();
    // A side that closes hard says so only after all that it sent.
    drop(stream.read_to_end(&mut bytes));
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut lines = head.lines();
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers: Vec<(String, String)> =
        lines.filter_map(|line| line.split_once(": ")).map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect();
    Some(Answer { status, headers, body: bytes[end + 4..].to_vec() })
}

impl Answer {
    /// Whether it has as many bytes as it says.
    pub(crate) fn is_whole(&self) -> bool {
        self.header("content-length").is_none_or(|length| length.parse() == Ok(self.body.len()))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers(name).next()
    }

    /// All headers of that name.
    pub(crate) fn headers(&self, name: &str) -> impl Iterator<Item = &str> {
        self.headers.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }
}

/// Text as headers and addresses carry it.
pub(crate) fn escaped(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// Status and code of a problem.
pub(crate) fn problem(answer: &Answer) -> (u16, String) {
    assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{}", answer.text());
    let told = answer.json();
    assert_eq!(told["status"].as_u64(), Some(u64::from(answer.status)));
    (answer.status, told["code"].as_str().unwrap().to_owned())
}
