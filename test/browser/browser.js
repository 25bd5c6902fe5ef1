// A real Chromium, watched: whatever the page reports as wrong fails the test.
import { chromium } from "playwright-core";
import { mkdirSync } from "node:fs";

// A document that was changed on its way has no address of its own, and a browser keeps such a one from sockets on this machine.
const flags = [
  "--disable-features=LocalNetworkAccessChecks",
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];

export const launch = () => chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", headless: true, args: flags });

/**
 * Opens a page whose closed shadow roots the test can look into, unless they stay closed as a person
 * has them. With saves it says that it saves data. troubles collects console errors, page errors and
 * violations of the policy.
 */
export async function open(browser, { closed, saves, ...options } = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...(saves && { extraHTTPHeaders: { "Save-Data": "on" } }), ...options });
  context.setDefaultTimeout(60_000); // a busy machine draws fractals slowly
  const page = await context.newPage();
  const troubles = [];
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") troubles.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => troubles.push(`page: ${error.stack ?? error}`));
  await page.exposeBinding("__violation", (_source, text) => troubles.push(`policy: ${text}`));
  await page.addInitScript(() => {
    addEventListener("securitypolicyviolation", (event) => {
      window.__violation(`${event.violatedDirective}: ${event.blockedURI} ${event.sample}`);
    });
  });
  if (!closed) {
    await page.addInitScript(openRoots);
    await openMarkup(page);
  }
  return { context, page, troubles };
}

/** Waits until a plugin is live. Until then a page of the real server may have its rendering of it, whose elements go. */
export const live = (plugin) => plugin.locator(".frame[data-state=ready]").waitFor();

function openRoots() {
  const attach = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function (init) {
    return attach.call(this, { ...init, mode: "open" });
  };
}

/** The roots that a document brings with it are opened on its way: no script can do that later. */
async function openMarkup(page) {
  const session = await page.context().newCDPSession(page);
  session.on("Fetch.requestPaused", async ({ requestId, responseStatusCode, responseHeaders }) => {
    try {
      if (responseStatusCode !== 200) return await session.send("Fetch.continueResponse", { requestId });
      const { body, base64Encoded } = await session.send("Fetch.getResponseBody", { requestId });
      const text = Buffer.from(body, base64Encoded ? "base64" : "utf8").toString().replaceAll('<template shadowrootmode="closed">', '<template shadowrootmode="open">');
      await session.send("Fetch.fulfillRequest", { requestId, responseCode: 200, responseHeaders: responseHeaders.filter(({ name }) => !/^content-(length|encoding)$/i.test(name)), body: Buffer.from(text).toString("base64") });
    } catch (e) {
      if (!page.isClosed()) throw e;
    }
  });
  await session.send("Fetch.enable", { patterns: [{ resourceType: "Document", requestStage: "Response" }] });
}

/** The pixels of a part of a page as a person sees them: width, height and RGBA bytes. */
export async function pixels(page, clip) {
  const png = (await page.screenshot({ clip })).toString("base64");
  const blank = await page.context().newPage(); // the page's own policy lets no picture be looked at
  try {
    return await blank.evaluate(async (data) => {
      const image = await createImageBitmap(await (await fetch(`data:image/png;base64,${data}`)).blob());
      const context = new OffscreenCanvas(image.width, image.height).getContext("2d");
      context.drawImage(image, 0, 0);
      return { width: image.width, height: image.height, data: Array.from(context.getImageData(0, 0, image.width, image.height).data) };
    }, png);
  } finally {
    await blank.close();
  }
}

/** Keeps a picture for a person to look at. */
export async function shot(page, name, options = {}) {
  mkdirSync(new URL("shots", import.meta.url), { recursive: true });
  await page.screenshot({ path: new URL(`shots/${name}.png`, import.meta.url).pathname, ...options });
}

/**
 * Has a person pick a file in the plugin within what has an id, or in the only one. The events are trusted, as
 * those are which follow a file dialog.
 */
export async function pickFile(page, id, file) {
  const session = await page.context().newCDPSession(page);
  const { root } = await session.send("DOM.getDocument", { depth: -1, pierce: true });
  const has = (at, name, value) => at.attributes?.some((text, i) => i % 2 === 0 && text === name && at.attributes[i + 1] === value);
  const inside = (at) => [...(at.children ?? []), ...(at.shadowRoots ?? [])];
  const find = (at, wanted) => (wanted(at) ? at : inside(at).map((child) => find(child, wanted)).find(Boolean));
  const part = id ? find(root, (at) => has(at, "id", id)) : root;
  const plugin = find(part, (at) => at.nodeName === "VITRINE-PLUGIN");
  const { nodeId } = find(plugin, (at) => at.nodeName === "INPUT" && has(at, "type", "file"));
  await session.send("DOM.setFileInputFiles", { files: [file], nodeId });
  await session.detach();
}
