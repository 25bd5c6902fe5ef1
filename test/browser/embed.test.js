// The examples of embedding, as an application has them: without a framework, and with React.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { active, node, Patch, snap, Strings } from "../../shell/build/test/encode.js";
import { launch, open } from "./browser.js";
import { feed, mount, sent, serve, waitSent } from "./fixture.js";

const EVENT = 0x43;
const UNMOUNT = 0x47;

let browser, site;
before(async () => {
  [browser, site] = [await launch(), await serve()];
  const read = (path) => readFileSync(new URL(`../../shell/${path}`, import.meta.url));
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
  test(name, { timeout: 60_000 }, async () => {
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

example("a React component stands where the plugin wants it and keeps its state", "react", box(seat({ row: 3 })), async (page, strings) => {
  await page.getByText("The plugin is ready").waitFor();
  assert.equal(await page.getByText("It is on its way").count(), 0);
  await page.getByRole("button", { name: "Row 3, asked for 0 times" }).click();
  assert.deepEqual(await calls(page, 1), ['|take|{"row":3}']);
  await feed(page, new Patch(strings, [1, 2, 1]).set(2, "host", "props", '{"row":5}').done());
  await page.getByRole("button", { name: "Row 5, asked for 1 times" }).waitFor();
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
