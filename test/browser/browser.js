// A real Chromium, watched: whatever the page reports as wrong fails the test.
import { chromium } from "playwright-core";
import { mkdirSync } from "node:fs";

const flags = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];

export const launch = () => chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", headless: true, args: flags });

/**
 * Opens a page whose closed shadow roots the test can look into. troubles collects console errors,
 * page errors and violations of the policy.
 */
export async function open(browser, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const troubles = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") troubles.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => troubles.push(`page: ${error.stack ?? error}`));
  await page.exposeBinding("__violation", (_source, text) => troubles.push(`policy: ${text}`));
  await page.addInitScript(() => {
    const attach = Element.prototype.attachShadow;
    Element.prototype.attachShadow = function (init) {
      return attach.call(this, { ...init, mode: "open" });
    };
    addEventListener("securitypolicyviolation", (event) => {
      window.__violation(`${event.violatedDirective}: ${event.blockedURI} ${event.sample}`);
    });
  });
  return { context, page, troubles };
}

/** Keeps a picture for a person to look at. */
export async function shot(page, name, options = {}) {
  mkdirSync(new URL("shots", import.meta.url), { recursive: true });
  await page.screenshot({ path: new URL(`shots/${name}.png`, import.meta.url).pathname, ...options });
}
