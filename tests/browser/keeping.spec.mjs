// Whoever looks after the hub: an administrator makes an account, which signs in; an auditor finds who looked at whom, and proves the chain.
import { expect, test } from "@playwright/test";
import { createHmac } from "node:crypto";
import { accessible, comesIn, picture, typesInto, watched } from "./frame.mjs";

test.use({ locale: "zh-CN" });

test("the administrator makes an account, and it signs in", async ({ page, browser }) => {
  const ended = watched(page);
  await comesIn(page, "boss", /^账号与权限管理/);
  await page.goto("/admin");
  await accessible(page);
  await picture(page, "admin");
  const name = `sun${Date.now()}`;
  await page.locator("#name").fill(name);
  await page.locator("#role").selectOption("case_worker");
  await page.locator("#department").selectOption("jy");
  await page.getByRole("button", { name: "开设", exact: true }).click();
  const password = await page.locator("#given code").innerText();
  expect(password).toHaveLength(20);
  await accessible(page);
  await picture(page, "admin-given");
  await page.goto("/admin");
  await expect(page.locator("#given")).toHaveCount(0);
  await expect(page.getByRole("rowheader", { name, exact: true })).toBeVisible();
  await expect(page.locator(".contents a[aria-current]")).toHaveText("账号");
  // What ends somebody's way in is asked about first.
  const asked = [];
  page.once("dialog", (dialog) => {
    asked.push(dialog.message());
    return dialog.dismiss();
  });
  await page.getByRole("row", { name }).locator("summary").click();
  await page.getByRole("row", { name }).getByRole("button", { name: "停用" }).click();
  expect(asked).toEqual([`停用 ${name}：确定吗？`]);
  await expect(page.locator("[role=status]")).toHaveCount(0);
  // The last is a page that says what is wrong.
  for (const path of ["/admin/policies", "/admin/departments", "/admin/schedules", "/reference", "/nothing-here"]) {
    await page.goto(path);
    await accessible(page);
    await picture(page, path.slice(1).replace("/", "-"));
  }
  await page.goto("/admin/policies");
  await page.getByRole("link", { name: /低保核对/ }).first().click();
  await expect(page.locator("#seen")).toContainText("entity.person");
  ended();
  const context = await browser.newContext({ locale: "zh-CN" });
  const other = await context.newPage();
  process.env[`PASSWORD_${name}`] = password;
  await comesIn(other, name, /^学龄人口入学审核/);
  await other.goto("/search");
  await expect(other.locator("#q")).toBeVisible();
  await context.close();
});

test("the auditor finds who looked and proves the chain", async ({ page }) => {
  const ended = watched(page);
  await comesIn(page, "wu", /^审计/);
  await page.keyboard.press("g");
  await page.keyboard.press("a");
  await page.waitForURL(/\/audit/);
  await expect(page.locator("table.looks tbody tr").first()).toBeVisible();
  await accessible(page);
  await picture(page, "audit");
  await page.locator("#kind").selectOption("login");
  await page.getByRole("button", { name: "查询", exact: true }).click();
  await expect(page.locator("table.looks")).toContainText("登录");
  await page.getByRole("button", { name: "核对" }).click();
  await expect(page.locator(".once code")).toContainText(":");
  await accessible(page);
  await picture(page, "audit-proof");
  // What was seen is judged by what is permitted.
  await page.keyboard.press("g");
  await page.keyboard.press("p");
  await page.waitForURL(/\/admin\/policies/);
  await page.getByRole("link", { name: /低保核对/ }).first().click();
  await expect(page.locator("#seen")).toContainText("entity.person");
  await page.locator("#written summary").first().click();
  await accessible(page);
  await picture(page, "policies");
  await page.goto("/departments/mz");
  await expect(page.locator("#quality")).toBeVisible({ timeout: 60_000 });
  await accessible(page);
  await picture(page, "department");
  ended();
});

/** The code that an authenticator with that secret shows so many steps from now (RFC 6238). */
const code = (secret, steps) => {
  const bits = Array.from(secret, (sign) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(sign).toString(2).padStart(5, "0")).join("");
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const tag = createHmac("sha1", Buffer.from(bits.match(/.{8}/g).map((eight) => Number.parseInt(eight, 2)))).update(step).digest();
  return String((tag.readUInt32BE(tag[19] & 15) & 0x7fffffff) % 1_000_000).padStart(6, "0");
};

test("a second factor is set up, and asked for from then on", async ({ page }) => {
  const ended = watched(page);
  await comesIn(page, "zheng", /^审计/);
  await page.goto("/second-factor/set-up?next=/audit");
  await accessible(page);
  await page.getByRole("button", { name: "生成密钥" }).click();
  await expect(page.locator("svg.qr")).toBeVisible();
  const secret = (await page.locator(".steps .once code").first().innerText()).replaceAll(" ", "");
  await accessible(page);
  await picture(page, "second-factor");
  await page.locator("#code").fill("000000");
  await page.getByRole("button", { name: "完成设置" }).click();
  await expect(page.locator("[role=alert]")).toBeVisible();
  await page.locator("#code").fill(code(secret, 0));
  await page.keyboard.press("Enter");
  await expect(page.locator(".codes li")).toHaveCount(10);
  await accessible(page);
  await picture(page, "second-factor-codes");
  await page.getByRole("button", { name: "退出" }).click();
  await page.locator("#name").fill("zheng");
  await page.locator("#password").fill("four words of mine");
  await page.keyboard.press("Enter");
  await page.waitForURL(/second-factor/);
  await accessible(page);
  await typesInto(page, "#code", code(secret, 1));
  await page.keyboard.press("Enter");
  await page.waitForURL(/purpose/);
  ended();
});
