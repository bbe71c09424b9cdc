//! The page of a table: where it comes from, of what types its columns are, how many rows there are for whoever asks; and the empty file of an
//! extract, for whoever hands it in.

use super::{browser::Browser, is_page};
use crate::{serve::client::Server, support::COUNTY};

#[test]
fn a_table_is_told_with_where_it_comes_from_and_how_many_rows_are_seen() {
    let hub = COUNTY.0.copy();
    let server = Server::ruled(&hub, &[]);
    let mut zhao = Browser::new(&server, "zh-CN");
    zhao.comes_in(&hub, "zhao", "engineer", None, "数据治理");
    for language in ["zh-CN", "en"] {
        zhao.language = language;
        for path in ["/tables/record.person", "/tables/entity.person", "/tables/indicator.data_sharing_rate", "/tables/raw.reject"] {
            let page = zhao.get(path);
            assert_eq!(page.status, 200, "{path}: {}", page.text());
            is_page(&page, language);
        }
    }
    let page = zhao.get("/tables/record.person").text();
    for part in
        ["id=\"lineage\"", "<code class=\"quiet\">raw.ga_hjrk</code>", "GMSFHM", "<code>id_no</code>", "<td>integer</td>", "<td>text</td>"]
    {
        assert!(page.contains(part), "{part}: {page}");
    }
    assert!(!page.contains("href=\"/tables/raw.ga_hjrk\""), "what an engineer does not see is no link");
    assert!(zhao.get("/tables/raw.reject").text().contains("/tables/raw.reject/count"));
    let count = zhao.get("/tables/record.person/count");
    is_page(&count, "en");
    let rows = hub.count("SELECT count(*) FROM record.person").to_string();
    assert!(count.text().replace(',', "").contains(&format!("<b>{rows}</b> rows")), "{rows}: {}", count.text());
    let computed = zhao.get("/tables/indicator.data_sharing_rate").text();
    assert!(
        !computed.contains("/tables/indicator.data_sharing_rate/count") && !computed.contains("id=\"lineage\""),
        "what is computed is not counted"
    );

    let mut sun = Browser::new(&server, "en");
    sun.comes_in(&hub, "sun", "analyst", None, "统计分析");
    let cells = sun.get("/tables/record.person/count").text();
    assert!(cells.contains("in cells of ten at least"), "{cells}");
    assert!(!sun.get("/tables/record.person").text().contains("id=\"lineage\""), "the catalogue of columns is not theirs to see");
    assert_eq!(sun.get("/tables/record.benefit/count").status, 404, "what is not seen is not counted");
}

#[test]
fn whoever_hands_in_an_extract_gets_an_empty_file_that_is_known_again() {
    let hub = COUNTY.0.copy();
    let server = Server::ruled(&hub, &[]);
    let mut qian = Browser::new(&server, "zh-CN");
    qian.comes_in(&hub, "qian", "liaison", Some("mz"), "数据报送与核对");
    assert!(qian.get("/departments/mz").text().contains("href=\"/departments/mz/mz_hydj\""));
    assert!(!qian.get("/departments/ga").text().contains("href=\"/departments/ga/ga_hjrk\""), "another's is not offered");
    for (language, said) in [("zh-CN", "公民身份号码"), ("en", "Type it as text")] {
        qian.language = language;
        let page = qian.get("/departments/mz/mz_hydj");
        assert_eq!(page.status, 200, "{}", page.text());
        is_page(&page, language);
        assert!(page.text().contains(said) && page.text().contains("/departments/mz/mz_hydj/file?as=xlsx"), "{}", page.text());
    }
    for (form, begins) in [("xlsx", &b"PK"[..]), ("csv", b"\xef\xbb\xbf")] {
        let file = qian.get(&format!("/departments/mz/mz_hydj/file?as={form}"));
        let name = format!("attachment; filename=\"mz_hydj-template.{form}\"");
        assert!(file.status == 200 && file.body.starts_with(begins), "{form}: {}", file.text());
        assert_eq!(file.header("content-disposition"), Some(name.as_str()));
        let path = hub.path(&format!("模板.{form}"));
        std::fs::write(&path, &file.body).unwrap();
        let known = hub.json(&["check", path.to_str().unwrap()]);
        assert_eq!((known["extract"].as_str(), known["read"].as_u64()), (Some("mz_hydj"), Some(0)), "{known}");
    }
    assert_eq!(qian.get("/departments/mz/mz_hydj/file?as=exe").status, 406);
    let refused = qian.get("/departments/ga/ga_hjrk");
    assert!(refused.status == 422 && refused.text().contains("A file of another department"), "{}", refused.text());
    assert_eq!((qian.get("/departments/mz/none").status, qian.get("/departments/ga/mz_hydj").status), (404, 404));
    let mut li = Browser::new(&server, "en");
    li.comes_in(&hub, "li", "case_worker", Some("mz"), "低保核对");
    assert_eq!(li.get("/departments/mz/mz_hydj").status, 403, "they hand in nothing");
}
