// From sign-in to what somebody came for: the engineer with SQL, the case worker with the keyboard alone, the liaison after a delivery.
import { expect, test } from "@playwright/test";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { accessible, comesIn, picture, tabsTo, typesInto, watched } from "./frame.mjs";

test.use({ locale: "zh-CN" });

/** Writes a question in place of the one that stands in the editor. */
const type = async (page, sql) => {
  await page.locator("#editor").click();
  await page.keyboard.press("Control+a");
  await page.keyboard.insertText(sql);
};

// The cells of a workbook's first sheet, each with its type: what a spreadsheet shows of it.
const CELLS = `
import json, re, sys, zipfile
sheet = zipfile.ZipFile(sys.argv[1]).read("xl/worksheets/sheet1.xml").decode()
print(json.dumps([re.findall(r'<c [^>]*?t="([^"]*)"[^>]*>(?:<is><t[^>]*>|<v>)([^<]*)<', row) for row in sheet.split("<row")[1:]]))
`;
const cellsOf = (path) => JSON.parse(execFileSync("python3", ["-c", CELLS, path], { encoding: "utf8" }));

test("the case worker finds a person and prints the file, by keyboard alone", async ({ page }) => {
  const ended = watched(page);
  await page.goto("/");
  await accessible(page);
  await picture(page, "sign-in");
  await comesIn(page, "li", /^低保核对/);
  await expect(page.locator(".for")).toContainText("低保核对");
  await page.keyboard.press("/");
  await typesInto(page, "#find", "ww");
  await page.keyboard.press("Enter");
  await expect(page.locator(".class h2").first()).toHaveText("拼音首字母一致");
  await accessible(page);
  await picture(page, "search");
  await page.keyboard.press("j");
  await expect(page.locator("a.hit").first()).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.locator("#identity")).toBeVisible();
  await expect(page.locator("#why")).toBeVisible();
  await tabsTo(page, page.locator('a[href$="export?as=xlsx"]'));
  const [taken] = await Promise.all([page.waitForEvent("download"), page.keyboard.press("Enter")]);
  expect(taken.suggestedFilename()).toMatch(/^wuwei-file-\d+\.xlsx$/);
  const [columns, mark] = cellsOf(await taken.path());
  expect([columns[0][1], mark[0][1], mark[4][1]]).toEqual(["section", "export", "li"]);
  await accessible(page);
  await picture(page, "person");
  // Why these records are one: led there from the contents, with each of them on its line.
  await tabsTo(page, page.locator('.contents a[href="#why"]'));
  await page.keyboard.press("Enter");
  await expect(page.locator("#why h2")).toBeInViewport();
  await tabsTo(page, page.locator("#why details.fold summary"));
  await page.keyboard.press("Enter");
  await expect(page.locator("#why details.fold tbody tr").first()).toBeVisible();
  await picture(page, "person-why");
  await page.evaluate(() => {
    window.print = () => document.body.setAttribute("data-printed", "");
  });
  await page.keyboard.press("p");
  await expect(page.locator("body")).toHaveAttribute("data-printed", "");
  await page.emulateMedia({ media: "print" });
  await expect(page.locator("footer.mark")).toContainText("低保核对");
  await expect(page.locator("header.frame")).toBeHidden();
  await picture(page, "person-print", { fullPage: true });
  await page.emulateMedia({ media: null });
  await page.keyboard.press("?");
  await expect(page.locator("#keys")).toBeVisible();
  await page.keyboard.press("Escape");
  await tabsTo(page, page.locator('a[href^="/household/"]').first());
  await page.keyboard.press("Enter");
  await expect(page.locator("#members")).toBeVisible();
  await accessible(page);
  await picture(page, "household");
  await page.keyboard.press("g");
  await page.keyboard.press("c");
  await page.waitForURL(/\/corrections/);
  await expect(page.locator("#own")).toBeVisible();
  await accessible(page);
  await picture(page, "corrections");
  ended();
});

