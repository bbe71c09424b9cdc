// Signing in through a provider of others' making: there and back, with a purpose, to the overview and out again; who has no account here stays
// outside; keys that the provider changes are learned.
import { expect, test } from "@playwright/test";
import { accessible, picture } from "./frame.mjs";

const { BASE, PROVIDER } = process.env;

test.use({ locale: "zh-CN" });
test.skip(!PROVIDER, "no provider runs here");

/** What our own pages complain of: a strict policy would be told here. */
const complaints = (page) => {
  const found = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type()) && message.location().url.startsWith(BASE)) found.push(message.text());
  });
  page.on("pageerror", (error) => found.push(error.message));
  return found;
};

/** Says a name at the provider, and agrees. */
const agreesAs = async (page, name) => {
  await page.waitForURL((url) => url.href.startsWith(PROVIDER));
  await page.locator("[name=login]").fill(name);
  await page.locator("[name=password]").fill("any");
  await page.locator("button[type=submit]").click();
  await expect(page.locator("[name=login]")).toHaveCount(0);
  await page.locator("button[type=submit]").click();
  await page.waitForURL((url) => url.href.startsWith(BASE));
};

test("somebody comes in through the provider, sees the overview and goes", async ({ page }) => {
  const found = complaints(page);
  await page.goto("/tables");
  await accessible(page);
  await picture(page, "sign-in-provider");
  await page.getByRole("link", { name: "县统一认证登录" }).click();
  await agreesAs(page, "zhou");
  await page.waitForURL(/\/purpose\?next=%2Ftables/);
  await accessible(page);
  await page.getByRole("radio", { name: /^低保核对/ }).check();
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/tables$/);
  await page.goto("/");
  await expect(page.locator("header.frame .asker")).toContainText("zhou");
  await expect(page.locator("main h1").first()).toBeVisible({ timeout: 60_000 });
  const cookies = Object.fromEntries((await page.context().cookies(BASE)).map(({ name, sameSite }) => [name, sameSite]));
  expect(cookies.wuwei_session).toBe("Strict");
  expect(cookies.wuwei_way).toBeUndefined();
  await page.getByRole("button", { name: "退出" }).click();
  await page.waitForURL(/\/sign-in\?left=true/);
  await page.goto("/tables");
  await page.waitForURL(/\/sign-in\?next/);
  await page.goto("/sign-in?left=true");
  await page.getByRole("link", { name: "同时退出统一登录服务" }).click();
  await page.waitForURL((url) => url.href.startsWith(PROVIDER));
  await page.locator("button[value=yes]").click();
  await page.waitForURL(/\/end\/success/);
  await page.goto("/sign-in");
  await page.getByRole("link", { name: "县统一认证登录" }).click();
  await page.waitForURL((url) => url.href.startsWith(PROVIDER));
  await expect(page.locator("[name=login]")).toBeVisible();
  expect(found).toEqual([]);
});

test("who has no account here stays outside, and new keys are learned", async ({ page, browser }) => {
  await page.goto("/sign-in");
  await page.getByRole("link", { name: "县统一认证登录" }).click();
  await agreesAs(page, "nobody");
  await expect(page.locator("[role=alert]")).toContainText("没有为您开设");
  await accessible(page);
  await page.locator("#name").fill("zhou");
  await page.locator("#password").fill("any");
  await page.keyboard.press("Enter");
  await expect(page.locator("[role=alert]")).toContainText("账号或密码不对");
  // What the provider says of itself holds for an hour, its keys as long as they are known.
  expect((await fetch(`${PROVIDER}/turn`)).ok).toBe(true);
  await page.waitForTimeout(4_000);
  const context = await browser.newContext({ locale: "en" });
  const other = await context.newPage();
  await other.goto("/sign-in");
  await other.getByRole("link", { name: "County sign-in" }).click();
  await agreesAs(other, "zhou");
  await other.waitForURL(/\/purpose/);
  await context.close();
});
