//! The entrance over PostgreSQL's wire, as its clients meet it: who comes in, what is answered in both protocols, what is refused, what a
//! client finds in the catalogue, and what the audit says of it.

mod asked;
mod catalogue;
pub(crate) mod client;
mod log_in;

use super::client::Server;
use crate::support::Hub;
use client::Client;

/// The program with both entrances; the address of this one.
fn started(hub: &Hub, options: &[&str]) -> (Server, String) {
    let server = Server::with(hub, &[&["--pg", "127.0.0.1:0"], options].concat());
    let address = server.postgres.clone().expect("it says where it listens");
    (server, address)
}

/// The same by the policies that the program carries.
fn ruled(hub: &Hub) -> (Server, String) {
    let server = Server::ruled(hub, &["--pg", "127.0.0.1:0"]);
    let address = server.postgres.clone().expect("it says where it listens");
    (server, address)
}

/// Somebody who may ask, by their token, for a purpose.
fn connected(server: &Server, address: &str, purpose: &str) -> Client {
    let option = format!("-c wuwei.purpose={purpose}");
    let client = Client::open(address, "tester", &server.token, &[("options", &option)]);
    client.unwrap_or_else(|answer| panic!("{:?}", answer.error))
}

/// That somebody comes in by their token and by no password, and is told so.
pub(crate) fn only_by_token(address: &str, name: &str, token: &str, password: &str) {
    for wrong in [password, ""] {
        let refused = Client::open(address, name, wrong, &[]).err().unwrap();
        assert!(refused.state() == "28P01" && refused.field('H').contains("has tokens only"), "{:?}", refused.error);
    }
    let mut client = Client::open(address, name, token, &[("options", "-c wuwei.purpose=低保核对")]).ok().unwrap();
    assert_eq!(client.ask("SELECT 1 AS one").one(), "1");
}
