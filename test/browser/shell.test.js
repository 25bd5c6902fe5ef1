// The shell alone in a real browser: the test is its server, frame by frame.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { active, node, Op, Patch, snap, Strings } from "../../shell/build/test/encode.js";
import { launch, open, pickFile, shot } from "./browser.js";
import { feed, mount, sent, serve, stub, waitSent } from "./fixture.js";
import { everything } from "./everything.js";

const EVENT = 0x43;
const ACK = 0x44;
const RESUME = 0x45;
const VISIBLE = 0x46;

let browser, site;
before(async () => {
  [browser, site] = [await launch(), await serve()];
});
after(async () => {
  await browser?.close();
  site?.close();
});

/** A test with a page that shows a tree; whatever the page reports as wrong fails it. */
function shows(name, tree, run, { options, expected = ["willReadFrequently"] } = {}) {
  test(name, async () => {
    const { context, page, troubles } = await open(browser, options);
    const strings = new Strings();
    await mount(page, site.url, snap(tree, strings));
    await run(page, strings);
    assert.deepEqual(troubles.filter((trouble) => !expected.some((part) => trouble.includes(part))), []);
    await context.close();
  });
}

/** What an event frame of mount 1 with small numbers says. */
const event = ([, , ev, id, number, seen, ...body]) => ({ ev, id, number, seen, body });
const words = (body) => new TextDecoder().decode(new Uint8Array(body.slice(1)));
const box = (...kids) => node("box", {}, ...kids);
const field = active(node("textfield", { value: "", label: "Filter" }), "input");

shows("what is typed while an answer is on its way stays, and is corrected by its own answer", box(field), async (page, strings) => {
  const input = page.getByLabel("Filter");
  await input.pressSequentially("ab");
  assert.deepEqual((await sent(page, EVENT)).map(event).map(({ body }) => words(body)), ["a"]);
  await feed(page, new Patch(strings, [1, 2, 1]).set(2, "textfield", "value", "A", Op.Value).done());
  assert.equal(await input.inputValue(), "ab");
  const [, second] = (await waitSent(page, EVENT, 2)).map(event);
  assert.deepEqual([second.ev, second.seen, words(second.body)], [2, 2, "ab"]);
  await input.press("ArrowLeft");
  await feed(page, new Patch(strings, [1, 3, 2]).set(2, "textfield", "value", "AB", Op.Value).done());
  assert.equal(await input.inputValue(), "AB");
  assert.equal(await input.evaluate((el) => el.selectionStart), 1, "the caret moved");
});

shows("a field that was left without a change takes the newest value", box(active(node("textfield", { value: "x", label: "Name" }), "change")), async (page, strings) => {
  const input = page.getByLabel("Name");
  await input.press("End");
  await input.pressSequentially("y");
  await feed(page, new Patch(strings, [1, 2, 0]).set(2, "textfield", "value", "server", Op.Value).done());
  assert.equal(await input.inputValue(), "xy");
  await input.press("Backspace");
  await input.blur();
  assert.equal(await input.inputValue(), "server");
});

shows("clicks of a person are sent, those of a script are not", box(active(node("button", { text: "Go" }), "click"), node("button", { text: "Idle" })), async (page) => {
  const button = page.getByRole("button", { name: "Go" });
  await button.evaluate((el) => el.click());
  assert.deepEqual(await sent(page, EVENT), []);
  await button.click();
  await button.press("Enter");
  await page.getByRole("button", { name: "Idle" }).click();
  assert.deepEqual((await sent(page, EVENT)).map(event).map(({ ev, id, number }) => [ev, id, number]), [[1, 2, 0], [2, 2, 0]]);
});

shows("a disabled button keeps the focus and sends nothing", box(active(node("button", { text: "Go" }), "click")), async (page, strings) => {
  const button = page.getByRole("button", { name: "Go" });
  await button.focus();
  await feed(page, new Patch(strings, [1, 2, 0]).set(2, "button", "disabled", true).done());
  await button.press("Enter");
  assert.ok(await button.evaluate((el) => el.matches(":focus")));
  assert.deepEqual(await sent(page, EVENT), []);
});

const rows = ["a", "b", "c"].map((text) => node("row", {}, node("cell", {}, active(node("textfield", { value: text, label: text }), "input"))));
const table = node("table", { label: "Rows" }, active(node("column", { text: "Name", sort: "ascending" }), "sort"), ...rows);

