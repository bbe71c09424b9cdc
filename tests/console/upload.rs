//! Handing in a file by pages: what the script sends, what each page then shows, and that no other site does any of it.

use super::{browser::Browser, is_page};
use crate::{
    serve::{
        client::{Answer, Server},
        upload::{PURPOSE, marriages, mended},
    },
    support::{COUNTY, root},
};

/// Sends a file as the script does, and lets it be read; its number.
pub(super) fn hands_in(browser: &mut Browser<'_>, server: &Server, name: &str, file: &[u8]) -> String {
    let made = browser.post("/upload", &[("name", name), ("bytes", &file.len().to_string()), ("modified", "7")]);
    assert_eq!(made.status, 200, "{}", made.text());
    let id = made.json()["upload"].as_str().unwrap().to_owned();
    let origin = format!("http://{}", server.address);
    let (first, second) = file.split_at(file.len() / 3);
    for (offset, piece) in [(0, first), (first.len(), second)] {
        let sent = browser.send("PATCH", &format!("/upload/{id}/bytes?offset={offset}"), Some(&origin), piece);
        assert_eq!(sent.json()["received"], offset + piece.len(), "{}", sent.text());
    }
    assert_eq!(browser.get(&format!("/upload/{id}/state")).json()["received"], file.len());
    let checked = browser.post(&format!("/upload/{id}/check"), &[]);
    assert_eq!(checked.header("location"), Some(format!("/upload/{id}").as_str()), "{}", checked.text());
    id
}

