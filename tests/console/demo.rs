//! The demo ends in pages: a link for each of its accounts comes in once, and no other hub has any.

use super::{browser::Browser, is_page};
use crate::{serve::client::Server, support::COUNTY};

#[test]
fn the_demo_ends_in_pages_with_a_link_for_each_that_comes_in_once() {
    let hub = COUNTY.0.copy();
    let (server, links) = Server::demo(&hub);
    assert_eq!(links.len(), 6, "{links:?}");
    let paths: Vec<&str> = links.iter().map(|link| link.split_once(&server.address).unwrap().1).collect();
    let [mut li, mut other] = ["zh-CN", "en"].map(|language| Browser::new(&server, language));
    for _ in 0..2 {
        let page = li.get(paths[2]);
        is_page(&page, "zh-CN");
        assert!(page.text().contains("<b>li</b>") && page.text().contains("办事人员"), "a look uses nothing up: {}", page.text());
    }
    assert!(li.cookies.is_empty());
    let refused = li.send("POST", paths[2], Some("https://elsewhere.example"), b"");
    assert_eq!(refused.status, 403, "no other site presses the button");
    let came = li.post(paths[2], &[]);
    assert_eq!((came.status, came.header("location")), (303, Some("/purpose?next=%2F")), "no password is to be chosen: {}", came.text());
    li.post("/purpose", &[("purpose", "低保核对"), ("next", "/search")]);
    assert_eq!(li.get("/search?q=%E7%8E%8B").status, 200);
    for path in [paths[2], "/sign-in/link/0123456789abcdef"] {
        let used = other.post(path, &[]);
        assert!(used.status == 200 && used.text().contains("role=\"alert\"") && other.cookies.is_empty(), "{}", used.text());
        assert!(other.get(path).text().contains("was used already"));
    }
    let logins = |outcome: &str| hub.count(&format!("SELECT count(*) FROM audit.entry WHERE kind = 'login' AND outcome = '{outcome}'"));
    assert_eq!((logins("signed in by a link"), logins("failed: link")), (1, 4));
    let tried = (0..80).find(|at| other.post(&format!("/sign-in/link/{at}"), &[]).text().contains("Too many"));
    assert!(tried.is_some(), "who guesses waits");
    assert!(other.post(paths[0], &[]).text().contains("Too many") && li.get("/search").status == 200, "and nobody else does");
}
