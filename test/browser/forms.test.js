// What a person enters arrives, or they are told that it does not: the real server, a plugin written in Go.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, live, open, shot } from "./browser.js";
import { build, startProxy, startServer } from "./server.js";

let browser, plugin, proxy, server;
before(async () => {
  [plugin] = build("forms");
  proxy = await startProxy();
  [browser, server] = [await launch(), await start()];
});
after(async () => {
  await browser?.close();
  proxy?.close();
  assert.equal(await server?.stop(), 0);
});

/** Starts a server and has the proxy lead to it. */
async function start() {
  const started = await startServer(proxy.url, [plugin, "--grant", "ui"]);
  proxy.to(started.url);
  return started;
}

/** Runs a test on a page of its own, where what the console says of lost sockets is no trouble. */
const person = (name, run) => test(name, { timeout: 300_000 }, async (t) => {
  const { context, page, troubles } = await open(browser);
  try {
    await page.goto(proxy.url);
    await live(page.locator("vitrine-plugin").last());
    const forms = page.getByRole("region", { name: "Forms" }).last();
    await run({ page, forms, says: (text) => forms.getByText(text, { exact: true }).waitFor(), field: (label) => forms.getByLabel(label, { exact: true }), press: (name) => forms.getByRole("button", { name }).click() });
    assert.deepEqual(troubles.filter((trouble) => !/WebSocket|Failed to load resource/.test(trouble)), []);
  } catch (e) {
    await shot(page, `failed-forms-${name.replaceAll(/\W+/g, "-")}`, { fullPage: true }).catch(() => undefined);
    t.diagnostic(server.log());
    throw e;
  } finally {
    await context.close();
  }
});

person("a server that is started anew in the middle of an edit goes on", async ({ page, forms, says, field, press }) => {
  await field("Essay").fill("Told before");
  await says("11 bytes of an essay, 0 of a draft");
  await field("Name").click();
  await page.keyboard.type("Ada");
  const before = await page.locator("vitrine-plugin").last().evaluateHandle((el) => el.shadowRoot.querySelector(".body").firstElementChild);
  proxy.refuse(true);
  assert.equal(await server.stop(), 0);
  server = await start();
  proxy.refuse(false);
  await page.waitForFunction((el) => !el.isConnected, before);
  await forms.getByRole("group", { name: "Notice" }).getByText("The plugin was started anew. What you had entered may be gone.").waitFor();
  await press("Count");
  await says("1 clicks");
  assert.equal(await forms.getByRole("alert").count(), 0);
});

person("Enter submits what the field holds, which is told once", async ({ page, says, field }) => {
  await field("Quantity").fill("42");
  await page.keyboard.press("Enter");
  await says('Sent: 42 for "" after 1 changes');
  await field("Name").click();
  await page.keyboard.type("Ada");
  await page.keyboard.press("Enter");
  await says('Sent: 42 for "Ada" after 2 changes');
  await page.keyboard.press("Enter");
  await field("Quantity").fill("43");
  await page.keyboard.press("Enter");
  await says('Sent: 43 for "Ada" after 3 changes');
});

person("a text that cannot be sent is refused with a word", async ({ page, says, field }) => {
  await field("Essay").fill("日".repeat(20_000));
  await says("60000 bytes of an essay, 0 of a draft");
  await field("Essay").fill("日".repeat(30_000));
  await page.getByText("That is too long").waitFor();
  assert.equal((await field("Essay").inputValue()).length, 20_000);
  await field("Draft").fill("日".repeat(30_000));
  await page.getByText("That is too long").nth(1).waitFor();
  assert.equal(await field("Draft").inputValue(), "");
  await field("Essay").fill("short");
  await says("5 bytes of an essay, 0 of a draft");
  await field("Draft").fill("a".repeat(65_533));
  await page.keyboard.press("Tab");
  await says("5 bytes of an essay, 65533 of a draft");
  assert.equal(await page.getByText("That is too long").count(), 0);
});

person("a plugin keeps its state where its element is moved, and begins anew in another document", async ({ page, says, press }) => {
  await press("Count");
  await says("1 clicks");
  const seen = await page.locator("vitrine-plugin").last().evaluate((el) => {
    const was = el.shadowRoot.querySelector(".body").firstElementChild;
    for (let n = 0; n < 3; n++) document.body.append(el);
    return new Promise((then) => setTimeout(() => then(was.isConnected && was === el.shadowRoot.querySelector(".body").firstElementChild)));
  });
  assert.ok(seen, "what was shown is gone");
  await press("Count");
  await says("2 clicks");
  await page.evaluate(() => {
    const frame = document.createElement("iframe");
    document.body.append(frame);
    frame.contentDocument.body.append(document.querySelector("vitrine-plugin:last-of-type"));
  });
  const other = page.frameLocator("iframe");
  await other.getByText("0 clicks", { exact: true }).waitFor();
  assert.equal(await other.locator("vitrine-plugin").evaluate((el) => el.shadowRoot.adoptedStyleSheets.length), 2);
  assert.equal(await other.locator(".body").evaluate((el) => getComputedStyle(el.getRootNode().host).display), "block");
});

person("without a place there is nothing to see", async ({ page }) => {
  const plugin = page.locator("vitrine-plugin").last();
  await plugin.evaluate((el) => el.setAttribute("place", "nowhere"));
  await page.getByRole("alert").waitFor();
  await plugin.evaluate((el) => el.removeAttribute("place"));
  await page.getByRole("alert").waitFor({ state: "detached" });
});