shows("rows move without losing the focus or what is typed", box(table), async (page, strings) => {
  const input = page.getByLabel("c", { exact: true });
  await input.press("End");
  await input.pressSequentially("!");
  await feed(page, new Patch(strings, [1, 2, 0]).move(10, 4).done());
  assert.equal(await input.inputValue(), "c!");
  assert.ok(await input.evaluate((el) => el.matches(":focus")));
  assert.deepEqual(await page.locator("vitrine-plugin input").evaluateAll((all) => all.map((el) => el.value)), ["c!", "a", "b"]);
});

shows("a header sorts by keyboard and says how", box(table), async (page, strings) => {
  const header = page.getByRole("columnheader", { name: "Name" });
  assert.equal(await header.getAttribute("aria-sort"), "ascending");
  await page.getByRole("button", { name: "Name" }).press("Enter");
  assert.deepEqual((await sent(page, EVENT)).map(event).map(({ id }) => id), [3]);
  await feed(page, new Patch(strings, [1, 2, 1]).set(3, "column", "sort", "none").done());
  assert.equal(await header.getAttribute("aria-sort"), null);
  assert.equal(await page.getByRole("button", { name: "Name" }).count(), 0);
});

shows("a faulty frame changes nothing; the page asks for the whole tree and goes on", box(node("text", { text: "before" })), async (page, strings) => {
  const faulty = new Patch(strings, [1, 2, 0]).text(2, "after").drop(9).done();
  await feed(page, faulty, new Patch(strings, [1, 3, 0]).text(2, "later").done());
  assert.deepEqual(await waitSent(page, 0x48), [[0x48, 1, 1, 1]]);
  assert.ok(await page.getByText("before").isVisible());
  await feed(page, snap(box(node("text", { text: "anew" })), new Strings(), [1, 2, 7, 0]));
  await page.getByText("anew", { exact: true }).waitFor();
  await feed(page, [6, 1, 5, 0, 3, 0x6f, 0x66, 0x66]);
  await page.getByRole("alert").getByText("off").waitFor();
  await page.getByRole("button", { name: "Try again" }).click();
  assert.equal((await waitSent(page, 0x42, 2)).at(-1)[1], 2, "a mount's number is used again");
}, { expected: ["vitrine: "] });

shows("what a person does while the connection is away arrives after it is back", box(field, active(node("button", { text: "Go" }), "click")), async (page, strings) => {
  await page.getByRole("button").click();
  const before = await page.locator("vitrine-plugin").boundingBox();
  await page.evaluate(() => window.__sockets.at(-1).onclose());
  await page.getByText("Reconnecting").waitFor();
  assert.deepEqual(await page.locator("vitrine-plugin").boundingBox(), before, "the layout moved");
  await page.getByLabel("Filter").pressSequentially("xyz");
  await page.getByRole("button").click();
  await waitSent(page, RESUME);
  assert.equal((await sent(page, EVENT)).length, 1);
  await feed(page, [7, 1, 1, 1, 0]);
  const events = (await waitSent(page, EVENT, 5)).map(event).slice(1);
  assert.deepEqual(events.map(({ ev, id }) => [ev, id]), [[1, 3], [2, 2], [3, 2], [4, 3]]);
  assert.equal(words(events[2].body), "xyz");
  await feed(page, new Patch(strings, [1, 2, 4]).done());
  assert.equal(await page.getByLabel("Filter").inputValue(), "xyz");
});

shows("a snapshot in between keeps elements, focus and what is typed", box(field, node("text", { text: "one" })), async (page) => {
  const input = page.getByLabel("Filter");
  await input.pressSequentially("abc");
  await input.evaluate((el) => (window.__before = el));
  const anew = snap(box(active(node("textfield", { value: "a", label: "Filter" }), "input"), node("heading", { text: "two" })), new Strings(), [1, 2, 2, 1]);
  await feed(page, [...anew, 1, 1, 2]); // of epoch 1, from node 1 on, two
  await page.getByRole("heading", { name: "two" }).waitFor(); // the part that continues a tree may be on its way
  assert.ok(await input.evaluate((el) => el === window.__before && el.matches(":focus")));
  assert.equal(await input.inputValue(), "abc");
  assert.equal(await page.getByText("one").count(), 0);
});

const fields = (...labels) => box(...labels.map((label) => active(node("textfield", { label }), "input")));

