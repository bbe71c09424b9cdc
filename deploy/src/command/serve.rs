//! `wuwei serve`: the hub answers over HTTP, and over PostgreSQL's wire and Flight SQL when asked to, until it is told to stop.

use crate::{
    Error,
    account::Account,
    cli::{self, Common},
    hub::Hub,
    output,
    serve::{Entrance, links::MINUTES},
};
use serde::Serialize;
use std::future::Future;
use tokio::signal;

/// A way in for somebody of the demo.
#[derive(Serialize)]
struct Link {
    account: String,
    role: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    department: Option<String>,
    link: String,
}

#[derive(Serialize)]
struct Listening {
    address: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    postgres: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    flight: Option<String>,
    tls: bool,
    /// Shown this once.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    links: Vec<Link>,
}

pub(super) async fn run(common: &Common, asked: &cli::Serve) -> Result<(), Error> {
    inviting(common, asked, &[]).await
}

/// The same, with a link for each of these accounts of a demo.
pub(super) async fn inviting(common: &Common, asked: &cli::Serve, invited: &[&str]) -> Result<(), Error> {
    let hub = Hub::open(common, "serve").await?;
    let is_unguarded = hub.is_invented() && asked.second_factor.is_none();
    let entrance = Entrance::open(hub, asked).await?;
    if let Some(password) = entrance.accounts().first()? {
        output::note(&format!("wuwei: account `admin` was made; its one-time password, which is shown only now: {password}"));
    }
    if is_unguarded {
        output::note(
            "wuwei: this hub holds an invented county, so nobody is asked for a second factor; --second-factor ROLES asks for one",
        );
    }
    let tls = asked.tls_cert.is_some();
    if !tls && !entrance.address.ip().is_loopback() {
        output::note("wuwei: passwords and answers pass in the clear; give --tls-cert and --tls-key, or put a proxy with TLS in front");
    }
    let scheme = if tls { "https" } else { "http" };
    let postgres = entrance.postgres.as_ref().map(|entrance| format!("postgresql://{}", entrance.address));
    #[cfg(feature = "flight")]
    let flight = entrance.flight.as_ref().map(|entrance| format!("grpc{}://{}", if tls { "+tls" } else { "" }, entrance.address));
    #[cfg(not(feature = "flight"))]
    let flight = None;
    // Whoever reads where it answers may tell it to stop at once, and is to be heard.
    let stop = told_to_stop()?;
    let address = format!("{scheme}://{}", entrance.address);
    let links = links(&entrance, &address, invited)?;
    let listening = Listening { address, postgres, flight, tls, links };
    output::print(common, &listening, text)?;
    entrance.answer(stop).await;
    Ok(())
}

fn links(entrance: &Entrance, address: &str, invited: &[&str]) -> Result<Vec<Link>, Error> {
    let mut links = Vec::new();
    for name in invited {
        if let Some((Account { name, role, department, .. }, word)) = entrance.invite(name)? {
            links.push(Link { account: name, role, department, link: format!("{address}/sign-in/link/{word}") });
        }
    }
    Ok(links)
}

fn text(listening: &Listening) -> String {
    let others = [&listening.postgres, &listening.flight].into_iter().flatten().map(|other| format!(" and {other}"));
    let answering = format!("answering at {}{}", listening.address, others.collect::<String>());
    if listening.links.is_empty() {
        return answering;
    }
    let row = |one: &Link| vec![one.account.clone(), one.role.clone(), one.department.clone().unwrap_or_default(), one.link.clone()];
    let table = output::table(&["account", "role", "department", "link"], &listening.links.iter().map(row).collect::<Vec<_>>());
    format!(
        "{answering}; Ctrl C ends it\n\n{table}\neach link comes in once, within {MINUTES} minutes, and is shown only now; `wuwei demo` again makes others"
    )
}

/// Ends when the program is interrupted, or told to end. It listens for that from now on, not only when it is first waited for: before that the
/// system ends the program itself, which then leaves its folders behind.
pub(super) fn told_to_stop() -> Result<impl Future<Output = ()>, Error> {
    #[cfg(unix)]
    {
        use signal::unix::{SignalKind, signal};
        let (mut end, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
        Ok(async move {
            tokio::select! { _ = end.recv() => {}, _ = interrupt.recv() => {} }
        })
    }
    #[cfg(not(unix))]
    Ok(async { drop(signal::ctrl_c().await) })
}
