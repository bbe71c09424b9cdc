// The smoke journey in Chromium 90, the oldest browser that pages are made for: sign in, state a purpose, find somebody, read a file, ask in
// SQL. The browser is the one that the package chrome-aws-lambda 8.0 carries (MIT); where that cannot be had or does not run, it is said.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { brotliDecompressSync } from "node:zlib";
import { opened } from "./pipe.mjs";

const PACKAGE = "chrome-aws-lambda@8.0.2";
const SHA512 = "a4VEX6DknxISPqGLksZa/JuEnjc4nLXaG0BMp5c9qERvJ/eBHPUJ7oCRQQC+SxSxuxsEwxbBj2RBlCQbivnihg==";
const OWN = "four words of mine";
const { BASE, SHOTS } = process.env;

/** The folder with the browser, unpacked once. */
const unpacked = () => {
  const folder = new URL("shots/chromium-90/", import.meta.url).pathname;
  if (existsSync(`${folder}chromium`)) return folder;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const name = execFileSync("npm", ["pack", "--silent", PACKAGE], { cwd: folder, encoding: "utf8" }).trim().split("\n").pop();
  if (createHash("sha512").update(readFileSync(folder + name)).digest("base64") !== SHA512) throw new Error(`${name} is not what was packed`);
  execFileSync("tar", ["xzf", name, "package/bin"], { cwd: folder });
  for (const part of ["aws.tar", "swiftshader.tar", "chromium"]) {
    writeFileSync(folder + part, brotliDecompressSync(readFileSync(`${folder}package/bin/${part}.br`)));
    if (part.endsWith(".tar")) execFileSync("tar", ["xf", part], { cwd: folder });
  }
  chmodSync(`${folder}chromium`, 0o755);
  return folder;
};

const start = async () => {
  const folder = unpacked();
  // Libraries of its time stand beside it, for a system that has none; those of the system come first.
  const libraries = [process.env.LD_LIBRARY_PATH, `${folder}lib`].filter((path) => path !== undefined).join(":");
  return opened(`${folder}chromium`, { LD_LIBRARY_PATH: libraries, HOME: tmpdir() }, BASE);
};

const shot = async (page, name) => {
  if (SHOTS !== undefined) writeFileSync(`${SHOTS}/oldest-${name}.png`, await page.picture());
};

/** Fills in fields and sends their form as a click does. */
const fills = async (page, fields, button) => {
  const filled = Object.entries(fields).map(([field, text]) => `document.querySelector("${field}").value = ${JSON.stringify(text)};`);
  await page.value(`${filled.join(" ")} document.querySelector("${button}").click();`);
};

const signsIn = async (page, name, purpose) => {
  await page.goto("/sign-in");
  const passwords = [OWN, process.env[`PASSWORD_${name}`]];
  for (const password of passwords) {
    await page.until("document.querySelector('#password') !== null");
    await page.value("document.querySelectorAll('[role=alert]').forEach((alert) => alert.remove())");
    await fills(page, { "#name": name, "#password": password }, "main button");
    await page.until("document.querySelector('[role=alert], #chosen, .choices') !== null");
    if (!(await page.value("document.querySelector('[role=alert]') !== null"))) break;
  }
  if (await page.value("document.querySelector('#chosen') !== null")) {
    await fills(page, { "#chosen": OWN, "#again": OWN }, "main button");
    await page.until("document.querySelector('.choices input[type=radio]') !== null");
  }
  await page.value(`Array.from(document.querySelectorAll("input[type=radio]")).find((one) => one.value === "${purpose}").click()`);
  await fills(page, {}, "main button");
  await page.until("document.querySelector('.for') !== null && !location.pathname.startsWith('/purpose')");
};

const journey = async (page) => {
  await page.goto("/sign-in");
  await shot(page, "sign-in");
  await signsIn(page, "li", "低保核对");
  await page.goto("/search?q=wangw");
  await page.until("document.querySelector('a.hit') !== null");
  await shot(page, "search");
  await page.value("document.querySelector('a.hit').click()");
  await page.until("document.querySelector('#identity') !== null && document.querySelector('#why') !== null");
  await shot(page, "person");
  await page.value("document.querySelector('[data-keys]').click()");
  await page.until("document.querySelector('#keys').open");
  await page.value("document.querySelector('#keys form button').click()");
  await page.value("document.querySelector('a[href^=\"/graph/\"]').click()");
  await page.until("document.querySelector('#graph .dot') !== null");
  await shot(page, "graph");
  await page.value("document.querySelector('form.out button').click()");
  await page.until("document.querySelector('#password') !== null");
  await signsIn(page, "zhao", "数据治理");
  await page.goto("/");
  await page.until("document.querySelector('.board') !== null", 120);
  await shot(page, "overview");
  await page.goto("/sql");
  await page.until("document.querySelector('#editor').shadowRoot?.querySelector('.cm-content') !== null");
  await page.value("document.querySelector('#editor').shadowRoot.querySelector('.cm-content').focus()");
  await page.types("SELECT department, count(*) AS n FROM record.person GROUP BY department");
  await page.until("document.querySelector('#sql').value.startsWith('SELECT department')");
  await page.value("document.querySelector('#run').click()");
  await page.until("document.querySelector('.sum') !== null");
  await shot(page, "sql");
  for (const path of ["/tables", "/jobs", "/upload", "/departments/mz"]) {
    await page.goto(path);
    await page.until("document.querySelector('main h1') !== null");
    await shot(page, path.replace(/\W/g, "-"));
  }
  // What it lays out: no page is wider than the window, and the frame stands above the page.
  await page.until("document.documentElement.scrollWidth <= innerWidth && document.querySelector('header.frame').getBoundingClientRect().height < 160");
};

/** What is waited for so many seconds at most: a browser of another machine may neither start nor end. */
const within = (seconds, what) => {
  const late = new Promise((_, failed) => setTimeout(() => failed(new Error(`it took more than ${seconds} seconds`)), 1000 * seconds).unref());
  return Promise.race([what, late]);
};

let page = null;
try {
  page = await within(120, start());
} catch (error) {
  console.log(`the journey in Chromium 90 was not run: ${error.message.split("\n")[0]}`);
  process.exit(0);
}
try {
  await within(600, journey(page));
  if (page.found.length > 0) throw new Error(page.found.join("\n"));
  console.log(`the journey in ${page.product} went well`);
} catch (error) {
  if (SHOTS !== undefined && error.data !== undefined) writeFileSync(`${SHOTS}/oldest-failed.png`, Buffer.from(error.data, "base64"));
  console.log(`the journey in ${page.product} failed: ${[error.message, ...page.found].join("\n")}`);
  process.exitCode = 1;
} finally {
  page.end();
}
