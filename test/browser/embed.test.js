// The examples of embedding, as an application has them: without a framework, and with React.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { active, node, Patch, snap, Strings } from "../../shell/build/test/encode.js";
import { launch, open, shot } from "./browser.js";
import { feed, mount, sent, serve, stub, waitSent } from "./fixture.js";

const MOUNT = 0x42;
const EVENT = 0x43;
const VISIBLE = 0x46;
const UNMOUNT = 0x47;
/** Where the React example stands, in pixels from the top: browsers draw to whole ones. */
const places = [0, 100.2, 100.5, 100.6, 100.94];

let browser, site;
before(async () => {
  [browser, site] = [await launch(), await serve()];
  const read = (path) => readFileSync(new URL(`../../shell/${path}`, import.meta.url));
  for (const place of places) {
    const html = read("examples/react/index.html").toString().replace("<h1>", `<link rel="stylesheet" href="/at${place}.css"><h1>`);
    site.files[`/react/${place}`] = ["text/html; charset=utf-8", html];
    site.files[`/at${place}.css`] = ["text/css", `#app{position:absolute;inset:${place}px 0 auto;overflow:hidden}p{margin:0;line-height:20px}`];
  }
  for (const name of ["plain", "react"]) {
    site.files[`/${name}/`] = ["text/html; charset=utf-8", read(`examples/${name}/index.html`)];
    site.files[`/${name}/app.js`] = ["text/javascript", read(`build/examples/${name}.js`)];
  }
});
after(async () => {
  await browser?.close();
  site?.close();
});

/** A test of an example that shows a tree; whatever the page reports as wrong fails it. */
function example(name, which, tree, run, expected = []) {
  test(name, { timeout: 600_000 }, async () => {
    const { context, page, troubles } = await open(browser);
    const strings = new Strings();
    await mount(page, `${site.url}${which}/`, snap(tree, strings));
    await run(page, strings);
    assert.deepEqual(troubles.filter((trouble) => !expected.some((part) => trouble.includes(part))), []);
    await context.close();
  });
}

const seat = (props, name = "seat") => active(node("host", { name, label: "Seats", props: JSON.stringify(props), href: "https://example.com/seats" },
  node("fallback", {}, node("text", { text: "No seats here" }))), "call");
const box = (...kids) => node("box", {}, ...kids);
const calls = async (page, n) => (await waitSent(page, EVENT, n)).map((frame) => new TextDecoder().decode(new Uint8Array(frame.slice(6))).replaceAll(/[^ -~]/g, "|"));

example("a page's own element stands where the plugin wants it, and tells it what it may", "plain", box(seat({ row: 3 })), async (page, strings) => {
  const button = page.getByRole("button", { name: "Row 3" });
  await button.click();
  assert.deepEqual(await calls(page, 1), ['|take|{"row":3}']);
  await feed(page, new Patch(strings, [1, 2, 1]).set(2, "host", "props", '{"row":4,"taken":true}').done());
  await page.getByRole("button", { name: "Row 4", disabled: true }).waitFor();
  assert.equal(await page.getByText("No seats here").isVisible(), false);
  assert.equal(await page.locator("#said").textContent(), "ready");
});

const hostile = {
  row: "<img src=x onerror=alert(1)>", innerHTML: "<img src=/stolen onerror=alert(1)>", outerHTML: "<i>", onclick: "alert(1)", style: "position:fixed",
  id: "body", textContent: "gone", constructor: 1, ["__proto__"]: { taken: true }, toString: 1, show: "script",
};

example("a property that the page did not declare, or of another kind, never reaches its element", "plain",
  box(node("host", { name: "seat", label: "x", props: JSON.stringify(hostile).replace('"constructor"', '"__proto__":{"row":9},"constructor"') }), seat({}, "constructor"), seat({}, "__proto__"), node("host", { name: "script", label: "left out" })),
  async (page) => {
    const asked = [];
    page.on("request", (request) => asked.push(request.url()));
    await page.getByRole("button", { name: "Row 0" }).waitFor();
    const found = await page.locator("seat-picker").evaluate((el) => ({ html: el.innerHTML, names: el.getAttributeNames(), own: Object.keys(el), proto: Object.getPrototypeOf(el).constructor.name.length > 0 && el instanceof HTMLElement }));
    assert.deepEqual(found, { html: "<button>Row 0</button>", names: [], own: [], proto: true });
    assert.equal(await page.getByText("No seats here").count(), 2, "a name of an object's own prototype is no component");
    await page.getByText("left out").waitFor();
    assert.deepEqual(asked, []);
  });

