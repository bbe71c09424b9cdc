// A browser driven over a pipe by the DevTools protocol, without a package: drivers of today do not know a browser of 2021.
import { spawn } from "node:child_process";

const wait = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

/** Starts a browser and gives a way to send it commands, to hear what it says, and to end it. */
const started = (executable, environment, options) => {
  const common = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-dev-shm-usage", "--remote-debugging-pipe"];
  const child = spawn(executable, [...common, ...options, "about:blank"], {
    env: { ...process.env, ...environment },
    stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"],
  });
  const [, , , into, from] = child.stdio;
  const asked = new Map();
  const hears = [];
  let number = 0;
  let rest = "";
  const told = (message) => {
    const { id, result, error } = message;
    if (id === undefined) hears.forEach((hear) => hear(message));
    else if (error === undefined) asked.get(id)?.done(result);
    else asked.get(id)?.failed(new Error(error.message));
  };
  from.setEncoding("utf8");
  from.on("data", (piece) => {
    const messages = (rest + piece).split("\0");
    rest = messages.pop();
    messages.forEach((message) => told(JSON.parse(message)));
  });
  const failed = (why) => asked.forEach((one) => one.failed(new Error(why)));
  child.on("exit", (code) => failed(`the browser ended with ${code}`));
  child.on("error", (fault) => failed(fault.message));
  into.on("error", (fault) => failed(fault.message));
  const send = (method, params = {}, sessionId = undefined) =>
    new Promise((done, failed) => {
      number += 1;
      asked.set(number, { done, failed });
      into.write(`${JSON.stringify({ id: number, method, params, sessionId })}\0`);
    });
  return { send, hears, end: () => child.kill("SIGKILL") };
};

/** A page of a browser just started, with what it complained of and what it asked of other hosts. */
export const opened = async (executable, environment, base) => {
  const browser = started(executable, environment, ["--window-size=1366,768", "--lang=zh-CN"]);
  const { product } = await browser.send("Browser.getVersion");
  const { targetId } = await browser.send("Target.createTarget", { url: "about:blank" });
  const { sessionId } = await browser.send("Target.attachToTarget", { targetId, flatten: true });
  const send = (method, params) => browser.send(method, params, sessionId);
  const found = [];
  browser.hears.push(({ method, params }) => {
    if (method === "Runtime.exceptionThrown") found.push(params.exceptionDetails.exception?.description ?? params.exceptionDetails.text);
    if (method === "Runtime.consoleAPICalled" && params.type === "error") found.push(params.args.map((one) => one.value).join(" "));
    if (method === "Log.entryAdded" && params.entry.level === "error" && !params.entry.text.startsWith("Failed to load")) found.push(params.entry.text);
    // A picture of its own, as that in a field for a date, is no request.
    const isElsewhere = (url) => !url.startsWith(base) && !url.startsWith("data:");
    if (method === "Network.requestWillBeSent" && isElsewhere(params.request.url)) found.push(`off the host: ${params.request.url}`);
  });
  for (const domain of ["Page", "Runtime", "Log", "Network"]) await send(`${domain}.enable`);
  await send("Network.setExtraHTTPHeaders", { headers: { "Accept-Language": "zh-CN" } });
  await send("Emulation.setDeviceMetricsOverride", { width: 1366, height: 768, deviceScaleFactor: 1, mobile: false });
  const value = async (expression) => {
    const { result, exceptionDetails } = await send("Runtime.evaluate", { expression, returnByValue: true, awaitPromise: true });
    if (exceptionDetails !== undefined) throw new Error(`${expression}: ${exceptionDetails.exception?.description}`);
    return result.value;
  };
  /** Waits until an expression holds; while a page comes there is nothing to ask. */
  const until = async (expression, seconds = 60) => {
    for (let tries = 0; tries < seconds * 5; tries += 1) {
      if (await value(expression).catch(() => false)) return;
      await wait(200);
    }
    const { data } = await send("Page.captureScreenshot");
    throw Object.assign(new Error(`it never came: ${expression}, at ${await value("location.href").catch(() => "no page")}`), { data });
  };
  const goto = async (path) => {
    await value("document.documentElement.dataset.left = 'yes'");
    await send("Page.navigate", { url: base + path });
    await until("document.readyState === 'complete' && document.documentElement.dataset.left === undefined");
  };
  const types = (text) => send("Input.insertText", { text });
  const picture = async () => Buffer.from((await send("Page.captureScreenshot")).data, "base64");
  return { product, goto, value, until, types, picture, found, end: browser.end };
};