test("the engineer asks in SQL, turns pages, and takes the answer along", async ({ page }) => {
  const ended = watched(page);
  await comesIn(page, "zhao", /^数据治理/);
  await expect(page.locator(".board")).toBeVisible({ timeout: 120_000 });
  await expect(page.locator("#lights a")).toHaveCount(2);
  await accessible(page);
  await picture(page, "overview");
  await page.keyboard.press("g");
  await page.keyboard.press("q");
  await page.waitForURL(/\/sql/);
  // Completion knows the tables, the columns of those that are named, and functions; Escape puts it away, and Tab goes on to the button.
  await page.keyboard.type("SELECT department, coun");
  await expect(page.getByRole("option", { name: /^count/ }).first()).toBeVisible({ timeout: 60_000 });
  await page.keyboard.press("Escape");
  await page.keyboard.type("t(*) AS n FROM record.pers");
  await expect(page.getByRole("option", { name: /^person/ }).first()).toBeVisible();
  await accessible(page);
  await picture(page, "sql-completion");
  await page.keyboard.press("Enter");
  await page.keyboard.type(" GROUP BY departme");
  await expect(page.getByRole("option", { name: /^department/ }).first()).toBeVisible();
  await page.waitForTimeout(200);
  await page.keyboard.press("Tab");
  await expect(page.locator("#sql")).toHaveValue("SELECT department, count(*) AS n FROM record.person GROUP BY department");
  await page.keyboard.press("Tab");
  await expect(page.locator("#run")).toBeFocused();
  await page.getByRole("button", { name: "计划" }).click();
  await expect(page.locator(".operators")).toContainText("record.person", { timeout: 60_000 });
  await accessible(page);
  await picture(page, "sql-plan");
  await page.locator("#editor").click();
  await page.keyboard.press("Control+Enter");
  await expect(page.locator(".sum")).toBeVisible({ timeout: 60_000 });
  await page.locator('.draw select[name="kind"]').selectOption("bar");
  await page.locator("#draw").click();
  await expect(page.locator(".chart rect").first()).toBeVisible({ timeout: 60_000 });
  await accessible(page);
  await picture(page, "sql-chart");
  await page.locator("#name").fill("各部门人数");
  await page.keyboard.press("Enter");
  await expect(page.locator(".named").first()).toContainText("各部门人数", { timeout: 30_000 });
  // What is composed by an input method arrives whole.
  await page.locator("#editor").click();
  await page.keyboard.press("Control+a");
  await page.keyboard.press("Delete");
  const session = await page.context().newCDPSession(page);
  await session.send("Input.imeSetComposition", { text: "zhong", selectionStart: 5, selectionEnd: 5 });
  await session.send("Input.insertText", { text: "中文" });
  await expect(page.locator("#sql")).toHaveValue("中文");
  await page.keyboard.press("Control+a");
  await page.keyboard.type("SELECT record_id, name, id_no FROM record.person ORDER BY record_id ");
  await page.keyboard.press("Control+Enter");
  await expect(page.locator(".sum")).toBeVisible({ timeout: 60_000 });
  await expect(page.locator("table.cells tbody tr")).toHaveCount(1000);
  await expect(page.locator("#past details").first().locator("li")).toHaveCount(2);
  await page.locator('nav.turn a[rel="next"]').click();
  await expect(page.locator("table.cells tbody td").first()).toHaveText("1001");
  await accessible(page);
  await picture(page, "sql");
  // An answer with many columns scrolls by itself: the page is no longer and no wider for it, and its beginning is in sight.
  await type(page, "SELECT * FROM entity.person ORDER BY entity_id ");
  await page.keyboard.press("Control+Enter");
  await expect(page.locator("table.cells thead")).toContainText("registered_address", { timeout: 60_000 });
  const seen = () => page.evaluate(() => {
    const { scrollWidth, scrollHeight, clientWidth } = document.documentElement;
    const { top } = document.querySelector("#answer").getBoundingClientRect();
    return { isWide: scrollWidth > clientWidth, isLong: scrollHeight > 3 * innerHeight, isInSight: top >= 0 && top < innerHeight * 0.75 };
  });
  const inSight = { isWide: false, isLong: false, isInSight: true };
  expect(await seen()).toEqual(inSight);
  await page.setViewportSize({ width: 1024, height: 768 });
  await page.evaluate(() => scrollTo(0, 0));
  await page.locator("#run").click();
  await expect(page.locator(".sum")).toBeVisible({ timeout: 60_000 });
  expect(await seen()).toEqual(inSight);
  // A line that is longer than the editor can be reached by keyboard.
  await type(page, `SELECT '${"long ".repeat(60)}' AS line `);
  await accessible(page);
  await page.setViewportSize({ width: 1280, height: 720 });
  await type(page, "SELECT record_id, name, id_no FROM record.person ORDER BY record_id ");
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "xlsx" }).click()]);
  expect(download.suggestedFilename()).toMatch(/^wuwei-\d+-rows\.xlsx$/);
  expect(readFileSync(await download.path()).subarray(0, 2).toString()).toBe("PK");
  // Numbers of 18 digits arrive whole, as texts: a spreadsheet rounds such a number after the fifteenth.
  await type(page, "SELECT credit_code, '990101199001011232' AS id_no, 990101199001011232 AS big FROM record.organization WHERE credit_code IS NOT NULL LIMIT 3 ");
  await page.keyboard.press("Control+Enter");
  await expect(page.locator("table.cells tbody tr")).toHaveCount(3, { timeout: 60_000 });
  const [workbook] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "xlsx" }).click()]);
  const [heading, ...rows] = cellsOf(await workbook.path());
  expect(heading.map(([, text]) => text)).toEqual(["credit_code", "id_no", "big"]);
  expect(rows).toHaveLength(3);
  for (const [code, id, big] of rows) {
    expect(["s", "inlineStr", "str"]).toContain(id[0]);
    expect([code[0], big[0]]).toEqual([id[0], id[0]]);
    expect([id[1], big[1]]).toEqual(["990101199001011232", "990101199001011232"]);
    expect(code[1]).toMatch(/^[0-9A-Z]{18}$/);
  }
  await type(page, "SELECT nothing FROM record.person ");
  await page.keyboard.press("Control+Enter");
  await expect(page.locator("[role=alert]")).toContainText("没有这一列");
  await expect(page.locator("[role=alert] [lang=en]")).toContainText("nothing");
  // The word that is no SQL is chosen where it stands, on its line, so that typing puts another in its place.
  await type(page, "SELECT count(*) AS n\nFORM record.person");
  await page.keyboard.press("Control+Enter");
  await expect(page.locator("[role=alert] [data-line]")).toHaveAttribute("data-line", "2", { timeout: 60_000 });
  await page.keyboard.type("FROM");
  await expect(page.locator("#sql")).toHaveValue("SELECT count(*) AS n\nFROM record.person");
  await page.keyboard.press("Escape");
  await page.keyboard.press("Control+Enter");
  await expect(page.locator(".sum")).toBeVisible({ timeout: 60_000 });
  await type(page, "SELECT count(*) FROM record.person a JOIN record.person b ON a.department = b.department JOIN record.person c ON b.department = c.department ");
  await page.keyboard.press("Control+Enter");
  await expect(page.locator("#cancel")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.locator("#clock")).toHaveText("已取消");
  await page.goto("/tables");
  await accessible(page);
  await picture(page, "tables");
  await page.locator("#sieve").fill("record.person");
  await expect(page.locator("tbody tr:visible")).toHaveCount(1);
  await page.locator("#sieve").fill("");
  await page.locator('a[href="/tables/entity.person"]').click();
  await expect(page.locator("table.cells")).toContainText("**");
  await expect(page.locator(".count b")).toHaveText(/^[0-9,]+$/, { timeout: 30_000 });
  await expect(page.locator("#lineage")).toContainText("raw.ga_hjrk");
  await accessible(page);
  await picture(page, "table", { fullPage: true });
  ended();
});