const bare = active(node("host", { name: "seat", label: "A seat elsewhere", props: '{"row":100}' }), "call");
example("a React component that throws has its fallback until the plugin gives it something else, and the application goes on", "react", box(seat({ row: 100 }), bare, seat({ row: 3 })), async (page, strings) => {
  await page.getByText("The plugin is ready").waitFor();
  const instead = page.getByText("No seats here").first();
  await instead.waitFor();
  await page.getByText("A seat elsewhere").waitFor();
  assert.equal(await page.getByRole("button", { name: /Row 100/ }).count(), 0);
  await page.getByRole("button", { name: "Row 3, asked for 0 times" }).click();
  await feed(page, new Patch(strings, [1, 2, 1]).set(2, "host", "props", '{"row":7}').done());
  await page.getByRole("button", { name: "Row 7, asked for 0 times" }).click();
  assert.equal(await instead.isVisible(), false);
  await feed(page, new Patch(strings, [1, 3, 2]).set(2, "host", "props", '{"row":101}').done());
  await instead.waitFor();
  assert.equal(await page.getByRole("button", { name: /Row 7/ }).count(), 0);
  await page.getByRole("button", { name: "Row 3, asked for 1 times" }).waitFor();
}, ["no such row"]);

test("the example's own server shows it: a seat that React draws is taken at the page's price", { timeout: 600_000 }, async () => {
  const cwd = new URL("../..", import.meta.url).pathname;
  execFileSync(process.env.VITRINE ?? `${cwd}bin/vitrine`, ["build", "examples/seats"], { cwd, stdio: ["ignore", "ignore", "inherit"] });
  execFileSync("go", ["build", "-o", "build/reacthost", "./examples/reacthost"], { cwd, stdio: ["ignore", "ignore", "inherit"] });
  const server = spawn(`${cwd}build/reacthost`, ["-listen", "127.0.0.1:0"], { cwd, stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((then) => server.once("exit", then));
  const { context, page, troubles } = await open(browser);
  try {
    const line = await new Promise((then) => createInterface(server.stdout).once("line", then));
    await page.goto(line.slice("at ".length));
    await page.getByText("A seat is 10 euros.").waitFor();
    await page.getByText("It asks 10 euros.").waitFor();
    await page.getByRole("button", { name: "Ask for more" }).click();
    await page.getByText("A seat is 11 euros.").waitFor();
    await page.getByText("It asks 11 euros.").waitFor();
    await page.getByRole("button", { name: "Row 2, asked for 0 times" }).click();
    await page.getByText("1 taken, for 11 euros.").waitFor();
    await page.locator("small").getByText("In the middle").waitFor();
    await page.getByRole("button", { name: "Row 2, asked for 1 times", disabled: true }).waitFor();
    await shot(page, "react-light");
    await page.emulateMedia({ colorScheme: "dark" });
    await shot(page, "react-dark");
    await page.goto(`${line.slice("at ".length)}/plain/`);
    await page.getByRole("button", { name: "Row 2" }).click();
    await page.getByRole("button", { name: "Row 2", disabled: true }).waitFor();
    await page.getByText("1 taken, for 10 euros.").waitFor();
    await shot(page, "plain-dark");
    assert.deepEqual(troubles, []);
  } finally {
    await context.close();
    server.kill("SIGTERM");
    assert.equal(await ended, 0, "it drains");
  }
});

test("a plugin whose loading state is shown is in sight, wherever it stands", { timeout: 600_000 }, async () => {
  for (const place of places) {
    for (const scale of [1, 0.5]) {
      const { context, page, troubles } = await open(browser, { deviceScaleFactor: scale });
      await stub(page);
      await page.goto(`${site.url}react/${place}`);
      await page.getByText("It is on its way").waitFor();
      const [first] = await waitSent(page, MOUNT);
      const seen = await page.locator("vitrine-plugin").evaluate((el) => new Promise((then) => new IntersectionObserver(([entry]) => then(entry.isIntersecting), { rootMargin: "256px" }).observe(el)));
      assert.equal(seen, true, `at ${place}, ${scale} pixels to one`);
      assert.equal((await sent(page, VISIBLE)).concat([first]).every((frame) => frame[2] === 1), true, `the server is told that it is out of sight at ${place}`);
      assert.deepEqual(troubles, []);
      await context.close();
    }
  }
});

example("a React component stands where the plugin wants it and keeps its state", "react", box(seat({ row: 3 })), async (page, strings) => {
  await page.getByText("The plugin is ready").waitFor();
  assert.equal(await page.getByText("It is on its way").count(), 0);
  await page.getByRole("button", { name: "Row 3, asked for 0 times" }).click();
  assert.deepEqual(await calls(page, 1), ['|take|{"row":3}']);
  await feed(page, new Patch(strings, [1, 2, 1]).set(2, "host", "props", '{"row":5}').done());
  await page.getByRole("button", { name: "Row 5, asked for 1 times" }).waitFor();
  const seat = page.getByRole("button", { name: "Row 5, asked for 1 times" });
  assert.equal(await seat.getAttribute("title"), "10 euros", "it has the contexts of the application");
  await page.getByRole("button", { name: "Ask for more" }).click();
  await page.getByTitle("11 euros").waitFor();
  await seat.waitFor();
  await feed(page, new Patch(strings, [1, 3, 1]).drop(2).done());
  await page.getByRole("button", { name: /Row/ }).waitFor({ state: "detached" });
});

example("another place is another mount; what goes wrong is shown by the application", "react", box(node("text", { text: "shown" })), async (page) => {
  await page.getByText("shown").waitFor();
  await page.getByRole("button", { name: "elsewhere" }).click();
  await page.getByText("It is on its way").waitFor();
  assert.deepEqual((await waitSent(page, UNMOUNT)).at(-1), [UNMOUNT, 1]);
  const [, second] = await waitSent(page, 0x42, 2);
  await feed(page, [6, second[1], 1, 0, 4, ..."oops".split("").map((c) => c.charCodeAt(0))]);
  await page.getByText("It cannot be shown: oops").waitFor();
  assert.equal(await page.locator("vitrine-plugin").isVisible(), false);
  await page.getByRole("button", { name: "Try once more" }).click();
  const third = (await waitSent(page, 0x42, 3)).at(-1);
  await feed(page, snap(box(node("text", { text: "back" })), new Strings(), [third[1], 1, 1, 0]));
  await page.getByText("back").waitFor();
  assert.equal((await sent(page, 0x42)).length, 3);
});

/** A page that supplies two custom elements with slots, and a function; a plugin in it that shows a tree. */
async function supplied(page, tree, strings) {
  await stub(page);
  await page.goto(site.url);
  await page.evaluate(() => {
    for (const tag of ["one-card", "two-card"]) {
      customElements.define(tag, class extends HTMLElement {
        constructor() {
          super();
          const root = this.attachShadow({ mode: "open" });
          root.append(tag, document.createElement("p"), document.createElement("slot"));
          root.lastChild.name = "more";
        }
        set row(row) {
          this.shadowRoot.querySelector("p").textContent = `row ${row}`;
        }
      });
    }
    const props = { row: "number" };
    const made = (into) => {
      into.textContent = "a function's";
      return { update() {}, remove: () => (window.__removed = (window.__removed ?? 0) + 1) };
    };
    document.querySelector("vitrine-plugin").components = { one: { props, show: "one-card" }, two: { props, show: "two-card" }, made: { show: made } };
  });
  await waitSent(page, 0x42);
  await feed(page, snap(tree, strings));
}

const part = (words, slot = "more") => node("part", { slot }, node("text", { text: words }));
const card = (name, ...kids) => node("host", { name, label: "A card", props: '{"row":3}' }, ...kids);
/** What a person reads of the plugin, line by line. */
const reads = (page) => page.locator("vitrine-plugin .body").evaluate((body) => {
  const seen = [];
  const walk = (at) => {
    if (at.nodeType === 3) seen.push(at.data);
    else if (at.localName === "slot") at.assignedNodes().forEach(walk);
    else if (at.checkVisibility?.() ?? true) (at.shadowRoot ?? at).childNodes.forEach(walk);
  };
  walk(body);
  return seen.filter(Boolean);
});

/** A test of what host components become when the plugin changes. */
function changing(name, tree, run) {
  test(name, { timeout: 600_000 }, async () => {
    const { context, page, troubles } = await open(browser);
    const strings = new Strings();
    let seq = 1;
    await supplied(page, box(tree), strings);
    await page.locator("vitrine-plugin .host > :first-child").waitFor({ state: "attached" });
    await run(page, async (change) => {
      const p = new Patch(strings, [1, ++seq, 0]);
      change(p);
      await feed(page, p.done());
      await waitSent(page, 0x44, seq);
    });
    assert.deepEqual(troubles, []);
    await context.close();
  });
}

// Ids: 1 the box, 2 the host component, what is in it from 3.
changing("a host component that is renamed gives its place to the other, parts and all", card("one", part("within"), node("fallback", {}, node("text", { text: "instead" }))), async (page, patch) => {
  assert.deepEqual(await reads(page), ["one-card", "row 3", "within"]);
  await patch((p) => p.set(2, "host", "name", "two"));
  assert.deepEqual(await reads(page), ["two-card", "row 3", "within"]);
  await patch((p) => p.set(2, "host", "name", "made"));
  assert.deepEqual(await reads(page), ["within", "a function's"]);
  await patch((p) => p.set(2, "host", "name", "nobody's"));
  assert.deepEqual(await reads(page), ["instead"]);
  await patch((p) => p.set(2, "host", "name", "one").text(4, "within again"));
  assert.deepEqual(await reads(page), ["one-card", "row 3", "within again"]);
  assert.equal(await page.evaluate(() => window.__removed), 1);
  await patch((p) => p.set(2, "host", "name", "made"));
  await patch((p) => p.drop(2));
  assert.deepEqual(await reads(page), []);
  assert.equal(await page.evaluate(() => window.__removed), 2, "it is let go of once");
});

changing("a part that comes later stands in its slot, and where it was put", card("one", part("first")), async (page, patch) => {
  await patch((p) => p.insert(2, 3, part("before")));
  await patch((p) => p.insert(2, 0, part("last")));
  assert.deepEqual(await reads(page), ["one-card", "row 3", "before", "first", "last"]);
  await patch((p) => p.move(7, 5));
  await patch((p) => p.drop(3));
  assert.deepEqual(await reads(page), ["one-card", "row 3", "last", "before"]);
});

changing("what is in no slot is not shown beside a fallback, and the last resort is gone when there is one", card("nobody's"), async (page, patch) => {
  assert.deepEqual(await reads(page), ["A card"]);
  await patch((p) => p.set(2, "host", "label", "Another card"));
  assert.deepEqual(await reads(page), ["Another card"]);
  await patch((p) => p.insert(2, 0, part("a part")));
  assert.deepEqual(await reads(page), ["a part"]);
  await patch((p) => p.insert(2, 0, node("fallback", {}, node("text", { text: "instead" }))));
  assert.deepEqual(await reads(page), ["instead"]);
  await patch((p) => p.drop(5));
  assert.deepEqual(await reads(page), ["a part"]);
  await patch((p) => p.drop(3));
  assert.deepEqual(await reads(page), ["Another card"]);
});

test("a page's component that throws leaves the plugin alive", { timeout: 600_000 }, async () => {
  const { context, page, troubles } = await open(browser);
  await stub(page);
  await page.goto(site.url);
  await page.locator("vitrine-plugin").evaluate((plugin) => {
    const bad = ({ row }) => {
      if (row > 3) throw new Error("no such row");
    };
    plugin.components = {
      seat: { props: { row: "number" }, show(into, props) {
        into.textContent = "A seat";
        bad(props);
        return { update: bad, remove: () => bad({ row: 9 }) };
      } },
    };
  });
  await page.waitForFunction(() => window.__sent.some((frame) => frame[0] === 0x42));
  const strings = new Strings();
  await feed(page, snap(box(seat({ row: 3 }), seat({ row: 9 }), active(node("button", { text: "Go on" }), "click")), strings));
  await page.getByText("A seat").first().waitFor();
  await page.getByText("No seats here").last().waitFor(); // what could not be shown has its fallback
  await feed(page, new Patch(strings, [1, 2, 0]).set(2, "host", "props", '{"row":4}').done(), new Patch(strings, [1, 3, 0]).drop(2).done());
  await page.getByRole("button", { name: "Go on" }).click();
  await waitSent(page, EVENT);
  assert.equal((await sent(page, 0x48)).length, 0, "no frame was faulty");
  assert.deepEqual(troubles.map((trouble) => /no such row/.test(trouble)), [true, true, true]);
  await context.close();
});
