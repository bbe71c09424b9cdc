// What holds on every journey: nothing is asked of another host, nothing is complained of in the console, and no page has a serious finding.
import AxeBuilder from "@axe-core/playwright";
import { expect } from "@playwright/test";

/** Watches a page; what it gives back is called at the end. */
export const watched = (page) => {
  const found = [];
  const base = process.env.BASE;
  page.on("request", (request) => {
    if (!request.url().startsWith(base)) found.push(`off the host: ${request.url()}`);
  });
  page.on("console", (message) => {
    // A refusal that a journey asks for is told by its status, a query that it gives up by htmx.
    const isAsked = /^(Failed to load resource|htmx:sendAbort|htmx:afterRequest)/.test(message.text());
    if (["error", "warning"].includes(message.type()) && !isAsked) found.push(message.text());
  });
  page.on("pageerror", (error) => found.push(error.message));
  return () => expect(found).toEqual([]);
};

/** No finding of axe that is serious or worse (WCAG 2.1 A and AA), in both looks. */
export const accessible = async (page) => {
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    const { violations } = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]).analyze();
    const grave = violations.filter(({ impact }) => ["serious", "critical"].includes(impact));
    const told = ({ id, nodes }) => `${page.url()} ${colorScheme} ${id}: ${nodes.slice(0, 3).map((node) => `${node.html} ${node.failureSummary}`).join(" | ")}`;
    expect(grave.map(told)).toEqual([]);
  }
  await page.emulateMedia({ colorScheme: "light" });
};

/** A picture, where SHOTS says that pictures are wanted. */
export const picture = async (page, name, options = {}) => {
  if (process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/${name}.png`, ...options });
};

const OWN = "four words of mine";

/** Types where the page has put the cursor: a page is loaded a moment before it has, and what is typed in between is lost. */
export const typesInto = async (page, field, text) => {
  await expect(page.locator(field)).toBeFocused();
  await page.keyboard.type(text);
};

const signsIn = async (page, name, password) => {
  await page.goto("/");
  await typesInto(page, "#name", name);
  await page.keyboard.press("Tab");
  await typesInto(page, "#password", password);
  await page.keyboard.press("Enter");
  await expect(page.locator("[role=alert], #chosen, .choices").first()).toBeVisible({ timeout: 30_000 });
};

/** Goes on by Tab until something has the cursor. */
export const tabsTo = async (page, target) => {
  const isThere = () => target.evaluate((one) => one === document.activeElement);
  for (let presses = 0; presses < 400; presses += 1) {
    if (await isThere()) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`nothing that Tab goes to is ${target}`);
};

/** Comes in with the keyboard alone: with the password of an earlier journey, or else the one-time password. */
export const comesIn = async (page, name, purpose) => {
  await signsIn(page, name, OWN);
  if (await page.locator("[role=alert]").isVisible()) await signsIn(page, name, process.env[`PASSWORD_${name}`]);
  await expect(page.locator("[role=alert]")).toHaveCount(0);
  if (await page.locator("#chosen").isVisible()) {
    await typesInto(page, "#chosen", OWN);
    await page.keyboard.press("Tab");
    await typesInto(page, "#again", OWN);
    await page.keyboard.press("Enter");
    await page.waitForURL(/purpose/);
  }
  await accessible(page);
  const chosen = page.getByRole("radio", { name: purpose });
  // Tab goes to the one that is chosen, or else to the first; arrows choose among them.
  const isAmongThem = () => page.evaluate(() => document.activeElement.type === "radio");
  for (let presses = 0; presses < 60 && !(await isAmongThem()); presses += 1) await page.keyboard.press("Tab");
  await page.keyboard.press("Space");
  for (let presses = 0; presses < 30 && !(await chosen.isChecked()); presses += 1) await page.keyboard.press("ArrowDown");
  await expect(chosen).toBeChecked();
  await page.keyboard.press("Enter");
  await page.waitForURL((url) => !url.pathname.startsWith("/purpose"));
};
