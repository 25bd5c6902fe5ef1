// What stands above the page: it says whose it is, and no plugin keeps the page with it.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { active, node, Patch, snap, Strings, Writer } from "../../shell/build/test/encode.js";
import { launch, open, shot } from "./browser.js";
import { feed, mount, sent, serve, waitSent } from "./fixture.js";

const EVENT = 0x43;
const FAULT = 0x06;

let browser, site;
before(async () => {
  [browser, site] = [await launch(), await serve()];
});
after(async () => {
  await browser?.close();
  site?.close();
});

const box = (...kids) => node("box", {}, ...kids);
const stays = node("dialog", { label: "Rename" }, node("text", { text: "It stays" }));
const closable = active(stays, "close");

/** Opens a dialog above the page: the person has pressed a button, the plugin answers event 1 with it. It is node 3. */
async function above(spec) {
  const { context, page, troubles } = await open(browser);
  const strings = new Strings();
  await mount(page, site.url, snap(box(active(node("button", { text: "Open" }), "click")), strings));
  await page.getByRole("button", { name: "Open" }).click();
  await waitSent(page, EVENT);
  await feed(page, new Patch(strings, [1, 2, 1]).insert(1, 0, spec).done());
  await page.locator("dialog:modal").waitFor();
  return { context, page, troubles, strings };
}


const isModal = (page) => page.locator("dialog").evaluate((el) => el.matches(":modal"));
const close = (page) => page.getByRole("button", { name: "Close" }).click();
/** Presses what lies outside of the plugin, as a person does who is let. */
const free = (page) => page.getByRole("button", { name: "Open" }).click({ timeout: 30_000 });

test("a dialog that the plugin does not let be closed goes into the plugin's own box", { timeout: 600_000 }, async () => {
  const { context, page, troubles } = await above(stays);
  await close(page);
  await page.locator("dialog:not(:modal)").waitFor();
  await page.getByText("It stays").waitFor();
  await free(page);
  assert.deepEqual(troubles, []);
  await context.close();
});

test("a dialog whose plugin is asked twice in vain goes into the plugin's own box", { timeout: 600_000 }, async () => {
  const { context, page, strings } = await above(closable);
  await close(page);
  await waitSent(page, EVENT, 2);
  assert.equal(await isModal(page), true, "the plugin may answer first");
  await feed(page, new Patch(strings, [1, 3, 2]).set(3, "dialog", "label", "Not saved yet").done());
  assert.equal(await isModal(page), true, "it may say why not");
  await close(page);
  await page.locator("dialog:not(:modal)").waitFor();
  await waitSent(page, EVENT, 3);
  await feed(page, new Patch(strings, [1, 4, 3]).set(3, "dialog", "label", "Still not").done());
  assert.equal(await isModal(page), false);
  await free(page);
  await context.close();
});

test("a dialog after each that the person closes does not keep the page either", { timeout: 600_000 }, async () => {
  const { context, page, strings } = await above(closable);
  await close(page);
  await waitSent(page, EVENT, 2);
  await feed(page, new Patch(strings, [1, 3, 2]).drop(3).insert(1, 0, closable).done());
  assert.equal(await isModal(page), true, "one more may ask whether they are sure");
  await close(page);
  await waitSent(page, EVENT, 3);
  await feed(page, new Patch(strings, [1, 4, 3]).drop(5).insert(1, 0, closable).done());
  await page.locator("dialog:not(:modal)").waitFor();
  await free(page);
  await context.close();
});

test("who closes one dialog and opens another has it above the page, however often", { timeout: 600_000 }, async () => {
  const { context, page, strings } = await above(closable);
  for (let n = 0, id = 3, seq = 3, ev = 2; n < 3; n++, id += 2) {
    await close(page);
    await waitSent(page, EVENT, ev);
    await feed(page, new Patch(strings, [1, seq++, ev++]).drop(id).done());
    await free(page);
    await waitSent(page, EVENT, ev);
    await feed(page, new Patch(strings, [1, seq++, ev++]).insert(1, 0, closable).done());
    assert.equal(await isModal(page), true, `the dialog after ${n + 1}`);
  }
  await context.close();
});

test("a plugin that fails while its dialog is open leaves the way out free", { timeout: 600_000 }, async () => {
  const { context, page } = await above(closable);
  await feed(page, new Writer().number(FAULT, 1, 1, 0).text("The plugin failed.").done());
  await page.getByRole("button", { name: "Try again" }).click({ timeout: 30_000 });
  await waitSent(page, 0x42, 2);
  await context.close();
});

test("popovers and menus say whose they are, end within the window and break long words", { timeout: 600_000 }, async () => {
  const { context, page } = await open(browser, { viewport: { width: 375, height: 667 } });
  const long = "x".repeat(200);
  const lines = (kind) => Array.from({ length: 60 }, (_, n) => node(kind, { text: `${n} ${long}` }));
  await mount(page, site.url, snap(box(node("popover", { text: "Details" }, ...lines("text")), node("menu", { text: "Actions" }, ...lines("menuitem")))));
  for (const name of ["Details", "Actions"]) {
    await page.getByRole("button", { name }).click();
    const panel = page.locator(".pop:popover-open");
    await panel.waitFor();
    await page.waitForTimeout(300);
    await shot(page, `above-${name.toLowerCase()}`);
    const { by, box: at, wide } = await panel.evaluate((el) => ({ by: getComputedStyle(el, "::before").content, box: el.getBoundingClientRect().toJSON(), wide: el.scrollWidth - el.clientWidth }));
    assert.equal(by, '"A plugin"');
    assert.ok(at.top >= 0 && at.bottom <= 667 && at.left >= 0 && at.right <= 375, `${name} lies at ${JSON.stringify(at)}`);
    assert.ok(wide <= 0, `${name} is ${wide} pixels wider than it shows`);
    await page.keyboard.press("Escape");
  }
  await context.close();
});

test("what a page without TLS cannot copy is said, and the plugin goes on", { timeout: 600_000 }, async () => {
  const { context, page, troubles } = await open(browser);
  await page.addInitScript(() => Object.defineProperty(navigator, "clipboard", { value: undefined }));
  const strings = new Strings();
  await mount(page, site.url, snap(box(active(node("button", { text: "Copy" }), "click")), strings));
  await page.getByRole("button", { name: "Copy" }).click();
  await waitSent(page, EVENT);
  await feed(page, new Patch(strings, [1, 2, 1]).done(), new Writer().number(0x05, 1, 1, 6).text("copied").done());
  await page.getByText("The browser does not let this be copied.").waitFor();
  await page.getByRole("button", { name: "Copy" }).click();
  assert.equal((await waitSent(page, EVENT, 2)).length, 2);
  assert.equal((await sent(page, 0x48)).length, 0);
  assert.deepEqual(troubles, []);
  await context.close();
});
