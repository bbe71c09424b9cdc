// Copies what pages load of others into vendor/, with their licences: `npm ci && npm run vendor`. A difference afterwards means that vendor/ was changed by hand.
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";

const taken = [["htmx.org", "dist/htmx.min.js", "htmx.min.js"]];

let licences = "";
for (const [name, from, to] of taken) {
  const folder = new URL(`node_modules/${name}/`, import.meta.url);
  const about = JSON.parse(readFileSync(new URL("package.json", folder), "utf8"));
  copyFileSync(new URL(from, folder), new URL(`vendor/${to}`, import.meta.url));
  licences += `${to}: ${name} ${about.version} (${about.license})\n\n${readFileSync(new URL("LICENSE", folder), "utf8").trim()}\n`;
}
writeFileSync(new URL("vendor/LICENSES.txt", import.meta.url), licences);
