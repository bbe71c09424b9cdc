// Makes what pages load of others, in vendor/, with their licences: `npm ci && npm run vendor`. A difference afterwards means that vendor/ was changed by hand.
import { build } from "esbuild";
import { copyFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";

const here = (path) => new URL(path, import.meta.url);
const about = (name) => JSON.parse(readFileSync(here(`node_modules/${name}/package.json`), "utf8"));
const licence = (name) => readFileSync(here(["LICENSE", "LICENSE.md", "license"].map((file) => `node_modules/${name}/${file}`).find((path) => existsSync(here(path)))), "utf8").trim();

let licences = "";
const told = (file, names) => {
  for (const name of names) licences += `${file}: ${name} ${about(name).version} (${about(name).license})\n\n${licence(name)}\n\n`;
};

// As they come.
for (const [name, from, to] of [["htmx.org", "dist/htmx.min.js", "htmx.min.js"]]) {
  copyFileSync(here(`node_modules/${name}/${from}`), here(`vendor/${to}`));
  told(to, [name]);
}

// Many made one, for Chromium 90 and later.
for (const [entry, globalName, to] of [["codemirror.mjs", "CodeMirror", "codemirror.min.js"]]) {
  const { metafile } = await build({
    absWorkingDir: here(".").pathname,
    entryPoints: [entry],
    outfile: `vendor/${to}`,
    bundle: true,
    minify: true,
    format: "iife",
    globalName,
    target: "chrome87",
    charset: "utf8",
    legalComments: "none",
    metafile: true,
  });
  const named = Object.keys(metafile.inputs).map((path) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1]);
  told(to, Array.from(new Set(named.filter((name) => name !== undefined))).sort());
}
writeFileSync(here("vendor/LICENSES.txt"), `${licences.trim()}\n`);