test("the liaison sees what became of a delivery and fetches the rows to mend", async ({ page }) => {
  const ended = watched(page);
  await comesIn(page, "qian", /^数据报送与核对/);
  await page.goto("/departments/wg");
  await accessible(page);
  await picture(page, "department-own");
  await page.locator('a[href="/departments/wg/wg_rk"]').click();
  await expect(page.locator("table.columns-told tbody tr").first()).toBeVisible();
  await accessible(page);
  await picture(page, "template");
  const [template] = await Promise.all([page.waitForEvent("download"), page.locator('a[href$="as=xlsx"]').click()]);
  expect(template.suggestedFilename()).toBe("wg_rk-template.xlsx");
  await page.goto("/jobs");
  await accessible(page);
  await picture(page, "jobs");
  await page.locator("tr", { hasText: "wg_rk" }).locator("a").first().click();
  await expect(page.locator(".equation")).toBeVisible();
  await accessible(page);
  await picture(page, "receipt");
  const [download] = await Promise.all([page.waitForEvent("download"), page.locator("a[download]").click()]);
  expect(download.suggestedFilename()).toMatch(/^wuwei-rejects-\d+\.xlsx$/);
  expect(readFileSync(await download.path()).subarray(0, 2).toString()).toBe("PK");
  ended();
});

