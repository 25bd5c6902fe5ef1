// What passes between a plugin and its page itself: with the React example, and with the element alone.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { node, Patch, snap, Strings, Writer } from "../../shell/build/test/encode.js";
import { launch, open } from "./browser.js";
import { feed, sent, serve, stub, waitSent } from "./fixture.js";

const [MOUNT, PROPS, ANSWER, CALL, REFUSED, TAKEN, RESUMED] = [0x42, 0x4b, 0x4c, 0x0c, 0x0d, 0x0e, 0x07];

let browser, site;
before(async () => {
  [browser, site] = [await launch(), await serve()];
  const read = (path) => readFileSync(new URL(`../../shell/${path}`, import.meta.url));
  site.files["/react/"] = ["text/html; charset=utf-8", read("examples/react/index.html")];
  site.files["/react/app.js"] = ["text/javascript", read("build/examples/react.js")];
  site.files["/react-twice/"] = site.files["/react/"];
  site.files["/react-twice/app.js"] = ["text/javascript", read("build/examples/react.js").toString().replace('slots:["note"]', 'slots:["row"]')];
});
after(async () => {
  await browser?.close();
  site?.close();
});

const box = (...kids) => node("box", {}, ...kids);
const call = (mount, number, name, input) => new Writer().number(CALL, mount, number).text(name).text(JSON.stringify(input)).done();
const words = (frame, from) => new TextDecoder().decode(new Uint8Array(frame.slice(from)));

function case_(name, run, expected = []) {
  test(name, { timeout: 600_000 }, async () => {
    const { context, page, troubles } = await open(browser);
    await stub(page);
    await run(page);
    assert.deepEqual(troubles.filter((trouble) => !expected.some((part) => trouble.includes(part))), []);
    await context.close();
  });
}

case_("React's props are in MOUNT, change live without another mount, and the newest callback answers", async (page) => {
  await page.goto(`${site.url}react/`);
  const [mount] = await waitSent(page, MOUNT);
  assert.equal(words(mount, 5), '\x0c{"price":10}');
  await feed(page, snap(box(node("text", { text: "shown" })), new Strings()));
  await page.getByText("The plugin is ready").waitFor();
  await feed(page, call(1, 1, "quote", { seats: 2 }));
  assert.equal(words((await waitSent(page, ANSWER))[0], 4), "\x0220");
  await page.getByRole("button", { name: "Ask for more" }).click();
  assert.equal(words((await waitSent(page, PROPS))[0], 4), '{"price":11}');
  await feed(page, call(1, 2, "quote", { seats: 2 }), call(1, 1, "quote", { seats: 9 }), call(1, 3, "elsewhere", 0));
  const answers = (await waitSent(page, ANSWER, 3)).toSorted((a, b) => a[2] - b[2]); // each comes when it is there
  assert.deepEqual(answers.map((frame) => frame.slice(2)), [[1, 0, 2, 0x32, 0x30], [2, 0, 2, 0x32, 0x32], [3, 9]]);
  for (let n = 0; n < 5; n++) await page.getByRole("button", { name: "Ask for more" }).click();
  await page.waitForFunction(() => window.__sent.some((frame) => frame[0] === 0x4b && String.fromCharCode(...frame).includes("16")));
  assert.equal((await sent(page, MOUNT)).length, 1);
});

case_("a refused prop is told to the application, and the plugin stays", async (page) => {
  await page.goto(`${site.url}react/`);
  await waitSent(page, MOUNT);
  await feed(page, snap(box(node("text", { text: "shown" })), new Strings()), new Writer().number(REFUSED, 1, 0, 1).text("the host does not let the page set price").done());
  await page.getByText("denied: the host does not let the page set price").waitFor();
  await page.getByText("shown").waitFor();
}, ["props of the page were refused"]);

case_("React hears that its props were taken, of the newest alone and once, after a drop too", async (page) => {
  await page.goto(`${site.url}react/`);
  await waitSent(page, MOUNT);
  const known = page.getByText("It asks");
  await feed(page, snap(box(node("text", { text: "shown" })), new Strings()), [TAKEN, 1, 0]);
  await page.getByText("It asks 10 euros.").waitFor();
  const more = page.getByRole("button", { name: "Ask for more" });
  await more.click();
  await waitSent(page, PROPS);
  await more.click();
  await waitSent(page, PROPS, 2);
  await feed(page, [TAKEN, 1, 1]);
  assert.equal(await known.textContent(), "It asks 10 euros.");
  await page.evaluate(() => window.__sockets.at(-1).onclose());
  await waitSent(page, 0x45);
  await feed(page, [RESUMED, 1, 1, 1, 0], [TAKEN, 1, 1]);
  assert.equal(words((await waitSent(page, PROPS, 3))[2], 4), '{"price":12}');
  await feed(page, [TAKEN, 1, 2]);
  await page.getByText("It asks 12 euros.").waitFor();
});

