//! From a file that nobody described to its rows, by pages: handed in and proposed by a liaison, completed by an engineer, confirmed by somebody
//! who wrote none of it, known after a restart; and what is refused on the way.

use super::{
    browser::Browser,
    is_page,
    upload::{hands_in, settled},
};
use crate::{
    serve::{
        client::{Answer, Server},
        upload::PURPOSE,
    },
    support::{COUNTY, Hub},
};

/// Accounts of a provident fund, from one number to another.
fn accounts(from: usize, to: usize) -> String {
    let row = |person: usize| format!("G{person},王小明,990101198503070017,120123456{person},88.5\n");
    "个人账号,姓名,证件号码,手机号码,月缴存额\n".to_owned() + &(from..to).map(row).collect::<String>()
}

fn unescaped(text: &str) -> String {
    [("&#34;", "\""), ("&#39;", "'"), ("&lt;", "<"), ("&gt;", ">"), ("&#38;", "&")]
        .iter()
        .fold(text.to_owned(), |text, (escaped, plain)| text.replace(escaped, plain))
}

/// What stands in the box of a page.
fn boxed(page: &str) -> String {
    let text =
        page.split("name=\"text\"").nth(1).and_then(|rest| rest.split_once('>')).and_then(|(_, rest)| rest.split("</textarea>").next());
    unescaped(text.unwrap_or_else(|| panic!("no box: {page}"))).trim_start().to_owned()
}

/// What the page says of which text it shows.
fn digest(page: &str) -> String {
    page.split("name=\"digest\" value=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap_or_else(|| panic!("{page}")).to_owned()
}

struct World {
    hub: Hub,
    server: Server,
}

impl World {
    fn new() -> World {
        let hub = COUNTY.0.copy();
        let server = Server::ruled(&hub, &[]);
        World { hub, server }
    }

    fn comes(&self, name: &str, role: &str, department: Option<&str>, purpose: &str) -> Browser<'_> {
        let mut browser = Browser::new(&self.server, "zh-CN");
        browser.comes_in(&self.hub, name, role, department, purpose);
        browser
    }
}

/// The page of a mapping, once the file was read by it.
fn read(browser: &mut Browser<'_>, id: &str) -> String {
    settled(browser, id);
    let page = browser.get(&format!("/upload/{id}/mapping"));
    is_page(&page, browser.language);
    page.text()
}

fn alert(page: &Answer) -> String {
    let text = page.text();
    assert_eq!(page.status, 200, "{text}");
    text.split("role=\"alert\"").nth(1).and_then(|rest| rest.split("</div>").next()).unwrap_or_else(|| panic!("{text}")).to_owned()
}

/// What a liaison chooses for the columns of such a file.
const CHOSEN: [(&str, &str); 10] = [
    ("do", "write"),
    ("code", "mz"),
    ("extract", "mz_gjj"),
    ("extract_label", "公积金账户"),
    ("extract_label_en", "Provident fund accounts"),
    ("field:姓名", "person.name"),
    ("field:证件号码", "person.id_no"),
    ("field:手机号码", "person.phone"),
    ("reason:个人账号", "业务系统内部编号"),
    ("reason:月缴存额", "核对不需要"),
];

/// A liaison who handed such a file in, what it is called, and its mapping as the page writes it by what she chose.
fn chosen<'a>(world: &'a World) -> (Browser<'a>, String, String) {
    let mut qian = world.comes("qian", "liaison", Some("mz"), PURPOSE);
    let id = hands_in(&mut qian, &world.server, "公积金.csv", accounts(10, 40).as_bytes());
    assert!(settled(&mut qian, &id).text().contains(&format!("/upload/{id}/mapping")));
    let written = qian.post(&format!("/upload/{id}/mapping"), &CHOSEN);
    is_page(&written, "zh-CN");
    let text = boxed(&written.text());
    assert!(!text.contains("\"TODO") && text.contains("name = \"mz_gjj\"") && text.contains("\"月缴存额\" = \"核对不需要\""), "{text}");
    (qian, id, text)
}

#[test]
fn a_mapping_with_a_slip_is_answered_with_its_place_and_none_of_it_is_kept() {
    let world = World::new();
    let (mut qian, id, text) = chosen(&world);
    let mapping = format!("/upload/{id}/mapping");
    let page = qian.get(&mapping).text();
    assert!(page.contains("value=\"person.id_no\"") && page.contains("100 % 的值") && page.contains("value=\"mz\""), "{page}");
    assert!(boxed(&page).contains("\"TODO") && boxed(&page).contains("民政局") && !page.contains("王小明"), "{page}");
    let open = alert(&qian.post(&mapping, &[("do", "propose"), ("text", &boxed(&page))]));
    assert!(open.contains("映射里有一处不对") && open.contains("something is left open"), "{open}");
    let wrong = alert(&qian.post(&mapping, &[("do", "propose"), ("text", &text.replace("\nphone = ", "\nphoen = "))]));
    for part in ["mz.mz_gjj.toml` line", "did you mean `phone`?", "<pre class=\"excerpt\">", "^^^^^"] {
        assert!(wrong.contains(part), "{part}: {wrong}");
    }
    for (from, to, said) in
        [("\"mz\"", "\"ga\"", "映射的部门与报送"), ("\"mz_gjj\"", "\"mz_hydj\"", "is defined twice"), ("\"mz\"", "\"../x\"", "小写字母")]
    {
        let refused = alert(&qian.post(&mapping, &[("do", "propose"), ("text", &text.replacen(from, to, 1))]));
        assert!(refused.contains(said), "{to}: {refused}");
    }
    let field = alert(&qian.post(&mapping, &[("do", "write"), ("code", "mz"), ("field:姓名", "person.nam")]));
    assert!(field.contains("did you mean `name`?"), "{field}");
    assert!(!qian.get(&mapping).text().contains("id=\"stands\""), "nothing of that was kept");
}

