// From sign-in to what somebody came for: the engineer with SQL, the case worker with the keyboard alone, the liaison after a delivery.
import { expect, test } from "@playwright/test";
import { readFileSync } from "node:fs";
import { accessible, comesIn, picture, watched } from "./frame.mjs";

test.use({ locale: "zh-CN" });

/** Writes a question in place of the one that stands in the editor. */
const type = async (page, sql) => {
  await page.locator("#editor").click();
  await page.keyboard.press("Control+a");
  await page.keyboard.insertText(sql);
};

test("the case worker finds a person and prints the file, by keyboard alone", async ({ page }) => {
  const ended = watched(page);
  await page.goto("/");
  await accessible(page);
  await picture(page, "sign-in");
  await comesIn(page, "li", /^低保核对/);
  await expect(page.locator(".for")).toContainText("低保核对");
  await page.keyboard.press("/");
  await page.keyboard.type("wangw");
  await page.keyboard.press("Enter");
  await expect(page.locator(".class h2").first()).toBeVisible();
  await accessible(page);
  await picture(page, "search");
  await page.keyboard.press("Tab");
  await page.locator("body").press("j");
  await expect(page.locator("a.hit").first()).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.locator("#identity")).toBeVisible();
  await expect(page.locator("#why")).toBeVisible();
  await accessible(page);
  await picture(page, "person");
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
  await page.locator('a[href^="/household/"]').first().click();
  await expect(page.locator("#members")).toBeVisible();
  await accessible(page);
  await picture(page, "household");
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
  await expect(page.locator(".steps")).toContainText("record.person", { timeout: 60_000 });
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
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "xlsx" }).click()]);
  expect(download.suggestedFilename()).toMatch(/^wuwei-\d+-rows\.xlsx$/);
  expect(readFileSync(await download.path()).subarray(0, 2).toString()).toBe("PK");
  await type(page, "SELECT nothing FROM record.person ");
  await page.keyboard.press("Control+Enter");
  await expect(page.locator("[role=alert]")).toContainText("nothing");
  await type(page, "SELECT count(*) FROM record.person a JOIN record.person b ON a.department = b.department JOIN record.person c ON b.department = c.department ");
  await page.keyboard.press("Control+Enter");
  await expect(page.locator("#cancel")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.locator("#clock")).toHaveText("已取消");
  await page.goto("/tables");
  await accessible(page);
  await picture(page, "tables");
  await page.locator('a[href="/tables/entity.person"]').click();
  await expect(page.locator("table.cells")).toContainText("**");
  await accessible(page);
  ended();
});

test("the liaison sees what became of a delivery and fetches the rows to mend", async ({ page }) => {
  const ended = watched(page);
  await comesIn(page, "qian", /^数据报送与核对/);
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

test("both languages and both looks are chosen and stay", async ({ page }) => {
  const ended = watched(page);
  await comesIn(page, "zhao", /^数据治理/);
  await page.goto("/jobs");
  await page.getByRole("button", { name: "English" }).click();
  await expect(page.locator("h1")).toContainText("Deliveries");
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
