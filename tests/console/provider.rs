//! A provider of a few lines that says whatever a test wants, right or wrong, and remembers what it was asked.

use crate::support::Hub;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    path::PathBuf,
    sync::{Arc, Mutex, atomic::AtomicBool, atomic::Ordering},
    time::{SystemTime, UNIX_EPOCH},
};

pub(super) struct Provider {
    address: String,
    says: Arc<Mutex<Says>>,
    over: Arc<AtomicBool>,
}

/// What it says.
pub(super) struct Says {
    pub(super) nonce: String,
    pub(super) challenge: String,
    /// Claims beside or instead of the right ones.
    pub(super) claims: Value,
    pub(super) alg: &'static str,
    /// Another answer at a path.
    pub(super) instead: Option<(&'static str, Vec<u8>)>,
    /// Whether names are told by userinfo only.
    pub(super) is_told_apart: bool,
    key: Ed25519KeyPair,
    kid: u32,
    asked: Vec<(String, Asked)>,
}

/// What it was asked at a path, the last time.
#[derive(Debug, Clone, Default)]
pub(super) struct Asked {
    pub(super) count: usize,
    pub(super) authorization: String,
    pub(super) body: String,
    /// Whether the verifier was the one of the challenge.
    pub(super) proves: bool,
}

impl Says {
    pub(super) fn turn_keys(&mut self) {
        (self.key, self.kid) = (Ed25519KeyPair::generate().unwrap(), self.kid + 1);
    }

    fn token(&self, issuer: &str) -> String {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let mut claims = json!({"iss": issuer, "aud": "wuwei", "sub": "subject-7", "nonce": self.nonce, "iat": now, "exp": now + 300});
        if !self.is_told_apart {
            claims["preferred_username"] = json!("li");
        }
        for (name, value) in self.claims.as_object().unwrap() {
            claims[name] = value.clone();
        }
        let encoded = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
        let header = json!({"alg": self.alg, "kid": self.kid.to_string()});
        let signed = format!("{}.{}", encoded(header.to_string().as_bytes()), encoded(claims.to_string().as_bytes()));
        let signature = if self.alg == "none" { String::new() } else { encoded(self.key.sign(signed.as_bytes()).as_ref()) };
        format!("{signed}.{signature}")
    }

    fn answer(&self, issuer: &str, path: &str) -> Value {
        match path {
            "/.well-known/openid-configuration" => json!({
                "issuer": issuer, "authorization_endpoint": format!("{issuer}/auth?tenant=1"), "token_endpoint": format!("{issuer}/token"),
                "jwks_uri": format!("{issuer}/keys"), "userinfo_endpoint": format!("{issuer}/userinfo"),
                "end_session_endpoint": format!("{issuer}/end"), "authorization_response_iss_parameter_supported": true,
            }),
            "/keys" => {
                let x = BASE64_URL_SAFE_NO_PAD.encode(self.key.public_key());
                json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": self.kid.to_string(), "x": x}]})
            }
            "/token" => json!({"id_token": self.token(issuer), "access_token": "opaque", "token_type": "Bearer"}),
            // Where the token tells the name, this is about somebody else.
            "/userinfo" => json!({"sub": if self.is_told_apart { "subject-7" } else { "another" }, "preferred_username": "li"}),
            _ => Value::Null,
        }
    }
}

impl Provider {
    pub(super) fn start() -> Provider {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let says = Arc::new(Mutex::new(Says {
            nonce: String::new(),
            challenge: String::new(),
            claims: json!({}),
            alg: "EdDSA",
            instead: None,
            is_told_apart: false,
            key: Ed25519KeyPair::generate().unwrap(),
            kid: 1,
            asked: Vec::new(),
        }));
        let over = Arc::new(AtomicBool::new(false));
        let (known, is_over, issuer) = (Arc::clone(&says), Arc::clone(&over), format!("http://{address}"));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if is_over.load(Ordering::SeqCst) {
                    return;
                }
                drop(answered(stream, &known, &issuer));
            }
        });
        Provider { address, says, over }
    }

    pub(super) fn issuer(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Writes the file that names it, with what more a test wants of it.
    pub(super) fn write(&self, hub: &Hub, more: &str) -> PathBuf {
        std::fs::write(hub.path("secret"), "s3cret of the hub\n").unwrap();
        let head = "client_id = \"wuwei\"\nclient_secret_file = \"secret\"\nlabel = { zh = \"县统一认证\", en = \"County sign-in\" }\n";
        std::fs::write(hub.path("oidc.toml"), format!("issuer = \"{}\"\n{head}{more}", self.issuer())).unwrap();
        hub.path("oidc.toml")
    }

    pub(super) fn says(&self, change: impl FnOnce(&mut Says)) {
        change(&mut self.says.lock().unwrap());
    }

    pub(super) fn asked(&self, path: &str) -> Asked {
        let says = self.says.lock().unwrap();
        let count = says.asked.iter().filter(|(known, _)| known == path).count();
        let last = says.asked.iter().rfind(|(known, _)| known == path).map(|(_, asked)| asked.clone());
        Asked { count, ..last.unwrap_or_default() }
    }
}

impl Drop for Provider {
    /// Listens no more: the thread is woken to see that.
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        drop(TcpStream::connect(&self.address));
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
}

fn answered(mut stream: TcpStream, says: &Mutex<Says>, issuer: &str) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let (mut line, mut headers) = (String::new(), Vec::new());
    reader.read_line(&mut line)?;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header)?;
        match header.trim().split_once(": ") {
            Some((name, value)) => headers.push((name.to_ascii_lowercase(), value.to_owned())),
            None => break,
        }
    }
    let header = |name: &str| headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone()).unwrap_or_default();
    let mut body = vec![0; header("content-length").parse().unwrap_or(0)];
    reader.read_exact(&mut body)?;
    let (body, path) = (String::from_utf8_lossy(&body).into_owned(), line.split(' ').nth(1).unwrap_or_default().to_owned());
    let mut says = says.lock().unwrap();
    let verifier = query(&format!("?{body}")).into_iter().find(|(name, _)| name == "code_verifier").map(|(_, value)| value);
    let proves = verifier.is_some_and(|verifier| BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)) == says.challenge);
    says.asked.push((path.clone(), Asked { count: 0, authorization: header("authorization"), body, proves }));
    match &says.instead {
        Some((other, bytes)) if *other == path => stream.write_all(bytes),
        _ => {
            let text = says.answer(issuer, &path).to_string();
            write!(
                stream,
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{text}",
                text.len()
            )
        }
    }
}

/// The pairs of an address's query.
pub(super) fn query(address: &str) -> Vec<(String, String)> {
    let plain = |text: &str| {
        let mut parts = text.replace('+', " ").split('%').map(str::to_owned).collect::<Vec<_>>().into_iter();
        let first = parts.next().unwrap_or_default();
        parts.fold(first, |all, part| all + &char::from(u8::from_str_radix(&part[..2], 16).unwrap()).to_string() + &part[2..])
    };
    let query = address.split_once('?').map(|(_, query)| query).unwrap_or_default();
    query.split('&').filter_map(|pair| pair.split_once('=')).map(|(name, value)| (plain(name), plain(value))).collect()
}