#[test]
fn a_proposed_mapping_becomes_a_department_file_once_a_second_person_confirms_it() {
    let world = World::new();
    let hub = &world.hub;
    let (mut qian, id, text) = chosen(&world);
    let mapping = format!("/upload/{id}/mapping");
    assert_eq!(qian.post(&mapping, &[("do", "propose"), ("text", &text)]).header("location"), Some(mapping.as_str()));
    let page = read(&mut qian, &id);
    assert!(page.contains("映射待确认") && page.matches("<b>30</b>").count() == 2 && !page.contains("value=\"confirm\""), "{page}");
    let seen = {
        let mut zhao = world.comes("zhao", "engineer", None, "数据治理");
        let list = zhao.get("/mappings");
        is_page(&list, "zh-CN");
        assert!(list.text().contains(&mapping) && list.text().contains("公积金.csv"), "{}", list.text());
        let page = read_by_others(&mut zhao, &mapping);
        assert!(page.contains("value=\"confirm\"") && !page.contains("王小明") && !page.contains("990101198503070017"), "{page}");
        digest(&page)
    };
    assert_eq!(qian.post(&mapping, &[("do", "confirm"), ("digest", &seen)]).status, 403, "a liaison confirms nothing");
    qian.post(&format!("/upload/{id}/publish"), &[]);
    assert!(settled(&mut qian, &id).text().contains("表头和哪个数据资源都对不上"), "nothing is applied by itself");
    assert!(hub.complains(&["check", hub_file(hub, 10, 40).to_str().unwrap()]).contains("is no extract that is known"));

    // An engineer changes a word: then it is hers, and somebody else's to confirm.
    let mut zhao = world.comes("zhao", "engineer", None, "数据治理");
    let better = text.replace("公积金账户", "住房公积金账户");
    assert_eq!(zhao.post(&mapping, &[("do", "propose"), ("text", &better)]).status, 303);
    read(&mut qian, &id);
    let page = read_by_others(&mut zhao, &mapping);
    assert!(alert(&zhao.post(&mapping, &[("do", "confirm"), ("digest", &digest(&page))])).contains("自己写的映射不能自己确认"));
    let mut boss = world.comes("boss", "admin", None, "账号与权限管理");
    assert!(alert(&boss.post(&mapping, &[("do", "confirm"), ("digest", &seen)])).contains("又改过"), "not the text that she saw");
    let page = read_by_others(&mut boss, &mapping);
    assert_eq!(boss.post(&mapping, &[("do", "confirm"), ("digest", &digest(&page))]).status, 303);
    assert!(!boss.get("/mappings").text().contains(&mapping), "it waits no more");

    qian.post(&format!("/upload/{id}/check"), &[]);
    assert!(settled(&mut qian, &id).text().contains("住房公积金账户"));
    qian.post(&format!("/upload/{id}/publish"), &[]);
    assert!(settled(&mut qian, &id).text().contains("已入库"));
    assert_eq!(hub.count("SELECT count(*) FROM raw.mz_gjj"), 30);
    let known = hub.json(&["check", hub_file(hub, 10, 45).to_str().unwrap()]);
    assert_eq!(
        (known["extract"].as_str(), known["department"].as_str(), known["accepted"].as_u64()),
        (Some("mz_gjj"), Some("mz"), Some(35))
    );
    let told = "SELECT count(*) FROM audit.entry WHERE kind = 'define' AND (outcome LIKE 'mapping proposed: mz mz_gjj %' OR \
                (principal = 'boss' AND outcome LIKE 'mapping confirmed: mz mz_gjj %, of zhao'))";
    assert_eq!(hub.count(told), 3);
    drop((qian, zhao, boss));

    let World { hub, server } = world;
    drop(server);
    let again = World { server: Server::ruled(&hub, &[]), hub };
    let mut qian = again.comes("qian", "liaison", Some("mz"), PURPOSE);
    let next = hands_in(&mut qian, &again.server, "公积金2.csv", accounts(10, 45).as_bytes());
    let page = settled(&mut qian, &next).text();
    assert!(page.contains("class=\"card publish\"") && page.contains("住房公积金账户"), "a restart knows it: {page}");
}