shows("what is typed stays in its row, and is told of it, when rows move while the connection is away", fields("A", "B", "C"), async (page) => {
  const input = page.getByLabel("B");
  await input.pressSequentially("b");
  await input.evaluate((el) => (window.__before = el));
  await page.evaluate(() => window.__sockets.at(-1).onclose());
  await input.pressSequentially("ob");
  await waitSent(page, RESUME);
  // Meanwhile A went, C went to the top and D came; event 1 was heard.
  await feed(page, [7, 1, 2, 1, 1], [...snap(fields("C", "D", "B"), new Strings(), [1, 2, 2, 1]), 1, 1, 1, 4, 1, 0, 1, 3, 1]);
  const told = (await waitSent(page, EVENT, 2)).map(event);
  assert.deepEqual(told.map(({ ev, id, seen, body }) => [ev, id, seen, words(body)]), [[1, 3, 1, "b"], [2, 3, 1, "bob"]]);
  await page.getByLabel("D").waitFor(); // the part that continues a tree may be on its way
  assert.ok(await input.evaluate((el) => el === window.__before && el.matches(":focus")), "the focus is lost");
  assert.deepEqual(await page.locator("vitrine-plugin input").evaluateAll((all) => all.map((el) => el.value)), ["", "", "bob"]);
  await feed(page, new Patch(new Strings(), [1, 3, 2]).done());
  await page.keyboard.press("!");
  const { id, seen, body } = event((await waitSent(page, EVENT, 3)).at(-1));
  assert.deepEqual([id, seen, words(body)], [4, 3, "bob!"]);
});

const rectangle = new Uint8Array([1, 2, 0, 0, 40, 40]);
const canvas = active(node("canvas", { drawing: rectangle, label: "Picture", width: 200, height: 100, surface: 0 }), "press", "dragstart", "drag", "dragend", "wheel", "key", "resize");

shows("a canvas shows pixels and a drawing in the colours of the theme", box(canvas), async (page) => {
  await feed(page, [10, 1, 2, 0, 2, 2, 1, 0, 0, 2, 1, 1, 255, 0, 0, 0, 255, 0]);
  await waitSent(page, EVENT); // how large it is: it is drawn by then
  const pixel = (layer) => page.locator(".canvas canvas").nth(layer).evaluate((el) => Array.from(el.getContext("2d").getImageData(1, 0, 1, 1).data));
  assert.deepEqual(await pixel(0), [0, 255, 0, 255]);
  const light = await pixel(1);
  assert.equal(light[3], 255);
  await page.emulateMedia({ colorScheme: "dark" });
  await page.waitForFunction((old) => {
    const layer = document.querySelector("vitrine-plugin").shadowRoot.querySelectorAll(".canvas canvas")[1];
    return layer.getContext("2d").getImageData(1, 0, 1, 1).data[0] !== old;
  }, light[0]);
});

shows("a canvas is pressed, dragged, zoomed and reached by keys", box(canvas), async (page, strings) => {
  const target = page.getByRole("application", { name: "Picture" });
  const { x, y } = await target.boundingBox();
  const ids = async () => (await sent(page, EVENT)).map(event).map(({ number }) => number);
  await waitSent(page, EVENT);
  assert.deepEqual(await ids(), [6], "it says how large it is, once");
  await page.mouse.click(x + 50, y + 20);
  assert.deepEqual(event((await sent(page, EVENT)).at(-1)).body, [100, 40]);
  await page.mouse.move(x + 10, y + 10);
  await page.mouse.down();
  for (let i = 1; i <= 5; i++) await page.mouse.move(x + 10 + i * 10, y + 10);
  await page.mouse.up();
  assert.deepEqual(await ids(), [6, 0, 1, 2, 2, 3], "drags are coalesced, the end comes last");
  assert.deepEqual(event((await sent(page, EVENT)).at(-1)).body, [120, 20]);
  await page.mouse.wheel(0, -200);
  await page.mouse.wheel(0, -200);
  await page.waitForTimeout(100);
  await feed(page, new Patch(strings, [1, 2, 7]).done());
  const wheel = (await waitSent(page, EVENT, 8)).map(event).filter(({ number }) => number === 4);
  const steps = wheel.map(({ body }) => new DataView(new Uint8Array(body.slice(2)).buffer).getFloat64(0, true));
  assert.equal(steps.reduce((sum, n) => sum + n), -4);
  await target.press("ArrowLeft");
  await target.press("=");
  await target.press("q");
  assert.deepEqual((await sent(page, EVENT)).map(event).filter(({ number }) => number === 5).map(({ body }) => words(body)), ["ArrowLeft", "+"]);
});

const files = active(node("filefield", { label: "Data", accept: ".csv", maxbytes: 20 }), "file");

