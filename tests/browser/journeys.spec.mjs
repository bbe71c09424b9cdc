// From sign-in to what somebody came for: the engineer with SQL, the case worker with the keyboard alone, the liaison after a delivery.
import { expect, test } from "@playwright/test";
import { readFileSync } from "node:fs";
import { accessible, comesIn, picture, watched } from "./frame.mjs";

test.use({ locale: "zh-CN" });

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
  await page.keyboard.type("SELECT record_id, name, id_no FROM record.person ORDER BY record_id");
  await page.keyboard.press("Control+Enter");
  await expect(page.locator(".sum")).toBeVisible({ timeout: 60_000 });
  await expect(page.locator("table.cells tbody tr")).toHaveCount(1000);
  await expect(page.locator("#past li")).toHaveCount(1);
  await page.locator('nav.turn a[rel="next"]').click();
  await expect(page.locator("table.cells tbody td").first()).toHaveText("1001");
  await accessible(page);
  await picture(page, "sql");
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "xlsx" }).click()]);
  expect(download.suggestedFilename()).toMatch(/^wuwei-\d+-rows\.xlsx$/);
  expect(readFileSync(await download.path()).subarray(0, 2).toString()).toBe("PK");
  await page.locator("#sql").fill("SELECT nothing FROM record.person");
  await page.keyboard.press("Control+Enter");
  await expect(page.locator("[role=alert]")).toContainText("nothing");
  await page.locator("#sql").fill("SELECT count(*) FROM record.person a JOIN record.person b ON a.department = b.department JOIN record.person c ON b.department = c.department");
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
  await expect(page.locator("#ground")).toBeFocused();
  await page.keyboard.type("卷宗 2026-7");
  await page.keyboard.press("Enter");
  await expect(page.locator("#case")).toBeFocused();
  await page.keyboard.press("n");
  await expect(page.locator("#told")).toContainText("已生效");
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