#[test]
fn a_mapping_that_leaves_something_open_is_handed_over_and_may_be_refused_with_a_reason() {
    let world = World::new();
    let mut qian = world.comes("qian", "liaison", Some("mz"), PURPOSE);
    let id = hands_in(&mut qian, &world.server, "公积金.csv", accounts(10, 40).as_bytes());
    settled(&mut qian, &id);
    let mapping = format!("/upload/{id}/mapping");
    let mut boss = world.comes("boss", "admin", None, "账号与权限管理");
    assert_eq!(boss.get(&mapping).status, 404, "nobody handed it over");
    let text = boxed(&qian.get(&mapping).text());
    assert_eq!(qian.post(&mapping, &[("do", "open"), ("text", &text)]).status, 303);
    let mut sun = world.comes("sun", "liaison", Some("ga"), PURPOSE);
    assert_eq!((sun.get(&mapping).status, sun.get("/mappings").status), (404, 403));
    let page = read_by_others(&mut boss, &mapping);
    assert!(page.contains("映射待补全") && boxed(&page).contains("TODO"), "{page}");
    let seen = digest(&page);
    assert!(alert(&boss.post(&mapping, &[("do", "confirm"), ("digest", &seen)])).contains("映射还有未定之处"));
    assert!(alert(&boss.post(&mapping, &[("do", "refuse"), ("digest", &seen), ("reason", " ")])).contains("退回要写原因"));
    assert_eq!(boss.post(&mapping, &[("do", "refuse"), ("digest", &seen), ("reason", "这不是民政局的数据")]).status, 303);
    let page = qian.get(&format!("/upload/{id}")).text();
    assert!(page.contains("映射被退回") && page.contains("这不是民政局的数据"), "{page}");
    let own = format!("http://{}", world.server.address);
    assert_eq!(sun.send("POST", &mapping, Some(&own), b"do=confirm&digest=x").status, 403);
}

/// The page as whoever did not hand the file in sees it.
fn read_by_others(browser: &mut Browser<'_>, mapping: &str) -> String {
    let page = browser.get(mapping);
    assert_eq!(page.status, 200, "{}", page.text());
    is_page(&page, browser.language);
    page.text()
}

fn hub_file(hub: &Hub, from: usize, to: usize) -> std::path::PathBuf {
    let path = hub.path(&format!("公积金{to}.csv"));
    std::fs::write(&path, accounts(from, to)).unwrap();
    path
}

#[test]
fn what_the_command_line_saves_waits_with_the_words_of_the_page_and_is_confirmed_as_any_other() {
    let hub = COUNTY.0.copy();
    let path = hub_file(&hub, 10, 40);
    let file = path.to_str().unwrap();
    assert!(hub.complains(&["suggest", file, "--save"]).contains("--department"));
    let foreign = ["--as", "liaison:qian@mz", "--purpose", PURPOSE, "suggest", file, "--save", "--department", "ga"];
    assert!(hub.complains(&foreign).contains("give it the code `mz`"));
    let saved = hub.json(&["suggest", file, "--save", "--department", "mz"]);
    let text = std::fs::read_to_string(saved["mapping"].as_str().unwrap()).unwrap();
    assert!(text.contains("TODO") && text.contains("name = \"mz_1\"") && text.contains("民政局") && !text.contains("王小明"), "{text}");
    assert!(hub.complains(&["check", file]).contains("is no extract that is known"), "nothing is applied");
    let mapping = format!("/upload/{}/mapping", saved["upload"].as_str().unwrap());
    let server = Server::ruled(&hub, &[]);
    assert!(hub.complains(&["suggest", file, "--save", "--department", "mz"]).contains("another process takes the uploads"));
    let world = World { hub, server };
    let mut qian = world.comes("qian", "liaison", Some("mz"), PURPOSE);
    let id = hands_in(&mut qian, &world.server, "公积金.csv", accounts(10, 40).as_bytes());
    settled(&mut qian, &id);
    assert_eq!(boxed(&qian.get(&format!("/upload/{id}/mapping")).text()).trim(), text.trim(), "the page proposes the same");

    let mut zhao = world.comes("zhao", "engineer", None, "数据治理");
    assert!(zhao.get("/mappings").text().contains(&mapping), "it waits among those of the pages");
    let page = read_by_others(&mut zhao, &mapping);
    assert!(page.contains("映射待补全") && boxed(&page).trim() == text.trim(), "{page}");
    let settled = text.replace("TODO：", "已核对：");
    assert_eq!(zhao.post(&mapping, &[("do", "propose"), ("text", &settled)]).status, 303, "{settled}");
    let mut boss = world.comes("boss", "admin", None, "账号与权限管理");
    let since = std::time::Instant::now();
    let page = loop {
        let page = read_by_others(&mut boss, &mapping);
        if page.contains("value=\"confirm\"") {
            break page;
        }
        assert!(since.elapsed().as_secs() < 60, "{page}");
        std::thread::sleep(std::time::Duration::from_millis(100));
    };
    assert_eq!(boss.post(&mapping, &[("do", "confirm"), ("digest", &digest(&page))]).status, 303);
    assert_eq!(world.hub.json(&["check", file])["extract"], "mz_1");
}
