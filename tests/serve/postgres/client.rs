//! A client of PostgreSQL's protocol of a few lines, with SCRAM-SHA-256, that shows every frame.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use pgwire::api::auth::sasl::scram::gen_salted_password;
use sha2::{Digest as _, Sha256};
use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

/// A frame of the server's: its kind and its body.
pub(crate) type Frame = (u8, Vec<u8>);

/// What came back before the server was ready again.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    pub(crate) columns: Vec<(String, u32)>,
    pub(crate) rows: Vec<Vec<Option<Vec<u8>>>>,
    pub(crate) tags: Vec<String>,
    pub(crate) parameters: Vec<u32>,
    /// The fields of the error, if there was one.
    pub(crate) error: Option<Vec<(char, String)>>,
    pub(crate) kinds: String,
    pub(crate) status: char,
}

impl Answer {
    pub(crate) fn state(&self) -> &str {
        self.field('C')
    }

    pub(crate) fn field(&self, kind: char) -> &str {
        let fields = self.error.iter().flatten();
        fields.clone().find(|(known, _)| *known == kind).map_or("", |(_, text)| text)
    }

    pub(crate) fn texts(&self) -> Vec<Vec<Option<String>>> {
        let text = |value: &Option<Vec<u8>>| value.as_ref().map(|bytes| String::from_utf8(bytes.clone()).unwrap());
        self.rows.iter().map(|row| row.iter().map(text).collect()).collect()
    }

    /// The first value of the first row.
    pub(crate) fn one(&self) -> String {
        assert!(self.error.is_none(), "{:?}", self.error);
        self.texts()[0][0].clone().unwrap()
    }
}

/// A connection that is open.
pub(crate) struct Client {
    stream: TcpStream,
    pub(crate) settings: Vec<(String, String)>,
    pub(crate) notices: Vec<Frame>,
    pub(crate) key: [u8; 8],
}

impl Client {
    /// Logs in.
    ///
    /// # Errors
    /// The answer that holds why not.
    pub(crate) fn open(address: &str, user: &str, password: &str, parameters: &[(&str, &str)]) -> Result<Client, Box<Answer>> {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let mut client = Client { stream, settings: Vec::new(), notices: Vec::new(), key: [0; 8] };
        client.begin(user, parameters);
        let first = client.frame();
        if first.0 == b'E' {
            return Err(Box::new(client.failed(first)));
        }
        assert!(first.0 == b'R' && first.1.starts_with(&[0, 0, 0, 10]), "{first:?}");
        assert_eq!(&first.1[4..], b"SCRAM-SHA-256\0\0", "no other way to prove it is offered");
        client.prove(password)?;
        loop {
            let (kind, body) = client.frame();
            match kind {
                b'R' => assert_eq!(body, [0; 4]),
                b'S' => {
                    let mut texts = body.split(|byte| *byte == 0).map(|text| String::from_utf8(text.to_vec()).unwrap());
                    client.settings.push((texts.next().unwrap(), texts.next().unwrap()));
                }
                b'K' => client.key = body.try_into().unwrap(),
                b'N' => client.notices.push((kind, body)),
                b'Z' => return Ok(client),
                _ => return Err(Box::new(client.failed((kind, body)))),
            }
        }
    }

    /// As far as the server's first word on who it is, for a user; its SCRAM message.
    pub(crate) fn challenge(address: &str, user: &str) -> String {
        let stream = TcpStream::connect(address).unwrap();
        let mut client = Client { stream, settings: Vec::new(), notices: Vec::new(), key: [0; 8] };
        client.begin(user, &[]);
        assert_eq!(client.frame().0, b'R');
        client.first("abc");
        String::from_utf8(client.frame().1[4..].to_vec()).unwrap()
    }

    fn begin(&mut self, user: &str, parameters: &[(&str, &str)]) {
        let mut body = vec![0, 3, 0, 0];
        for (name, value) in [("user", user), ("database", "wuwei")].iter().chain(parameters) {
            body.extend_from_slice(format!("{name}\0{value}\0").as_bytes());
        }
        body.push(0);
        let length = u32::try_from(body.len() + 4).unwrap();
        self.raw(&[&length.to_be_bytes()[..], &body].concat());
    }

    fn first(&mut self, nonce: &str) {
        let said = format!("n,,n=,r={nonce}");
        let length = u32::try_from(said.len()).unwrap().to_be_bytes();
        self.send(b'p', &[b"SCRAM-SHA-256\0", &length[..], said.as_bytes()].concat());
    }

    fn prove(&mut self, password: &str) -> Result<(), Box<Answer>> {
        self.first("rOprNGfwEbeRWgbNEkqO");
        let frame = self.frame();
        if frame.0 == b'E' {
            return Err(Box::new(self.failed(frame)));
        }
        let server = String::from_utf8(frame.1[4..].to_vec()).unwrap();
        let part = |name: &str| server.split(',').find_map(|part| part.strip_prefix(name)).unwrap().to_owned();
        let (nonce, salt) = (part("r="), BASE64_STANDARD.decode(part("s=")).unwrap());
        let salted = gen_salted_password(password, &salt, part("i=").parse().unwrap());
        let unproven = format!("c=biws,r={nonce}");
        let said = format!("n=,r=rOprNGfwEbeRWgbNEkqO,{server},{unproven}");
        let key = hmac(&salted, b"Client Key");
        let signature = hmac(&Sha256::digest(key), said.as_bytes());
        let proof: Vec<u8> = key.iter().zip(signature).map(|(key, signature)| key ^ signature).collect();
        self.send(b'p', format!("{unproven},p={}", BASE64_STANDARD.encode(proof)).as_bytes());
        let frame = self.frame();
        if frame.0 == b'E' {
            return Err(Box::new(self.failed(frame)));
        }
        let own = hmac(&hmac(&salted, b"Server Key"), said.as_bytes());
        assert_eq!(
            String::from_utf8(frame.1[4..].to_vec()).unwrap(),
            format!("v={}", BASE64_STANDARD.encode(own)),
            "the server knows it too"
        );
        Ok(())
    }

