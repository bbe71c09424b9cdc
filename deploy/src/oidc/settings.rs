//! Which provider, and what of its word counts: a file in TOML, with the secret in a file of its own. No provider is known without it.

use crate::{Error, output};
use reqwest::{Certificate, Url};
use serde::Deserialize;
use std::{
    fmt, fs,
    net::SocketAddr,
    path::{Path, PathBuf},
};
use wuwei_schema::Label;

/// Bytes of a secret.
const SECRET: usize = 4096;
/// What a provider is asked for: who it is, and their profile, which has the name.
const SCOPE: &str = "openid profile";
/// The claim that names the account, if nothing else is said.
const CLAIM: &str = "preferred_username";

/// What the file has to have.
const KEYS: &str = "issuer, client_id, client_secret_file and label = { zh = \"…\", en = \"…\" }; if wanted address, claim, scope, \
                    certificates and [second_factor] with amr or acr";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    issuer: String,
    client_id: String,
    client_secret_file: PathBuf,
    label: Label,
    #[serde(default)]
    address: Option<String>,
    #[serde(default = "claim")]
    claim: String,
    #[serde(default = "scope")]
    scope: String,
    #[serde(default)]
    certificates: Option<PathBuf>,
    #[serde(default)]
    second_factor: SecondFactor,
}

fn claim() -> String {
    CLAIM.to_owned()
}

fn scope() -> String {
    SCOPE.to_owned()
}

/// By which of its claims a token shows that the provider asked for a second factor; empty when ours is asked for in any case.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SecondFactor {
    /// One of these methods is among those of `amr` (RFC 8176).
    #[serde(default)]
    pub(super) amr: Vec<String>,
    /// `acr` is one of these.
    #[serde(default)]
    pub(super) acr: Vec<String>,
}

