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
  context.setDefaultTimeout(60_000); // a busy machine draws fractals slowly
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

/**
 * Has a person pick a file in the plugin with an id, or in the only one. The events are trusted, as
 * those are which follow a file dialog.
 */
export async function pickFile(page, id, file) {
  const session = await page.context().newCDPSession(page);
  const { root } = await session.send("DOM.getDocument", { depth: -1, pierce: true });
  const has = (at, name, value) => at.attributes?.some((text, i) => i % 2 === 0 && text === name && at.attributes[i + 1] === value);
  const inside = (at) => [...(at.children ?? []), ...(at.shadowRoots ?? [])];
  const find = (at, wanted) => (wanted(at) ? at : inside(at).map((child) => find(child, wanted)).find(Boolean));
  const plugin = find(root, (at) => at.nodeName === "VITRINE-PLUGIN" && (!id || has(at, "id", id)));
  const { nodeId } = find(plugin, (at) => at.nodeName === "INPUT" && has(at, "type", "file"));
  await session.send("DOM.setFileInputFiles", { files: [file], nodeId });
  await session.detach();
}