// A table as a department sends it: GBK, two rows of title, and ids of which three are mistyped, each with what it should be.
const marriages = (series = "J990199-") => {
  const sources = `${process.env.WUWEI_DATA}/county/sources`;
  const day = readdirSync(sources).sort().pop();
  const [heading, ...rows] = readFileSync(`${sources}/${day}/mz/mz_hydj.csv`, "latin1").split("\n").slice(0, 13);
  const wrong = [];
  const told = rows.map((row, at) => {
    const cells = row.replace("J990101-", series).split(",");
    if (at < 3) {
      const right = cells[4];
      cells[4] = right.slice(0, -1) + (right.endsWith("1") ? "2" : "1");
      wrong.push([cells[4], right]);
    }
    return cells.join(",");
  });
  // 云溪县婚姻登记月报, and 填报单位：云溪县民政局.
  const titles = ["\xd4\xc6\xcf\xaa\xcf\xd8\xbb\xe9\xd2\xf6\xb5\xc7\xbc\xc7\xd4\xc2\xb1\xa8", "\xcc\xee\xb1\xa8\xb5\xa5\xce\xbb\xa3\xba\xd4\xc6\xcf\xaa\xcf\xd8\xc3\xf1\xd5\xfe\xbe\xd6"];
  return { file: Buffer.from([...titles, heading, ...told].join("\n"), "latin1"), wrong };
};

// What somebody does to the workbook in a spreadsheet.
const MEND = `
import sys, zipfile
source, target, *pairs = sys.argv[1:]
with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
    for part in old.namelist():
        text = old.read(part).decode()
        for wrong, right in zip(pairs[::2], pairs[1::2]):
            text = text.replace(wrong, right)
        new.writestr(part, text)
`;

