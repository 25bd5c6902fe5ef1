// Where the keyboard is when a plugin wants it: in the plugin or nowhere it may have it, out of the page's own fields it may not.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { active, node, Patch, snap, Strings, Writer } from "../../shell/build/test/encode.js";
import { launch, open } from "./browser.js";
import { feed, mount, sent, serve, stub, waitSent } from "./fixture.js";

const EVENT = 0x43;

let browser, site;
before(async () => {
  [browser, site] = [await launch(), await serve({ "Content-Security-Policy": "default-src 'self'" })];
  site.files["/framing"] = ["text/html; charset=utf-8", '<!doctype html><title>Framing</title><input id="own"><iframe src="/"></iframe>'];
});
after(async () => {
  await browser?.close();
  site?.close();
});

/** The plugin wants the keyboard for its field, and says so afterwards. */
const focus = [new Writer().number(0x05, 1, 1, 1, 3).done(), new Writer().number(0x05, 1, 1, 3).text("wanted").done()];
const wanted = (page) => page.getByRole("status").filter({ hasText: "wanted" }).waitFor({ state: "attached" });
const dialog = node("dialog", { label: "Sure?" }, node("textfield", { label: "Why" }));
const popover = node("popover", { text: "More" }, node("text", { text: "Details" }));
const tree = (...more) => node("box", {}, active(node("button", { text: "Do it" }), "click"), node("textfield", { label: "Name" }), ...more);

/** Gives the page a field of its own. */
const fields = {
  "a field of the page": () => document.querySelector("h1").append(Object.assign(document.createElement("input"), { id: "own", type: "password" })),
  "a field in a root of the page's own": () => {
    const root = document.querySelector("h1").attachShadow({ mode: "closed" });
    root.append(Object.assign(document.createElement("input"), { id: "own", type: "password" }));
  },
  "a field beside the plugin, in one root with it": () => {
    const root = document.querySelector("h1").appendChild(document.createElement("div")).attachShadow({ mode: "closed" });
    root.append(Object.assign(document.createElement("input"), { id: "own", type: "password" }), document.querySelector("vitrine-plugin"));
  },
};

/** The id or the name of what has the focus, as far inwards as roots are open. */
const focused = (page) => page.evaluate(() => {
  const path = [];
  for (let el = document.activeElement; el; el = el.shadowRoot?.activeElement) path.push(el.id || el.localName);
  return path.at(-1);
});

const hasIt = (el) => el.getRootNode().activeElement === el;

/** Opens a page with a plugin. */
async function shown(...more) {
  const { context, page } = await open(browser);
  const strings = new Strings();
  await mount(page, site.url, snap(tree(...more), strings));
  return { context, page, strings };
}

/** Presses the plugin's button, which is event 1. */
async function press(page) {
  await page.getByRole("button", { name: "Do it" }).click();
  await waitSent(page, EVENT);
}

for (const [name, make] of Object.entries(fields)) {
  test(`a plugin takes the keyboard out of itself and not out of ${name}`, { timeout: 600_000 }, async () => {
    const { context, page, troubles } = await open(browser);
    const strings = new Strings();
    await page.addInitScript(`addEventListener("DOMContentLoaded", () => (${make})())`);
    await mount(page, site.url, snap(tree(), strings));
    const own = page.locator("#own");
    await press(page);
    await own.click();
    await feed(page, new Patch(strings, [1, 2, 1]).insert(1, 0, dialog).done(), ...focus);
    await page.locator("dialog:not(:modal)").waitFor();
    await wanted(page);
    assert.equal(await focused(page), "own");
    await page.keyboard.type("secret");
    assert.equal(await own.inputValue(), "secret");
    await page.getByLabel("Why").click(); // the person comes to it
    await feed(page, ...focus);
    await page.waitForFunction(hasIt, await page.getByLabel("Name").elementHandle());
    assert.equal((await sent(page, 0x48)).length, 0, "a frame was refused");
    assert.deepEqual(troubles, []);
    await context.close();
  });
}

test("a plugin has the keyboard that is nowhere", { timeout: 600_000 }, async () => {
  const { context, page, strings } = await shown();
  await press(page);
  await page.evaluate(() => document.activeElement.blur());
  await feed(page, ...focus);
  await page.waitForFunction(hasIt, await page.getByLabel("Name").elementHandle());
  await page.evaluate(() => document.activeElement.blur());
  await feed(page, new Patch(strings, [1, 2, 1]).insert(1, 0, dialog).done());
  await page.locator("dialog:modal").waitFor();
  await context.close();
});

test("a dialog that nobody asked for leaves the keyboard where it is", { timeout: 600_000 }, async () => {
  const { context, page, strings } = await shown();
  await feed(page, new Patch(strings, [1, 2, 0]).insert(1, 0, dialog).done());
  await page.locator("dialog:not(:modal)").waitFor();
  assert.equal(await focused(page), "body");
  await context.close();
});

test("a popover that closes because the person goes to the page's own field leaves it to them", { timeout: 600_000 }, async () => {
  const { context, page } = await shown(popover);
  await page.evaluate(fields["a field of the page"]);
  await page.getByRole("button", { name: "More" }).click();
  await page.locator(".pop:popover-open").waitFor();
  await page.locator("#own").click();
  await page.locator(".pop").waitFor({ state: "hidden" });
  await page.evaluate(() => new Promise((then) => requestAnimationFrame(() => setTimeout(then)))); // it is told of
  assert.equal(await focused(page), "own");
  await context.close();
});

test("a plugin in a frame does not take the keyboard out of the page around it", { timeout: 600_000 }, async () => {
  const { context, page } = await open(browser);
  await stub(page);
  await page.goto(`${site.url}framing`);
  const frame = page.frames()[1];
  await frame.waitForFunction(() => window.__sent?.some((was) => was[0] === 0x42));
  const strings = new Strings();
  await feed(frame, snap(tree(), strings));
  await press(frame);
  await page.locator("#own").click();
  await feed(frame, new Patch(strings, [1, 2, 1]).insert(1, 0, dialog).done(), ...focus);
  await frame.locator("dialog:not(:modal)").waitFor();
  await wanted(frame);
  assert.equal(await focused(page), "own");
  await context.close();
});

test("Tab closes a menu and goes on from its button", { timeout: 600_000 }, async () => {
  const { context, page } = await shown(node("menu", { text: "Menu" }, active(node("menuitem", { text: "One" }), "click"), node("menuitem", { text: "Two" })), node("textfield", { label: "Next" }));
  const pop = page.locator(".pop");
  for (const [key, name] of [["Tab", "Next"], ["Shift+Tab", "Name"]]) {
    await page.getByRole("button", { name: "Menu" }).click();
    await page.waitForFunction(() => document.querySelector("vitrine-plugin").shadowRoot.activeElement?.role === "menuitem");
    await page.keyboard.press(key);
    await pop.waitFor({ state: "hidden" });
    await page.waitForFunction(hasIt, await page.getByLabel(name).elementHandle());
    await page.evaluate(() => new Promise((then) => requestAnimationFrame(() => setTimeout(then)))); // it is told of
    assert.ok(await page.getByLabel(name).evaluate(hasIt), "the menu has taken the keyboard back");
  }
  await context.close();
});