shows("a file is checked, announced and sent with the token", box(files), async (page, strings) => {
  const { mkdtempSync, writeFileSync } = await import("node:fs");
  const dir = mkdtempSync("/tmp/vitrine-");
  const make = (name, text) => (writeFileSync(`${dir}/${name}`, text), `${dir}/${name}`);
  await page.locator("input[type=file]").waitFor({ state: "attached" });
  await pickFile(page, "", make("long.csv", "x".repeat(21)));
  await page.getByText("at most").waitFor();
  await pickFile(page, "", make("other.txt", "x"));
  await page.getByText("kind of file").waitFor();
  assert.deepEqual(await sent(page, EVENT), []);
  await pickFile(page, "", make("right.csv", "a,b\n1,2\n"));
  const [announced] = (await waitSent(page, EVENT)).map(event);
  assert.equal(words(announced.body.slice(0, 10)), "right.csv");
  await feed(page, [11, 1, 1, 3, 116, 111, 107]);
  while (!site.uploads.length) await page.waitForTimeout(20);
  assert.deepEqual(site.uploads, [{ token: "tok", bytes: "a,b\n1,2\n" }]);
  await feed(page, new Patch(strings, [1, 2, 1]).done());
});

shows("a file that the server refuses is said to be, and another can be chosen", box(files), async (page, strings) => {
  const { mkdtempSync, writeFileSync } = await import("node:fs");
  const path = `${mkdtempSync("/tmp/vitrine-")}/right.csv`;
  writeFileSync(path, "a,b\n");
  await page.locator("input[type=file]").waitFor({ state: "attached" });
  await pickFile(page, "", path);
  await waitSent(page, EVENT);
  await page.waitForTimeout(500);
  const wrong = page.getByText("refused");
  assert.equal(await wrong.count(), 0, "said before the server has answered");
  await feed(page, new Patch(strings, [1, 2, 1]).done()); // and no UPLOAD
  await wrong.waitFor();
  await pickFile(page, "", path);
  await waitSent(page, EVENT, 2);
  assert.equal(await wrong.count(), 0);
  await feed(page, [11, 1, 2, 3, 116, 111, 107], new Patch(strings, [1, 3, 2]).done());
  while (site.uploads.length < 2) await page.waitForTimeout(20);
  await page.waitForTimeout(500);
  assert.equal(await wrong.count(), 0, "what was taken is called refused");
});

shows("frames that come while a part is on its way keep their order, and nothing is shown before its turn", box(node("text", { text: "zero" })), async (page, strings) => {
  let release;
  const held = new Promise((resolve) => (release = resolve));
  await page.route("**/vitrine/opens.js", async (route) => {
    await held;
    await route.continue();
  });
  await waitSent(page, ACK);
  await feed(page,
    new Patch(strings, [1, 2, 0]).text(2, "one").insert(1, 0, node("details", { text: "More" }, node("text", { text: "a" }))).done(),
    new Patch(strings, [1, 3, 0]).text(2, "two").text(4, "b").done(),
    new Patch(strings, [1, 4, 0]).insert(1, 2, node("menu", { text: "Menu" }, node("menuitem", { text: "c" }))).done(),
    new Patch(strings, [1, 5, 0]).text(2, "three").drop(3).done());
  await page.waitForTimeout(200);
  assert.deepEqual(await page.locator("vitrine-plugin .body").evaluate((body) => body.textContent), "zero");
  assert.deepEqual((await sent(page, ACK)).map(([, , seq]) => seq), [1]);
  release();
  await page.getByText("three").waitFor();
  assert.equal(await page.locator("vitrine-plugin .body > .box").evaluate((el) => [...el.children].map((kid) => kid.className).join()), "opener,text");
  const acks = (await waitSent(page, ACK, 2)).map(([, , seq]) => seq);
  assert.deepEqual([acks.at(-1), acks], [5, acks.toSorted((a, b) => a - b)]);
});

shows("what cannot be seen says so", box(node("text", { text: "x" })), async (page) => {
  await page.locator("vitrine-plugin").evaluate((el) => (el.hidden = true));
  assert.deepEqual((await waitSent(page, VISIBLE)).at(-1), [VISIBLE, 1, 0]);
  await page.locator("vitrine-plugin").evaluate((el) => (el.hidden = false));
  assert.deepEqual((await waitSent(page, VISIBLE, 2)).at(-1), [VISIBLE, 1, 1]);
});

shows("another place is another mount; what is removed is unmounted", box(node("text", { text: "x" })), async (page) => {
  await page.locator("vitrine-plugin").evaluate((el) => el.setAttribute("place", "there"));
  assert.deepEqual((await waitSent(page, 0x47)).at(-1), [0x47, 1]);
  assert.equal((await waitSent(page, 0x42, 2)).at(-1)[1], 2);
  await page.locator("vitrine-plugin").evaluate((el) => el.remove());
  assert.deepEqual((await waitSent(page, 0x47, 2)).at(-1), [0x47, 2]);
});