test("the liaison hands in a table with titles and wrong ids, and gets all of it accepted", async ({ page }, info) => {
  const ended = watched(page);
  const { file, wrong } = marriages();
  await comesIn(page, "sun", /^数据报送与核对/);
  await page.keyboard.press("g");
  await page.keyboard.press("u");
  await page.waitForURL(/\/upload$/);
  await accessible(page);
  await picture(page, "upload");
  // Of several files none is taken by guess.
  await page.locator("#drop").evaluate((drop) => {
    const dataTransfer = new DataTransfer();
    for (const name of ["a.csv", "b.csv"]) dataTransfer.items.add(new File(["a"], name));
    drop.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
  });
  await expect(page.locator("#sending-said")).toContainText("一次只传一个文件");
  // The first try breaks off; it goes on by itself.
  let isBroken = false;
  await page.route("**/bytes?offset=*", (route) => {
    const goesOn = isBroken;
    isBroken = true;
    return goesOn ? route.continue() : route.abort();
  });
  await page.locator("#file").setInputFiles({ name: "婚姻登记.csv", mimeType: "text/csv", buffer: file });
  await expect(page.locator(".publish")).toBeVisible({ timeout: 60_000 });
  expect(isBroken).toBe(true);
  await expect(page.locator(".equation")).toContainText("75 %");
  await expect(page.locator(".facts")).toContainText("GB18030");
  await expect(page.locator(".rejects tbody tr")).toHaveCount(3);
  await accessible(page);
  await picture(page, "upload-checked", { fullPage: true });
  await page.getByRole("button", { name: "发布入库" }).press("Enter");
  await expect(page.locator(".receipt")).toBeVisible({ timeout: 120_000 });
  await accessible(page);
  await picture(page, "upload-receipt");
  const [download] = await Promise.all([page.waitForEvent("download"), page.locator("a[download]").click()]);
  const [rejects, mended] = [info.outputPath("rejects.xlsx"), info.outputPath("mended.xlsx")];
  await download.saveAs(rejects);
  execFileSync("python3", ["-c", MEND, rejects, mended, ...wrong.flat()]);
  await page.locator("#file").setInputFiles(mended);
  await expect(page.locator(".publish")).toBeVisible({ timeout: 60_000 });
  await expect(page.locator(".equation")).toContainText("100 %");
  await page.getByRole("button", { name: "发布入库" }).press("Enter");
  await expect(page.locator(".receipt .outcome")).toHaveText("已入库", { timeout: 120_000 });
  await page.getByRole("link", { name: "查看和打印回执" }).click();
  await expect(page.locator(".equation")).toContainText("3 接收");
  await page.emulateMedia({ media: "print" });
  await expect(page.locator("footer.mark")).toContainText("数据报送与核对");
  await expect(page.locator("header.frame")).toBeHidden();
  await page.emulateMedia({ media: null });
  ended();
});

test("a file that nobody described is mapped, and the engineer finds what is left open", async ({ page, browser }) => {
  const ended = watched(page);
  await comesIn(page, "sun", /^数据报送与核对/);
  await page.goto("/upload");
  const rows = Array.from({ length: 20 }, (_, at) => `G${at},王小明,990101198503070017,120123456${10 + at},88.5`);
  const file = Buffer.from(["个人账号,姓名,证件号码,手机号码,月缴存额", ...rows, ""].join("\n"));
  await page.locator("#file").setInputFiles({ name: "公积金.csv", mimeType: "text/csv", buffer: file });
  await page.locator('a[href$="/mapping"]').first().press("Enter", { timeout: 60_000 });
  await expect(page.locator("#proposed")).toBeVisible();
  await accessible(page);
  await picture(page, "mapping", { fullPage: true });
  await page.getByRole("button", { name: "还有未定，请工程师补全" }).press("Enter");
  await expect(page.locator("#stands")).toBeVisible();
  ended();
  const context = await browser.newContext({ locale: "zh-CN" });
  const other = await context.newPage();
  await comesIn(other, "zhao", /^数据治理/);
  await other.goto("/mappings");
  await expect(other.locator("main")).toContainText("公积金.csv");
  await accessible(other);
  await picture(other, "mappings");
  await context.close();
});

