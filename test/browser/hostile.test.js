// What a hostile plugin says: every payload as every text of every component. Nothing runs, nothing is asked for, nothing
// covers the page.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { catalog } from "../../shell/build/test/catalog.js";
import { active, node, Patch, snap, Strings } from "../../shell/build/test/encode.js";
import { launch, open } from "./browser.js";
import { feed, mount, serve, waitSent } from "./fixture.js";

let browser, site;
before(async () => {
  [browser, site] = [await launch(), await serve()];
});
after(async () => {
  await browser?.close();
  site?.close();
});

const run = "window.__ran=1";
const payloads = [
  `<img src=/stolen onerror="${run}">`, `<script>${run}</script>`, `"><svg/onload=${run}>`, `' autofocus onfocus='${run}`, `javascript:${run}`, `java\tscript:${run}`,
  `data:text/html,<script>${run}</script>`, "</style><style>*{background:url(/stolen)}", "}*{position:fixed;inset:0}", "url(/stolen)", "expression(alert(1))", `\${${run}}`, `{{constructor.constructor('${run}')()}}`,
  "__proto__", "constructor", "body", "cookie", "attributes", "submit", "nodeName", "../../stolen", "//evil.example/stolen", "\u202emoc.live\u202c", "\u0000", "Z\u0351\u036b\u0343".repeat(200), "W".repeat(16_000), "\n".repeat(2000),
];

/** What holds a component that cannot stand alone. */
const parents = { option: "select", column: "table", row: "table", cell: "row", tab: "tabs", menuitem: "menu", radio: "radiogroup", series: "chart", fact: "facts", item: "list", part: "host", fallback: "host" };
const numbers = { width: 100, height: 100 };
const given = { asset: "a.png", link: "https://example.com/" };

/** A component with a text in every place where it takes one, within what it can stand in. */
function full(name, text, inside) {
  const { props, events } = catalog.find((c) => c.name === name);
  const values = Object.fromEntries(props.flatMap(({ name: prop, kind }) => {
    if (kind === "t") return [[prop, text]];
    if (kind === "n") return [[prop, prop === "max" ? 2 : 1]];
    if (kind === "a") return [[prop, given.asset]];
    if (kind === "l") return [[prop, given.link]];
    return (name === "canvas" || name === "image") && prop in numbers ? [[prop, numbers[prop]]] : [];
  }));
  const self = active(node(name, values, ...(inside ? [inside] : [])), ...events.map((event) => event.name));
  return parents[name] ? full(parents[name], text, self) : self;
}

/** What is wrong with the page: what ran, what should not be there, what the page was turned into. */
function wrongs() {
  const plugin = document.querySelector("vitrine-plugin");
  const all = [...plugin.shadowRoot.querySelectorAll("*")];
  const box = plugin.getBoundingClientRect();
  const found = [];
  if (window.__ran) found.push("a script ran");
  for (const el of all) {
    if (/^(script|style|iframe|object|embed|base|meta|link|svg|math|form|template)$/.test(el.localName)) found.push(`<${el.localName}>`);
    for (const name of el.getAttributeNames()) if (/^(on|style$|is$|srcdoc|action|formaction|target$)/.test(name) && !(name === "target" && el.target === "_blank")) found.push(`${el.localName} ${name}`);
    if (el.localName === "a" && el.getAttribute("href") !== "https://example.com/") found.push(`a link to ${el.href}`);
  }
  for (const [x, y] of [[box.x + 20, box.y - 4], [box.x - 4, box.y + 40], [box.right + 4, box.y + 40], [2, 2]]) {
    if (document.elementFromPoint(x, y) === plugin) found.push(`it covers ${Math.round(x)},${Math.round(y)}`);
  }
  if (document.documentElement.scrollWidth > innerWidth) found.push("the page is wider than its window");
  if (!(document.body instanceof HTMLBodyElement) || document.forms.length || {}.polluted !== undefined) found.push("the document is another");
  return found;
}

test("payloads stay text, in every text of every component", { timeout: 600_000 }, async () => {
  const { context, page, troubles } = await open(browser);
  const asked = [];
  await mount(page, site.url, snap(node("box", {})));
  await feed(page, snap(node("box", {}, ...catalog.map(({ name }) => full(name, "x"))), new Strings(), [1, 2, 2, 0]));
  await page.locator("vitrine-plugin .chart").first().waitFor(); // the parts are loaded
  await page.waitForFunction(() => performance.getEntriesByType("resource").some(({ name }) => name.endsWith("/morph.js"))); // it comes by itself, after some seconds
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  page.on("dialog", (dialog) => asked.push(`dialog ${dialog.message()}`));
  for (const [n, payload] of payloads.entries()) {
    await feed(page, snap(node("box", {}, ...catalog.map(({ name }) => full(name, payload))), new Strings(), [1, n + 3, n + 3, 0]));
    assert.equal(await page.evaluate(() => window.__sent.some((frame) => frame[0] === 0x48)), false, `${payload}: the frame was refused`);
    const box = await page.locator("vitrine-plugin").boundingBox();
    await page.mouse.move(box.x + 30, box.y + 30);
    assert.deepEqual(await page.evaluate(wrongs), [], payload.slice(0, 60));
  }
  assert.deepEqual(asked.filter((path) => path !== "/vitrine/assets/p/1.0.0/a.png"), []);
  assert.deepEqual(troubles.filter((trouble) => !/404|willReadFrequently|does not conform/.test(trouble)), []);
  await context.close();
});

const links = ["javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\tscript:alert(1)", " javascript:alert(1)", "data:text/html,x", "blob:https://x/y", "vbscript:x", "file:///etc/passwd", "//evil.example/", "/\\evil.example", "https://a@evil.example/", "https:/\\evil.example", "filesystem:x", "intent://x", "\u0001javascript:alert(1)"];

test("an address that is none for a link is refused with its frame, and changes nothing", { timeout: 600_000 }, async () => {
  const { context, page } = await open(browser);
  const box = (href) => node("box", {}, node("link", { text: "there", href }));
  const strings = new Strings();
  await mount(page, site.url, snap(box("https://example.com/"), strings));
  const link = page.getByRole("link", { name: "there" });
  await link.waitFor();
  for (const [n, href] of links.entries()) {
    await feed(page, new Patch(new Strings(), [1, 2 + n, 0]).set(2, "link", "href", href).done());
    assert.equal((await waitSent(page, 0x48, n + 1)).length, n + 1, `${href} was taken`);
    assert.equal(await link.getAttribute("href"), "https://example.com/");
    await feed(page, snap(box("https://example.com/"), new Strings(), [1, 2 + n, 2 + n, 0]));
  }
  await context.close();
});
