//! TLS 1.2 and 1.3 with a certificate of one's own.

use crate::Error;
use std::{path::Path, sync::Arc};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::aws_lc_rs,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
    },
};

/// Agrees with who connects.
pub(crate) type Acceptor = TlsAcceptor;

/// A connection, be it clear or not.
pub(crate) type Stream = Box<dyn Both>;

/// To be read and written.
pub(crate) trait Both: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Both for T {}

/// Reads certificates and their key.
///
/// # Errors
/// A file cannot be read, or they do not fit each other.
pub(super) fn acceptor(certificates: &Path, key: &Path) -> Result<Acceptor, Error> {
    let wrong = |path: &Path| {
        Error::asked(
            format!("`{}` holds no certificate or key that fits", path.display()),
            "give both as PEM, the certificate first in its file",
        )
    };
    let chain: Vec<CertificateDer<'static>> =
        CertificateDer::pem_file_iter(certificates).and_then(Iterator::collect).map_err(|_| wrong(certificates))?;
    let private = PrivateKeyDer::from_pem_file(key).map_err(|_| wrong(key))?;
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|_| Error::defect("TLS has no protocol"))?
        .with_no_client_auth()
        .with_single_cert(chain, private)
        .map_err(|_| wrong(key))?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// The same, for who speaks nothing but HTTP/2 over it, as gRPC does.
#[cfg(feature = "flight")]
pub(crate) fn of_http2(acceptor: &Acceptor) -> Acceptor {
    let mut config = ServerConfig::clone(acceptor.config());
    config.alpn_protocols = vec![b"h2".to_vec()];
    TlsAcceptor::from(Arc::new(config))
}