test.describe("without scripts", () => {
  test.use({ javaScriptEnabled: false });

  test("the liaison hands in a table by plain forms and links", async ({ page }) => {
    const { file } = marriages("J990198-");
    await page.goto("/");
    for (const password of ["four words of mine", process.env.PASSWORD_sun]) {
      if (!(await page.locator("#password").isVisible())) break;
      await page.locator("#name").fill("sun");
      await page.locator("#password").fill(password);
      await page.locator("#password").press("Enter");
      await expect(page.locator("[role=alert], #chosen, .choices").first()).toBeVisible();
    }
    if (await page.locator("#chosen").isVisible()) {
      await page.locator("#chosen").fill("four words of mine");
      await page.locator("#again").fill("four words of mine");
      await page.locator("#again").press("Enter");
    }
    await page.getByRole("radio", { name: /^数据报送与核对/ }).check();
    await page.getByRole("radio", { name: /^数据报送与核对/ }).press("Enter");
    await page.waitForURL((url) => !url.pathname.startsWith("/purpose"));
    await page.goto("/upload");
    await expect(page.locator("#drop")).toBeHidden();
    await page.locator("#plain-file").setInputFiles({ name: "婚姻登记（无脚本）.csv", mimeType: "text/csv", buffer: file });
    await page.getByRole("button", { name: "发送" }).click();
    await page.waitForURL(/\/upload\/[0-9a-f]+$/);
    await picture(page, "upload-plain");
    // What is being done is looked at by a link.
    const settled = async () => {
      while (await page.locator("#work").isVisible()) {
        await page.waitForTimeout(500);
        await page.locator("#work a").click();
      }
    };
    await settled();
    await expect(page.locator(".equation")).toContainText("接收");
    await page.getByRole("button", { name: "发布入库" }).click();
    await settled();
    await expect(page.locator("h1")).toContainText("婚姻登记（无脚本）");
    await expect(page.locator(".receipt .outcome")).toBeVisible();
    await picture(page, "upload-plain-receipt");
    await page.goto("/upload");
    await expect(page.locator("main")).toContainText("婚姻登记（无脚本）.csv");
  });
});

test("both languages and both looks are chosen and stay", async ({ page }) => {
  const ended = watched(page);
  await comesIn(page, "zhao", /^数据治理/);
  await page.goto("/jobs");
  await page.getByRole("button", { name: "English" }).click();
  await expect(page.locator("h1")).toContainText("Deliveries");
  await accessible(page);
  await page.getByRole("button", { name: "Light" }).click();
  await page.getByRole("button", { name: "Dark" }).click();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await page.setViewportSize({ width: 1920, height: 1080 });
  for (const path of ["/?wait=true", "/sql", "/tables", "/jobs"]) {
    await page.goto(path);
    await expect(page.locator("html")).toHaveAttribute("lang", "en");
    await picture(page, `dark-en${path.replace(/\W/g, "-")}`);
  }
  ended();
});