    fn failed(&mut self, frame: Frame) -> Answer {
        let mut answer = Answer::default();
        answer.take(frame);
        answer
    }

    pub(crate) fn raw(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).unwrap();
    }

    pub(crate) fn send(&mut self, kind: u8, body: &[u8]) {
        let length = u32::try_from(body.len() + 4).unwrap();
        self.raw(&[&[kind][..], &length.to_be_bytes(), body].concat());
    }

    /// The next frame; the kind 0 when the server closed.
    pub(crate) fn frame(&mut self) -> Frame {
        let mut head = [0; 5];
        if self.stream.read_exact(&mut head).is_err() {
            return (0, Vec::new());
        }
        let length = u32::from_be_bytes(head[1..].try_into().unwrap());
        let mut body = vec![0; usize::try_from(length).unwrap() - 4];
        self.stream.read_exact(&mut body).unwrap();
        (head[0], body)
    }

    /// All that comes until the server is ready, or gone.
    pub(crate) fn answer(&mut self) -> Answer {
        let mut answer = Answer::default();
        loop {
            let frame = self.frame();
            match frame.0 {
                b'Z' => {
                    answer.status = char::from(frame.1[0]);
                    return answer;
                }
                0 => return answer,
                _ => answer.take(frame),
            }
        }
    }

    /// Asks by the simple protocol.
    pub(crate) fn ask(&mut self, sql: &str) -> Answer {
        self.send(b'Q', format!("{sql}\0").as_bytes());
        self.answer()
    }

    /// Asks by the extended protocol: text parameters, all columns in one form.
    pub(crate) fn ask_with(&mut self, sql: &str, values: &[Option<&str>], form: u8) -> Answer {
        self.parse("", sql, &[]);
        self.bind(values, form);
        self.send(b'D', b"S\0");
        self.send(b'D', b"P\0");
        self.execute(0);
        self.send(b'S', b"");
        self.answer()
    }

    pub(crate) fn parse(&mut self, name: &str, sql: &str, types: &[u32]) {
        let mut body = format!("{name}\0{sql}\0").into_bytes();
        body.extend_from_slice(&u16::try_from(types.len()).unwrap().to_be_bytes());
        types.iter().for_each(|number| body.extend_from_slice(&number.to_be_bytes()));
        self.send(b'P', &body);
    }

    pub(crate) fn bind(&mut self, values: &[Option<&str>], form: u8) {
        let mut body = vec![0, 0, 0, 0];
        body.extend_from_slice(&u16::try_from(values.len()).unwrap().to_be_bytes());
        for value in values {
            match value {
                None => body.extend_from_slice(&(-1_i32).to_be_bytes()),
                Some(text) => {
                    body.extend_from_slice(&u32::try_from(text.len()).unwrap().to_be_bytes());
                    body.extend_from_slice(text.as_bytes());
                }
            }
        }
        body.extend_from_slice(&[0, 1, 0, form]);
        self.send(b'B', &body);
    }

    pub(crate) fn execute(&mut self, rows: u32) {
        self.send(b'E', &[&[0][..], &rows.to_be_bytes()].concat());
    }
}

impl Answer {
    fn take(&mut self, (kind, body): Frame) {
        self.kinds.push(char::from(kind));
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        match kind {
            b'T' => {
                self.columns.clear();
                let mut rest = &body[2..];
                while let Some(end) = rest.iter().position(|byte| *byte == 0) {
                    let number = u32::from_be_bytes(rest[end + 7..end + 11].try_into().unwrap());
                    self.columns.push((text(&rest[..end]), number));
                    rest = &rest[end + 19..];
                }
            }
            b'D' => {
                let (mut row, mut rest) = (Vec::new(), &body[2..]);
                while let Some(length) = rest.get(..4) {
                    let length = i32::from_be_bytes(length.try_into().unwrap());
                    rest = &rest[4..];
                    row.push(usize::try_from(length).ok().map(|length| {
                        let (value, after) = rest.split_at(length);
                        rest = after;
                        value.to_vec()
                    }));
                }
                self.rows.push(row);
            }
            b'C' => self.tags.push(text(&body[..body.len() - 1])),
            b't' => self.parameters = body[2..].chunks(4).map(|four| u32::from_be_bytes(four.try_into().unwrap())).collect(),
            b'E' => {
                let fields = body.split(|byte| *byte == 0).filter(|field| !field.is_empty());
                self.error = Some(fields.map(|field| (char::from(field[0]), text(&field[1..]))).collect());
            }
            _ => {}
        }
    }
}

fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut block = [0; 64];
    match key.len() > 64 {
        true => block[..32].copy_from_slice(&Sha256::digest(key)),
        false => block[..key.len()].copy_from_slice(key),
    }
    let inner = Sha256::new().chain_update(block.map(|byte| byte ^ 0x36)).chain_update(message).finalize();
    Sha256::new().chain_update(block.map(|byte| byte ^ 0x5c)).chain_update(inner).finalize().into()
}