/// The page of an upload once nothing is done with it.
pub(super) fn settled(browser: &mut Browser<'_>, id: &str) -> Answer {
    for _ in 0..600 {
        let page = browser.get(&format!("/upload/{id}"));
        is_page(&page, browser.language);
        if !page.text().contains("id=\"work\"") {
            return page;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    panic!("it goes on and on");
}

#[test]
fn a_file_goes_from_its_first_byte_to_its_receipt() {
    let hub = COUNTY.0.copy();
    let server = Server::ruled(&hub, &[]);
    let (file, wrong) = marriages(&hub);
    let mut qian = Browser::new(&server, "zh-CN");
    qian.comes_in(&hub, "qian", "liaison", Some("mz"), PURPOSE);
    assert!(qian.get("/upload").text().contains("data-go=\"u\""));
    let id = hands_in(&mut qian, &server, "婚姻登记.csv", &file);
    let [chinese, english] =
        [["校验位不符，请核对原件", "第3行以上视为标题"], ["check digit of the id differs", "above row 3 is taken for a title"]];
    for (language, own, others) in [("zh-CN", chinese, english), ("en", english, chinese)] {
        qian.language = language;
        let page = settled(&mut qian, &id).text();
        for part in ["GB18030", "75 %", "MSFZJHM", "class=\"card publish\"", "groom"].into_iter().chain(own) {
            assert!(page.contains(part), "{part}: {page}");
        }
        assert!(others.iter().all(|part| !page.contains(part)), "{page}");
        assert!(!page.contains("name=\"refresh\""), "who may not is not offered it");
    }
    qian.language = "zh-CN";
    assert!(qian.post(&format!("/upload/{id}/publish"), &[]).header("location").is_some());
    let page = settled(&mut qian, &id).text();
    let job = page.split("href=\"/jobs/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    assert!(page.contains(&format!("/jobs/{job}/rejects")) && page.contains("id=\"drop\""), "{page}");
    let workbook = qian.get(&format!("/jobs/{job}/rejects")).body;
    let again = hands_in(&mut qian, &server, "补正.xlsx", &mended(&workbook, &wrong));
    assert!(settled(&mut qian, &again).text().contains("100 %"));
    qian.post(&format!("/upload/{again}/publish"), &[]);
    let page = settled(&mut qian, &again).text();
    assert!(page.contains("已入库") && !page.contains("/rejects\""), "nothing is left to mend: {page}");
    let list = qian.get("/upload");
    is_page(&list, "zh-CN");
    assert!(list.text().contains("婚姻登记.csv") && list.text().contains("补正.xlsx"));
    assert_eq!(qian.post(&format!("/upload/{id}/abandon"), &[]).header("location"), Some("/upload"));
    assert_eq!(qian.get(&format!("/upload/{id}")).status, 404);
}

#[test]
fn a_heading_without_rows_is_told_so_and_not_to_be_published() {
    let hub = COUNTY.0.copy();
    let server = Server::ruled(&hub, &[]);
    let (file, _) = marriages(&hub);
    let heading = file.split(|byte| *byte == b'\n').take(3).collect::<Vec<_>>().join(&b'\n');
    let mut qian = Browser::new(&server, "zh-CN");
    qian.comes_in(&hub, "qian", "liaison", Some("mz"), PURPOSE);
    let id = hands_in(&mut qian, &server, "婚姻登记.csv", &heading);
    let page = settled(&mut qian, &id).text();
    assert!(!page.contains("card publish") && !page.contains("100 %"), "{page}");
}

#[test]
fn a_browser_without_scripts_hands_in_a_file_by_a_plain_form() {
    let hub = COUNTY.0.copy();
    let server = Server::ruled(&hub, &["--upload-gb", "1"]);
    let (file, _) = marriages(&hub);
    let mut qian = Browser::new(&server, "zh-CN");
    qian.comes_in(&hub, "qian", "liaison", Some("mz"), PURPOSE);
    let page = qian.get("/upload").text();
    assert!(page.contains("<noscript><form") && page.contains("enctype=\"multipart/form-data\"") && page.contains("id=\"drop\" hidden"));
    let sent = qian.sends_file("/upload/form", "婚姻 %22登记%22.csv", &file);
    assert_eq!(sent.status, 303, "{}", sent.text());
    let id = sent.header("location").unwrap().strip_prefix("/upload/").unwrap().to_owned();
    let page = settled(&mut qian, &id).text();
    assert!(page.contains("75 %") && page.contains("GB18030") && page.contains("婚姻 &#34;登记&#34;.csv"), "{page}");
    let published = qian.post(&format!("/upload/{id}/publish"), &[]);
    assert_eq!(published.header("location"), Some(format!("/upload/{id}").as_str()));
    assert!(settled(&mut qian, &id).text().contains("/rejects\""), "it has a receipt, with the rows to mend");

    // What is no such form, or not all of it, leaves nothing behind.
    let listed = |browser: &mut Browser<'_>| browser.get("/upload").text().matches("/abandon\"").count();
    let before = listed(&mut qian);
    assert_eq!(qian.sends_file("/upload/form", "", b"").status, 422, "no file was chosen");
    assert_eq!(qian.sends_file("/upload/form", "empty.csv", b"").status, 422);
    let own = format!("http://{}", server.address);
    let two = b"--y\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\na\r\n--y\r\n\r\nb\r\n--z--\r\n";
    for (media, body) in [
        ("multipart/form-data; boundary=y", &two[..]),
        ("multipart/form-data; boundary=x", &two[..]),
        ("multipart/form-data", &two[..]),
        ("text/csv", b"a,b\n1,2\n"),
    ] {
        assert_eq!(qian.send_as(media, "POST", "/upload/form", Some(&own), body).status, 400, "{media}");
    }
    assert_eq!(listed(&mut qian), before);
    let mut wu = Browser::new(&server, "zh-CN");
    wu.comes_in(&hub, "wu", "auditor", None, "审计");
    assert_eq!(wu.sends_file("/upload/form", "a.csv", b"a").status, 403, "who may not hand in, may not by a form");
}

#[test]
fn a_file_of_no_department_is_told_so_with_a_proposal() {
    let hub = COUNTY.0.copy();
    let server = Server::ruled(&hub, &[]);
    let mut zhao = Browser::new(&server, "en");
    zhao.comes_in(&hub, "zhao", "engineer", None, "数据治理");
    let text = "个人账号,姓名,证件号码\n".to_owned() + &"G1,王小明,990101198503070017\n".repeat(30);
    let id = hands_in(&mut zhao, &server, "<b>公积金&.csv", text.as_bytes());
    let page = settled(&mut zhao, &id).text();
    assert!(page.contains("role=\"alert\"") && page.contains(&format!("/upload/{id}/mapping")), "{page}");
    assert!(!page.contains("<b>公积金"), "a name is a text");
    zhao.post(&format!("/upload/{id}/publish"), &[]);
    for (language, said) in [("zh-CN", "表头和哪个数据资源都对不上"), ("en", "The headings fit no resource that is known")] {
        zhao.language = language;
        let page = settled(&mut zhao, &id).text();
        let alert = page.split("role=\"alert\"").nth(1).and_then(|rest| rest.split("</div>").next()).unwrap_or_default();
        assert!(alert.contains(said) && alert.contains("<p class=\"quiet\" lang=\"en\">file `"), "{language}: {alert}");
    }
    let proposal = zhao.get(&format!("/upload/{id}/mapping"));
    is_page(&proposal, "en");
    assert!(proposal.text().contains("person.id_no") && !proposal.text().contains("王小明"), "{}", proposal.text());
    let file = zhao.get(&format!("/upload/{id}/mapping/file?code=gjj"));
    assert!(file.text().contains("TODO") && file.header("content-disposition").unwrap().contains("gjj.toml"));
    let mut sun = Browser::new(&server, "en");
    sun.comes_in(&hub, "sun", "liaison", Some("mz"), PURPOSE);
    for path in ["", "/state", "/work", "/mapping"] {
        assert_eq!(sun.get(&format!("/upload/{id}{path}")).status, 404, "{path}");
    }
    let mut li = Browser::new(&server, "en");
    li.comes_in(&hub, "li", "case_worker", Some("mz"), "低保核对");
    assert_eq!(li.get("/upload").status, 403);
}

#[test]
fn no_other_site_hands_anything_in() {
    let hub = COUNTY.0.copy();
    let server = Server::ruled(&hub, &[]);
    let mut qian = Browser::new(&server, "en");
    for path in ["/upload", "/upload/x", "/upload/x/mapping"] {
        assert_eq!(qian.get(path).status, 303, "{path}");
    }
    qian.comes_in(&hub, "qian", "liaison", Some("mz"), PURPOSE);
    let changes = ["", "/form", "/x/bytes?offset=0", "/x/check", "/x/publish", "/x/cancel", "/x/abandon", "/x/mapping"];
    for path in changes {
        let method = if path.contains("bytes") { "PATCH" } else { "POST" };
        for origin in [None, Some("https://elsewhere.example"), Some("null")] {
            let refused = qian.send(method, &format!("/upload{path}"), origin, b"name=a&bytes=1");
            assert_eq!(refused.status, 403, "{method} {path} from {origin:?}");
        }
        let own = format!("http://{}", server.address);
        assert_ne!(qian.send(method, &format!("/upload{path}"), Some(&own), b"").status, 403, "{path}");
    }
    let listed = std::fs::read_to_string(root().join("deploy/src/console/screen/upload.rs")).unwrap();
    let listed = listed.split("pub(crate) fn routes()").nth(1).unwrap().split("\n}\n").next().unwrap();
    assert_eq!(listed.matches("post(").count() + listed.matches("patch(").count(), changes.len(), "each is tried here");
}