test("the reviewer judges case after case by keyboard, and a second person is waited for", async ({ page }) => {
  const ended = watched(page);
  await comesIn(page, "chen", /^归并复核/);
  await page.goto("/");
  await page.waitForURL(/\/review/);
  await expect(page.locator("svg.waterfall")).toBeVisible();
  await accessible(page);
  await picture(page, "review");
  const asked = () => page.locator('#judge [name="sides"]').first().getAttribute("value");
  const first = await asked();
  await page.locator("body").press("j");
  await expect.poll(asked).not.toBe(first);
  await page.locator("body").press("k");
  await expect.poll(asked).toBe(first);
  // Without a ground nothing is judged: the field asks for one.
  await page.locator("body").press("n");
  await typesInto(page, "#ground", "卷宗 2026-7");
  await page.keyboard.press("Enter");
  await expect(page.locator("#case")).toBeFocused();
  await page.keyboard.press("n");
  await expect(page.locator("#told")).toContainText("已生效");
  await expect(page.locator("#told")).toBeInViewport();
  expect(await asked()).not.toBe(first);
  await expect(page.locator("#case")).toBeFocused();
  await expect(page.locator("#ground")).toHaveValue("卷宗 2026-7");
  const second = await asked();
  await page.keyboard.press("s");
  await expect(page.locator("#told")).toContainText("已暂缓");
  expect(await asked()).not.toBe(second);
  await page.keyboard.press("?");
  await expect(page.locator("#keys")).toContainText("存疑");
  await page.keyboard.press("Escape");
  await page.locator("details.fold summary").click();
  await expect(page.locator("#weights-table")).toBeVisible();
  await page.goto("/review/decisions");
  await expect(page.locator('button[value="revoke"]').first()).toBeVisible();
  await accessible(page);
  await picture(page, "decisions");
  // A file of several records leads to where it would come apart.
  await page.goto("/review");
  await page.locator('.case .title a[href^="/person/"]').first().press("Enter");
  await expect(page.locator("#why")).toBeVisible();
  await accessible(page);
  const split = page.locator('a[href^="/review/split/"]');
  if ((await split.count()) > 0) {
    await split.press("Enter");
    await expect(page.locator("#parts")).toBeVisible();
    await accessible(page);
    await picture(page, "split", { fullPage: true });
  }
  ended();
});

test("relations are drawn, narrowed and followed, and a path is found", async ({ page }) => {
  const ended = watched(page);
  await comesIn(page, "li", /^低保核对/);
  await page.goto("/search?q=%E7%8E%8B");
  await page.locator("a.hit").first().click();
  await page.locator('a[href^="/graph/"]').first().click();
  await expect(page.locator("#graph .dot").first()).toBeVisible();
  await accessible(page);
  await picture(page, "graph");
  const whole = await page.locator("#graph").getAttribute("viewBox");
  await page.locator("body").press("+");
  expect(await page.locator("#graph").getAttribute("viewBox")).not.toBe(whole);
  await page.locator("body").press("0");
  expect(await page.locator("#graph").getAttribute("viewBox")).toBe(whole);
  if (await page.locator("#day").isVisible()) {
    await page.locator("#day").focus();
    await page.keyboard.press("Home");
    await expect(page.locator("#graph")).toHaveClass(/of-a-day/);
    await page.locator("#any-day").click();
    await expect(page.locator("#graph .off")).toHaveCount(0);
  }
  // A click chooses one with what is tied to it, a double click goes on to what is around it, and so does Enter.
  const beside = page.locator("#graph .dot:not(.middle)").first();
  const next = await beside.getAttribute("data-node");
  const before = page.url();
  await beside.locator("a").first().click();
  await expect(beside).toHaveClass(/chosen/);
  await expect(page.locator("#graph .tie.near").first()).toBeVisible();
  expect(page.url()).toBe(before);
  await page.keyboard.press("Enter");
  await page.waitForURL(new RegExp(`/graph/${next}`));
  await expect(page.locator("#graph .middle")).toHaveAttribute("data-node", next);
  await page.goBack();
  await page.locator("#graph .dot:not(.middle) a").first().dblclick();
  await page.waitForURL(new RegExp(`/graph/${next}`));
  await page.goBack();
  await page.locator("details.fold summary").click();
  await expect(page.locator("details.fold table")).toBeVisible();
  const other = await page.locator("#graph .dot:not(.middle)").first().getAttribute("data-node");
  await page.locator("#to").fill(other);
  await page.keyboard.press("Enter");
  await expect(page.locator(".way .stop")).toHaveCount(2);
  await accessible(page);
  await picture(page, "path");
  ended();
});

test("events are counted by place", async ({ page }) => {
  const ended = watched(page);
  await comesIn(page, "qian", /^数据报送与核对/);
  await page.goto("/density");
  await expect(page.locator("svg.density")).toBeVisible();
  await page.locator("details.fold summary").click();
  await accessible(page);
  await picture(page, "density");
  ended();
});
