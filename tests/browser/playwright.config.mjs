// One browser, one journey after the other: they share accounts. Debian's Chromium, none that is downloaded.
import { defineConfig } from "@playwright/test";

export default defineConfig({
  testDir: ".",
  testMatch: "*.spec.mjs",
  workers: 1,
  timeout: 240_000,
  expect: { timeout: 30_000 },
  // What else runs on a small machine may hold a page up once.
  retries: 1,
  outputDir: "shots/failed",
  reporter: "list",
  use: {
    actionTimeout: 60_000,
    baseURL: process.env.BASE,
    viewport: { width: 1366, height: 768 },
    launchOptions: { executablePath: process.env.CHROMIUM, args: process.getuid() === 0 ? ["--no-sandbox"] : [] },
  },
});