case_("props that have no JSON are refused once, though each refusal has the application render anew, and others are taken", async (page) => {
  await page.goto(site.url); // React would put its own props in between, when it gets round to it
  await waitSent(page, MOUNT);
  await feed(page, snap(box(node("text", { text: "shown" })), new Strings()));
  await page.getByText("shown").waitFor();
  await page.evaluate(() => {
    const el = document.querySelector("vitrine-plugin");
    window.refused = [];
    const values = { big: () => 1n, long: () => "x".repeat(65 << 10), bad: () => ({ get x() { throw new Error("not now"); } }) };
    window.give = (name) => (el.props = { [name]: values[name]() });
    el.addEventListener("vitrine-refused", ({ detail }) => {
      window.refused.push(detail.code);
      window.give(window.name);
    });
  });
  // Were it refused anew each time, a hundred more would come before the next is taken.
  for (const [name, code, n] of [["big", "invalid", 1], ["long", "limit", 2], ["bad", "invalid", 3]]) {
    await page.evaluate((it) => window.give((window.name = it)), name);
    await page.waitForFunction((count) => window.refused.length >= count, n);
    await page.evaluate((it) => new Promise((then) => {
      let turns = 0;
      const turn = () => (++turns > 20 ? then() : (window.give(it), setTimeout(turn, 20)));
      turn();
    }), name);
    assert.deepEqual(await page.evaluate(() => window.refused.length), n);
    assert.equal(await page.evaluate(() => window.refused.at(-1)), code);
  }
  await page.evaluate(() => (document.querySelector("vitrine-plugin").props = { good: true }));
  assert.equal(words((await waitSent(page, PROPS))[0], 4), '{"good":true}');
  await page.evaluate(() => window.give("bad"));
  await page.waitForFunction(() => window.refused.length === 4);
}, ["props of the page were refused"]);

case_("what a plugin puts into a React component are its children or stand in a slot, and go back with it", async (page) => {
  await page.goto(`${site.url}react/`);
  await waitSent(page, MOUNT);
  const part = (words, slot) => node("part", slot ? { slot } : {}, node("text", { text: words }));
  const host = node("host", { name: "seat", label: "x", props: '{"row":3}' }, part("beside the seat"), node("fallback", {}, node("text", { text: "No seats" })));
  const strings = new Strings();
  await feed(page, snap(box(host), strings));
  await page.getByRole("button", { name: /Row 3/ }).waitFor();
  await page.getByText("beside the seat").waitFor();
  assert.equal(await page.getByText("beside the seat").evaluate((el) => !!el.closest("div:has(> button)")?.textContent.includes("Row 3")), true);
  assert.equal(await page.getByText("No seats").isVisible(), false);
  // Ids: 2 the seat, 3 what is beside it.
  const note = page.locator("small");
  assert.equal(await note.count(), 0, "a slot with nothing in it is undefined");
  const patch = (seq, change) => feed(page, change(new Patch(strings, [1, seq, 0])).done());
  await patch(2, (p) => p.insert(2, 3, part("by the window", "note")));
  await note.getByText("by the window").waitFor();
  assert.match(await page.locator(".host").innerText(), /Row 3.*by the window\s*beside the seat/s);
  await patch(3, (p) => p.set(3, "part", "slot", "note"));
  await note.getByText("beside the seat").waitFor();
  assert.equal(await note.innerText().then((words) => words.replaceAll(/\s+/g, " ")), "by the window beside the seat");
  await patch(4, (p) => p.set(2, "host", "name", "nobody's"));
  await page.getByText("No seats").waitFor();
  await patch(5, (p) => p.set(2, "host", "name", "seat").drop(7));
  await note.getByText("beside the seat").waitFor();
  await patch(6, (p) => p.drop(3));
  await note.waitFor({ state: "detached" });
  await page.getByRole("button", { name: /Row 3/ }).waitFor();
});

case_("a slot that is named like another property is the application's mistake, and shown as one", async (page) => {
  await page.goto(`${site.url}react-twice/`);
  await waitSent(page, MOUNT);
  await feed(page, snap(box(node("host", { name: "seat", label: "A seat", props: '{"row":3}' })), new Strings()));
  await page.getByText("A seat", { exact: true }).waitFor();
}, ['the slot "row" has the name of another property']);

case_("the element takes props before it is defined and after, loads what that needs when it does, and says them again after a drop", async (page) => {
  const asked = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  await page.goto(site.url);
  assert.equal((await waitSent(page, MOUNT))[0].length, 5);
  await feed(page, snap(box(node("text", { text: "shown" })), new Strings()));
  await page.getByText("shown").waitFor();
  assert.equal(asked.includes("/vitrine/page.js"), false, "nothing of it is loaded in a page that gives nothing");
  await page.evaluate(() => (document.querySelector("vitrine-plugin").props = { n: 1 }));
  assert.equal(words((await waitSent(page, PROPS))[0], 4), '{"n":1}');
  assert.equal(asked.includes("/vitrine/page.js"), true);
  assert.deepEqual(await page.evaluate(() => document.querySelector("vitrine-plugin").props), { n: 1 });

  await page.evaluate(() => window.__sockets.at(-1).onclose());
  await page.waitForFunction(() => window.__sent.filter((frame) => frame[0] === 0x45).length === 1);
  await feed(page, [RESUMED, 1, 1, 1, 0]);
  const again = await waitSent(page, PROPS, 2);
  assert.deepEqual(again[1], again[0]);

  await page.evaluate(() => {
    const el = document.createElement("vitrine-plugin");
    el.props = { n: 2 };
    el.setAttribute("place", "here");
    document.querySelector("main").append(el);
  });
  assert.match(words((await waitSent(page, MOUNT, 2))[1], 5), /\{"n":2\}$/);
});
