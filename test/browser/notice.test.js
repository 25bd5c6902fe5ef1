// A plugin that fails and goes on, as a person meets it: the real server, a plugin written in Go.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, live, open, shot } from "./browser.js";
import { build, startProxy, startServer } from "./server.js";

let browser, proxy, server;
before(async () => {
  proxy = await startProxy();
  server = await startServer(proxy.url, [...build("clumsy", "stillborn"), "--grant", "ui"]);
  browser = await launch();
  proxy.to(server.url);
});
after(async () => {
  await browser?.close();
  proxy?.close();
  assert.equal(await server?.stop(), 0);
});

function meets(name, run, { options, expected = [] } = {}) {
  test(name, { timeout: 600_000 }, async (t) => {
    const { context, page, troubles } = await open(browser, options);
    try {
      await page.goto(proxy.url);
      const clumsy = page.getByRole("region", { name: "Clumsy" }).last();
      await live(page.locator("vitrine-plugin").first());
      await clumsy.getByText("0 clicks").waitFor();
      await run(page, clumsy);
      assert.deepEqual(troubles.filter((trouble) => !expected.some((part) => trouble.includes(part))), []);
    } catch (e) {
      await shot(page, `failed-${name.replaceAll(/\W+/g, "-").slice(0, 60)}`, { fullPage: true });
      t.diagnostic(server.log());
      throw e;
    } finally {
      proxy.refuse(false);
      await context.close();
    }
  });
}

const press = (clumsy, name) => clumsy.getByRole("button", { name, exact: true }).click();
const note = (clumsy) => clumsy.getByRole("group", { name: "Notice" });
const shown = (clumsy, text) => note(clumsy).locator(".words").filter({ hasText: text }).waitFor();
const gone = (clumsy) => note(clumsy).waitFor({ state: "hidden" });
const boom = "The plugin could not do that: boom";

meets("a handler that panics is told beside the plugin, which goes on", async (page, clumsy) => {
  await gone(clumsy);
  const where = () => clumsy.getByRole("button", { name: "Panic" }).boundingBox();
  const before = await where();
  await press(clumsy, "Panic");
  await shown(clumsy, boom);
  await clumsy.getByRole("status").filter({ hasText: boom }).waitFor({ state: "attached" });
  await page.waitForTimeout(400); // it has opened
  await shot(page, "notice");
  assert.deepEqual(await where(), before, "what the person presses moved");
  await press(clumsy, "Count");
  await clumsy.getByText("1 clicks").waitFor();
  await gone(clumsy);
  assert.equal(await clumsy.getByRole("status").filter({ hasText: "boom" }).count(), 0);
});

meets("a tree that cannot be shown is told, what was shown stays, and the next one is shown", async (page, clumsy) => {
  await press(clumsy, "Double");
  await shown(clumsy, 'What the plugin wants to show cannot be shown: key "a" is doubled among its siblings');
  await clumsy.getByText("0 clicks").waitFor();
  await press(clumsy, "Panic");
  await shown(clumsy, boom);
  await press(clumsy, "Count");
  await clumsy.getByText("1 clicks").waitFor();
  await gone(clumsy);
});

meets("a notice is closed by keyboard, comes again, and survives a drop", async (page, clumsy) => {
  await press(clumsy, "Panic");
  await shown(clumsy, boom);
  const dismiss = clumsy.getByRole("button", { name: "Dismiss" });
  await dismiss.focus();
  await page.keyboard.press("Enter");
  await gone(clumsy);
  await page.keyboard.press("Tab");
  await clumsy.getByRole("button", { name: "Count" }).and(page.locator(":focus")).waitFor();
  await press(clumsy, "Panic");
  await shown(clumsy, boom);
  proxy.refuse(true);
  await clumsy.getByText("Reconnecting").waitFor();
  proxy.refuse(false);
  await clumsy.getByText("Reconnecting").waitFor({ state: "detached" });
  await shown(clumsy, boom);
}, { expected: ["WebSocket"] });

meets("a plugin that failed is started anew", async (page, clumsy) => {
  await press(clumsy, "Count");
  await clumsy.getByText("1 clicks").waitFor();
  await press(clumsy, "Panic");
  await shown(clumsy, boom);
  await press(clumsy, "Start anew");
  await clumsy.getByText("0 clicks").waitFor();
  await gone(clumsy);
  await press(clumsy, "Count");
  await clumsy.getByText("1 clicks").waitFor();
});

meets("what a plugin says of itself stays short text", async (page, clumsy) => {
  await press(clumsy, "Rave");
  await shown(clumsy, "The plugin could not do that: <b>\\u202e\\nxxx");
  const text = await note(clumsy).locator(".words").textContent();
  assert.ok(Array.from(text).length <= 300 && !/[\u202a-\u202e\n]/.test(text), text);
  assert.equal(await note(clumsy).locator("b").count(), 0);
  await page.waitForTimeout(300);
  await shot(page, "notice-long");
  assert.ok((await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)) <= 0);
}, { options: { viewport: { width: 390, height: 844 } } });

meets("a plugin whose first tree is refused is an error with a way out", async (page) => {
  const stillborn = page.getByRole("region", { name: "Stillborn" }).last();
  await stillborn.scrollIntoViewIfNeeded();
  await stillborn.getByRole("alert").getByText('key "a" is doubled among its siblings').waitFor();
  await stillborn.getByRole("button", { name: "Try again" }).click();
  await stillborn.getByRole("alert").getByText("cannot be shown").waitFor();
});
