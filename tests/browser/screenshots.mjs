// Pictures of six main screens of the demo, as WebP: tests/browser/run.sh --screenshots PROGRAM. SIZE and LOOK take others to look at (1920x1080,
// dark).
import { chromium } from "@playwright/test";
import { mkdirSync, writeFileSync } from "node:fs";

const base = process.env.BASE;
const out = process.env.SHOTS || new URL("../../deploy/console/screenshots", import.meta.url).pathname;
const [width, height] = (process.env.SIZE || "1366x768").split("x").map(Number);
const OWN = "four words of mine";
const QUESTION = "SELECT d.name_zh AS department, count(*) AS records, count(DISTINCT l.entity_id) AS people\nFROM record.person r\nJOIN graph.link l ON l.record_id = r.record_id\nJOIN contract.department d ON d.dept = r.department\nGROUP BY d.name_zh\nORDER BY records DESC";

const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, args: process.getuid() === 0 ? ["--no-sandbox"] : [] });
const drawing = await (await browser.newContext()).newPage();

/** A picture of a page, smaller than the browser writes it. */
const picture = async (page, name) => {
  const png = (await page.screenshot()).toString("base64");
  const webp = await drawing.evaluate(async (bytes) => {
    const image = new Image();
    image.src = `data:image/png;base64,${bytes}`;
    await image.decode();
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [image.width, image.height];
    canvas.getContext("2d").drawImage(image, 0, 0);
    return canvas.toDataURL("image/webp", 0.86);
  }, png);
  writeFileSync(`${out}/${name}.webp`, Buffer.from(webp.split(",")[1], "base64"));
};

/** Somebody who came in for a purpose. */
const inside = async (name, purpose) => {
  const context = await browser.newContext({ baseURL: base, locale: "zh-CN", viewport: { width, height }, colorScheme: process.env.LOOK || "light" });
  const page = await context.newPage();
  await page.goto("/sign-in");
  await page.locator('[name="name"]').fill(name);
  await page.locator('[name="password"]').fill(process.env[`PASSWORD_${name}`]);
  await page.keyboard.press("Enter");
  await page.locator('[name="chosen"]').fill(OWN);
  await page.locator('[name="again"]').fill(OWN);
  await page.keyboard.press("Enter");
  await page.getByRole("radio", { name: purpose }).check();
  await page.keyboard.press("Enter");
  await page.waitForURL((url) => !/purpose|password|sign-in/.test(url.pathname));
  return page;
};

mkdirSync(out, { recursive: true });
const zhao = await inside("zhao", /^数据治理/);
await zhao.goto("/?wait=true", { timeout: 120_000 });
await picture(zhao, "overview");
await zhao.goto("/sql");
await zhao.locator("#editor").click();
await zhao.keyboard.insertText(QUESTION);
await zhao.keyboard.press("Escape");
await zhao.keyboard.press("Control+Enter");
await zhao.locator("#draw").click({ timeout: 60_000 });
await zhao.locator(".chart").waitFor();
await picture(zhao, "sql");
await zhao.goto("/tables");
await picture(zhao, "tables");
await zhao.goto("/jobs");
await picture(zhao, "jobs");

const li = await inside("li", /^低保核对/);
await li.goto("/search?q=wangw");
await picture(li, "search");
await li.locator("a.hit").first().click();
await li.locator("#identity").waitFor();
await picture(li, "person");
await browser.close();