/// What is known only to provider and hub.
#[derive(Clone)]
pub(super) struct Secret(String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

impl Secret {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// A provider, as it is configured.
#[derive(Debug)]
pub(crate) struct Settings {
    /// As its tokens name it.
    pub(super) issuer: String,
    pub(super) client: String,
    pub(super) secret: Secret,
    /// What stands on the button.
    pub(crate) label: Label,
    /// Where browsers find the hub: scheme, host and port.
    pub(super) address: String,
    pub(super) claim: String,
    pub(super) scope: String,
    /// The only certificates that its TLS is trusted by, instead of the system's.
    pub(super) certificates: Option<Vec<Certificate>>,
    pub(super) second_factor: SecondFactor,
    /// Whether it is on this machine, where no TLS is needed.
    pub(super) is_here: bool,
}

impl Settings {
    /// Those of a file. `listens` is where the server does, and `tls` whether behind TLS: the address of the hub when the file names none.
    ///
    /// # Errors
    /// The file, or one that it names, cannot be read, or something in it cannot be.
    pub(crate) fn read(path: &Path, listens: SocketAddr, tls: bool) -> Result<Settings, Error> {
        let text = fs::read_to_string(path).map_err(Error::file("reading", path))?;
        let file = path.display();
        let written: Written = toml::from_str(&text).map_err(|error| {
            let line = error.span().map_or(1, |span| text[..span.start.min(text.len())].matches('\n').count() + 1);
            Error::asked(format!("`{file}`, line {line}: {}", error.message()), KEYS)
        })?;
        let wrong = |what: &str, hint: &str| Error::asked(format!("`{file}`: {what}"), hint);
        let folder = path.parent().unwrap_or(Path::new("."));
        let issuer = safe(&written.issuer).filter(|url| url.query().is_none() && url.fragment().is_none());
        let issuer = issuer.ok_or_else(|| wrong("`issuer` is no address of a provider", "https://…, as its tokens name it"))?;
        let address = match written.address {
            Some(address) => {
                origin(&address).ok_or_else(|| wrong("`address` is no address of a hub", "https:// and the host, as browsers type it"))?
            }
            None if listens.ip().is_loopback() => format!("{}://{listens}", if tls { "https" } else { "http" }),
            None => return Err(wrong("`address` is missing", "say how browsers reach this hub: https:// and the host")),
        };
        if written.client_id.is_empty() || written.claim.is_empty() || !written.scope.split(' ').any(|scope| scope == "openid") {
            return Err(wrong("`client_id`, `claim` or `scope` cannot be", "none is empty, and `openid` is in the scope"));
        }
        Ok(Settings {
            is_here: issuer.scheme() == "http",
            issuer: written.issuer,
            client: written.client_id,
            secret: secret(&folder.join(written.client_secret_file))?,
            label: written.label,
            address,
            claim: written.claim,
            scope: written.scope,
            certificates: written.certificates.map(|file| certificates(&folder.join(file))).transpose()?,
            second_factor: written.second_factor,
        })
    }

    /// Whether something may be sent to that address, and believed from there.
    pub(super) fn is_safe(&self, address: &str) -> Option<Url> {
        safe(address).filter(|url| self.is_here || url.scheme() == "https")
    }

    /// Where the provider sends browsers back to.
    pub(super) fn back(&self) -> String {
        format!("{}/sign-in/oidc/back", self.address)
    }
}

/// An address over which nobody listens in: TLS, or this machine alone.
fn safe(address: &str) -> Option<Url> {
    let url = Url::parse(address).ok()?;
    let host = url.host_str()?.trim_matches(['[', ']']).to_owned();
    let is_here = host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback());
    let is_plain = url.username().is_empty() && url.password().is_none();
    (is_plain && (url.scheme() == "https" || (url.scheme() == "http" && is_here))).then_some(url)
}

/// Scheme, host and port of an address that has nothing else.
fn origin(address: &str) -> Option<String> {
    let url = safe(address).filter(|url| url.path() == "/" && url.query().is_none() && url.fragment().is_none())?;
    Some(url.origin().ascii_serialization())
}

fn secret(path: &Path) -> Result<Secret, Error> {
    let text = fs::read_to_string(path).map_err(Error::file("reading", path))?;
    let secret = text.trim_end_matches(['\r', '\n']);
    if secret.is_empty() || secret.len() > SECRET || secret.contains(char::is_control) {
        return Err(Error::asked(format!("`{}` holds no secret", path.display()), "the client's secret alone, on one line"));
    }
    #[cfg(unix)]
    if fs::metadata(path).is_ok_and(|about| std::os::unix::fs::PermissionsExt::mode(&about.permissions()) & 0o007 != 0) {
        output::note(&format!("wuwei: everybody on this machine reads `{}`, a secret; `chmod o-rwx` keeps it", path.display()));
    }
    Ok(Secret(secret.to_owned()))
}

fn certificates(path: &Path) -> Result<Vec<Certificate>, Error> {
    let bytes = fs::read(path).map_err(Error::file("reading", path))?;
    let known = Certificate::from_pem_bundle(&bytes).ok().filter(|known| !known.is_empty());
    known.ok_or_else(|| Error::asked(format!("`{}` holds no certificate", path.display()), "those of the provider's authority, as PEM"))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::oidc) const WRITTEN: &str = "issuer = \"https://sso.county.example/realms/county\"\nclient_id = \"wuwei\"\nclient_secret_file = \"secret\"\n\
                           label = { zh = \"统一认证登录\", en = \"County sign-in\" }\n";

    pub(in crate::oidc) fn read(text: &str, listens: &str) -> Result<Settings, String> {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("secret"), "s3cret\n").unwrap();
        fs::write(folder.path().join("none"), "\n").unwrap();
        fs::write(folder.path().join("oidc.toml"), text).unwrap();
        Settings::read(&folder.path().join("oidc.toml"), listens.parse().unwrap(), false).map_err(|error| error.to_string())
    }

    #[test]
    fn a_provider_is_as_its_file_has_it_and_its_secret_is_shown_nowhere() {
        let settings = read(WRITTEN, "127.0.0.1:8080").unwrap();
        assert_eq!((settings.secret.as_str(), settings.claim.as_str()), ("s3cret", CLAIM));
        assert_eq!(settings.back(), "http://127.0.0.1:8080/sign-in/oidc/back");
        assert!(!format!("{settings:?}").contains("s3cret"));
        let named = read(&format!("{WRITTEN}address = \"https://hub.county.example/\"\n"), "0.0.0.0:443").unwrap();
        assert_eq!(named.back(), "https://hub.county.example/sign-in/oidc/back");
        assert!(settings.is_safe("http://127.0.0.1/token").is_none(), "a provider elsewhere sends nobody to this machine");
        assert!(read(&WRITTEN.replace("https://sso.county.example/realms/county", "http://[::1]:9000"), "[::1]:80").unwrap().is_here);
    }

    #[test]
    fn what_is_no_provider_is_told() {
        for (wrong, told) in [
            (WRITTEN.replace("https://sso", "http://sso"), "`issuer` is no address"),
            (WRITTEN.replace("https://sso.county.example", "http://127.0.0.1.example"), "`issuer` is no address"),
            (WRITTEN.replace("/realms/county", "/?tenant=1"), "`issuer` is no address"),
            (WRITTEN.replace("https://", "https://user:word@"), "`issuer` is no address"),
            (WRITTEN.replace("\"secret\"", "\"none\""), "holds no secret"),
            (WRITTEN.replace("client_id", "client"), "line 2"),
            (format!("{WRITTEN}address = \"http://hub.example\"\n"), "`address` is no address"),
            (format!("{WRITTEN}address = \"https://hub.example/wuwei\"\n"), "`address` is no address"),
            (format!("{WRITTEN}scope = \"profile\"\n"), "`scope` cannot be"),
            (format!("{WRITTEN}certificates = \"secret\"\n"), "holds no certificate"),
        ] {
            let error = read(&wrong, "127.0.0.1:8080").unwrap_err();
            assert!(error.contains(told) && !error.contains("s3cret"), "{error}");
        }
        assert!(read(WRITTEN, "0.0.0.0:8080").unwrap_err().contains("`address` is missing"));
    }
}
