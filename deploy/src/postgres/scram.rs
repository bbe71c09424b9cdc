//! The server's side of SCRAM-SHA-256 as messages (RFC 5802, section 5). Binding to TLS (`-PLUS`) is not offered.

use crate::account::scram::ITERATIONS;
use base64::{Engine as _, prelude::BASE64_STANDARD};

/// The one way to prove who one is.
pub(super) const MECHANISM: &str = "SCRAM-SHA-256";

/// An exchange that was begun.
#[derive(Debug)]
pub(super) struct Exchange {
    /// What the client said of binding, base64.
    binding: String,
    /// The client's first message without that.
    bare: String,
    /// The server's first message.
    pub(super) first: String,
    nonce: String,
}

impl Exchange {
    /// Answers a client's first message with a salt; none when it is no such message. The name in it is not looked at (PostgreSQL 15,
    /// "SASL Authentication": the one of the start-up counts).
    pub(super) fn begin(said: &str, salt: &[u8], nonce: &str) -> Option<Exchange> {
        let mut parts = said.splitn(3, ',');
        let (flag, identity, bare) = (parts.next()?, parts.next()?, parts.next()?);
        let theirs = bare.split(',').nth(1)?.strip_prefix("r=").filter(|nonce| !nonce.is_empty())?;
        if !matches!(flag, "n" | "y") || !(identity.is_empty() || identity.starts_with("a=")) || !bare.starts_with("n=") {
            return None;
        }
        let nonce = format!("{theirs}{nonce}");
        let first = format!("r={nonce},s={},i={ITERATIONS}", BASE64_STANDARD.encode(salt));
        Some(Exchange { binding: BASE64_STANDARD.encode(format!("{flag},{identity},")), bare: bare.to_owned(), first, nonce })
    }

    /// What a client's last message proves, and by what; none when it is no such message, or of another exchange.
    pub(super) fn proof(&self, said: &str) -> Option<(String, Vec<u8>)> {
        let (unproven, proof) = said.rsplit_once(",p=")?;
        let mut parts = unproven.split(',');
        if parts.next()?.strip_prefix("c=")? != self.binding || parts.next()?.strip_prefix("r=")? != self.nonce {
            return None;
        }
        Some((format!("{},{},{unproven}", self.bare, self.first), BASE64_STANDARD.decode(proof).ok()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_messages_of_the_same_exchange_prove_anything() {
        let exchange = Exchange::begin("n,,n=,r=abc", b"0123456789abcdef", "def").unwrap();
        assert!(exchange.first.starts_with("r=abcdef,s=MDEy"));
        let proof = BASE64_STANDARD.encode([7; 32]);
        let (said, proven) = exchange.proof(&format!("c=biws,r=abcdef,p={proof}")).unwrap();
        assert!(said.starts_with("n=,r=abc,r=abcdef,s=") && said.ends_with(",c=biws,r=abcdef") && proven == [7; 32]);
        for wrong in ["c=biws,r=abc,p=AA==", "c=eSws,r=abcdef,p=AA==", "c=biws,r=abcdef", "c=biws,r=abcdef,p=?", ""] {
            assert!(exchange.proof(wrong).is_none(), "{wrong}");
        }
        for wrong in ["", "n,,", "p=tls-server-end-point,,n=,r=abc", "n,,n=,r=", "n,b,n=,r=abc", "n,,r=abc,n="] {
            assert!(Exchange::begin(wrong, b"", "def").is_none(), "{wrong}");
        }
    }
}