const nasty = ["<img src=x onerror=alert(1)>", "javascript:alert(1)", "\" onmouseover=\"alert(1)", "<script>alert(1)</script>", "{{7*7}}", "</style><style>*{display:none}"];

shows("text stays text", box(...nasty.flatMap((text) => [
  node("text", { text }), node("heading", { text }), node("button", { text, label: text }), node("textfield", { label: text, value: text, placeholder: text, hint: text, error: text }),
  node("select", { label: text, value: text }, node("option", { text, value: text })), node("box", { label: text }), node("progress", { label: text }),
  node("table", { label: text }, node("column", { text, hint: text }), node("row", {}, node("cell", { text }))), node("filefield", { label: text, accept: text }),
])), async (page) => {
  const found = await page.evaluate(() => {
    const root = document.querySelector("vitrine-plugin").shadowRoot;
    const all = [...root.querySelectorAll("*")];
    return { script: root.querySelectorAll("script,img,style,iframe,a").length, on: all.flatMap((el) => el.getAttributeNames()).filter((name) => name.startsWith("on") || name === "style") };
  });
  assert.deepEqual(found, { script: 0, on: [] });
});

test("a refusal of the host is shown with a way out", async () => {
  const { context, page } = await open(browser);
  await stub(page);
  await page.route("**/vitrine/tickets", (route) => route.fulfill({ status: 404, contentType: "application/json", body: '{"error":"there is no such place"}' }));
  await page.goto(site.url);
  await page.getByRole("alert").getByText("there is no such place").waitFor();
  await page.unroute("**/vitrine/tickets");
  await page.getByRole("button", { name: "Try again" }).press("Enter");
  await waitSent(page, 0x42);
  await context.close();
});

test("what stands before the host while that is started anew is waited for", { timeout: 600_000 }, async () => {
  const { context, page } = await open(browser);
  await stub(page);
  const answers = [502, 503, 504];
  await page.route("**/vitrine/tickets", (route) => (answers[0] ? route.fulfill({ status: answers.shift(), contentType: "text/html", body: "<h1>Bad gateway</h1>" }) : route.continue()));
  await page.goto(site.url);
  await waitSent(page, 0x42);
  assert.deepEqual(answers, []);
  assert.equal(await page.getByRole("alert").count(), 0);
  await context.close();
});

test("a server that cannot be reached for long is asked again", { timeout: 600_000 }, async () => {
  const { context, page } = await open(browser);
  await stub(page);
  await page.clock.install();
  let asked = 0;
  await page.route("**/vitrine/tickets", (route) => (++asked < 6 ? route.fulfill({ status: 502, body: "" }) : route.continue()));
  await page.goto(site.url);
  const run = async (until) => {
    while (!(await until())) await page.clock.runFor(500);
  };
  await run(async () => page.getByRole("alert").getByText("cannot be reached").isVisible());
  assert.equal(asked, 4);
  await run(async () => (await sent(page, 0x42)).length > 0);
  assert.equal(asked, 6);
  await context.close();
});

shows("somebody who is signed out while the connection is away is told", box(node("text", { text: "x" })), async (page) => {
  await page.route("**/vitrine/tickets", (route) => route.fulfill({ status: 401, contentType: "application/json", body: '{"error":"nobody is signed in"}' }));
  await page.evaluate(() => {
    window.WebSocket = class {
      constructor() {
        setTimeout(() => this.onclose());
      }
      close() {}
    };
    window.__sockets.at(-1).onclose();
  });
  await page.getByRole("alert").getByText("nobody is signed in").waitFor();
}, { expected: ["401"] });

const looks = {
  light: {},
  dark: { colorScheme: "dark" },
  phone: { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true },
  forced: { forcedColors: "active" },
};
for (const [name, options] of Object.entries(looks)) {
  shows(`every component, ${name}`, everything, async (page) => {
    await page.waitForTimeout(200);
    await shot(page, `shell-${name}`, { fullPage: true });
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(overflow <= 0, `the page is ${overflow} pixels too wide`);
    assert.deepEqual(await unnamed(page), []);
  }, { options });
}

/** What assistive technology finds without a name. */
async function unnamed(page) {
  const session = await page.context().newCDPSession(page);
  const { nodes } = await session.send("Accessibility.getFullAXTree");
  const needs = new Set(["button", "textbox", "searchbox", "combobox", "spinbutton", "slider", "table", "region", "columnheader", "progressbar", "img", "application", "heading", "image"]);
  return nodes.filter((n) => !n.ignored && needs.has(n.role?.value) && !n.name?.value).map((n) => n.role.value);
}
