// Who needs it otherwise: another direction, forced colours, the keyboard alone.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { active, node, Patch, snap, Strings } from "../../shell/build/test/encode.js";
import { launch, open, pixels, shot } from "./browser.js";
import { feed, mount, serve } from "./fixture.js";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

let browser, site;
before(async () => {
  [browser, site] = [await launch(), await serve()];
});
after(async () => {
  await browser?.close();
  site?.close();
});

/** A test with a page that shows some components. */
function shows(name, kids, run, { dir = "ltr", ...options } = {}) {
  test(name, { timeout: 600_000 }, async () => {
    const { context, page, troubles } = await open(browser, options);
    const strings = new Strings();
    await page.addInitScript((way) => addEventListener("DOMContentLoaded", () => (document.documentElement.dir = way)), dir);
    await mount(page, site.url, snap(node("box", {}, ...kids), strings));
    await page.locator("vitrine-plugin .body > .box").waitFor();
    await run(page, strings);
    assert.deepEqual(troubles.filter((trouble) => !trouble.includes("willReadFrequently")), []);
    await context.close();
  });
}

/** Where the first and the last character of each text with some words stand, and the box that they stand in. */
const standing = (page, words) =>
  page.evaluate((wanted) => {
    const out = [];
    const walker = document.createTreeWalker(document.querySelector("vitrine-plugin").shadowRoot.querySelector(".body"), NodeFilter.SHOW_TEXT);
    for (let text = walker.nextNode(); text; text = walker.nextNode()) {
      if (!text.data.startsWith(wanted)) continue;
      const at = (n) => {
        const range = document.createRange();
        range.setStart(text, n);
        range.setEnd(text, n + 1);
        return range.getBoundingClientRect();
      };
      const { left, right } = (text.parentElement.closest("th") ?? text.parentElement).getBoundingClientRect();
      out.push({ of: text.parentElement.className || text.parentElement.localName, first: at(0).left, last: at(text.length - 1).left, left, right });
    }
    return out;
  }, words);

/** A text in every place that shows one. */
const everywhere = (text) => [
  node("text", { text }), node("heading", { text }), node("button", { text }), node("badge", { text }), node("link", { text, href: "https://example.org/" }),
  node("textfield", { label: text, hint: text, error: text }), node("checkbox", { label: text }), node("progress", { label: text }),
  node("radiogroup", { label: "Of" }, node("radio", { text, value: "a", hint: text })),
  node("facts", {}, node("fact", { label: text, text, hint: text })),
  node("list", {}, node("item", { text })), node("card", { title: text, text }), node("banner", { text, title: text }), node("empty", { title: text, text }),
  node("tabs", { label: "Tabs" }, node("tab", { text, value: "a" })), node("menu", { text: "Menu" }, node("menuitem", { text })),
  node("fieldset", { label: text }),
  node("table", { label: text }, node("column", { text, align: "end" }), node("column", { text }), node("row", {}, node("cell", { text }), node("cell", { text, align: "end" }))),
];

shows("a text reads in its own direction in a page of the other one", everywhere("3.1 %"), async (page) => {
  await shot(page, "needs-rtl", { fullPage: true });
  const all = await standing(page, "3.1 %");
  assert.ok(all.length > 25, `${all.length} texts`);
  assert.deepEqual(all.filter(({ of, first, last }) => first > last && of !== "menuitem").map(({ of }) => of), []);
}, { dir: "rtl" });

shows("a text of the other direction in a page from left to right", everywhere("مرحبا 5!"), async (page) => {
  assert.deepEqual((await standing(page, "مرحبا 5!")).filter(({ of, first, last }) => first < last && of !== "menuitem").map(({ of }) => of), []);
});

const sides = [node("text", { text: "3.1 %" }), node("textfield", { label: "3.1 %" }), node("radiogroup", { label: "3.1 %" }, node("radio", { text: "3.1 %", value: "a" })),
  node("table", { label: "T" }, node("column", { text: "3.1 %", align: "end" }), node("column", { text: "B" }), node("row", {}, node("cell", { text: "3.1 %" }), node("cell", { text: "3.1 %" })))];
for (const [dir, near, far] of [["ltr", "left", "right"], ["rtl", "right", "left"]]) {
  shows(`texts stand on the sides that the page has, ${dir}`, sides, async (page) => {
    const side = ({ first, last, left, right }) => (Math.min(first, last) - left < right - Math.max(first, last) ? "left" : "right");
    const all = await standing(page, "3.1 %");
    assert.deepEqual(all.map(side), [near, near, near, near, far, far, near]);
  }, { dir });
}

const tones = ["good", "warning", "danger"];
const stack = node("chart", { type: "bar", label: "Rides", stacked: true }, ...tones.map((tone) => node("series", { label: tone, tone, points: "5" })));

shows("tones can be told apart where the person forces the colours", [stack], async (page) => {
  await shot(page, "needs-forced");
  const at = await page.locator(".plot canvas").boundingBox();
  const { width, height, data } = await pixels(page, { x: Math.round(at.x + at.width / 2 - 60), y: Math.round(at.y), width: 120, height: Math.round(at.height) });
  const dark = (x, y) => data[4 * (y * width + x)] < 128;
  /** How much of a band around a height of the bar is filled. */
  const filled = (part) => {
    const from = Math.round(height * part) - 9;
    let n = 0;
    for (let y = from; y < from + 18; y++) for (let x = 0; x < width; x++) n += dark(x, y);
    return n / (18 * width);
  };
  const [danger, warning, good] = [1 / 6, 1 / 2, 5 / 6].map((part) => filled(0.03 + 0.94 * part));
  for (const [n, want] of [[good, 1 / 2], [warning, 1 / 4], [danger, 1 / 6]]) assert.ok(Math.abs(n - want) < 0.06, JSON.stringify({ good, warning, danger }));
  const keys = await page.locator(".key i").evaluateAll((all) => all.map((el) => getComputedStyle(el).backgroundImage));
  assert.equal(new Set(keys).size, tones.length, keys.join("\n"));
}, { forcedColors: "active" });

const long = "A sentence that is said again and again. ".repeat(60);
const phone = { viewport: { width: 375, height: 700 } };

shows("what scrolls can be reached by keyboard, and nothing else", [node("code", { text: "x = 1" }), node("popover", { text: "More" }, node("text", { text: long })), node("popover", { text: "Short" }, node("text", { text: "short" }))], async (page, strings) => {
  const code = page.locator(".code");
  const wrong = async () => {
    await page.evaluate(axe);
    return (await page.evaluate(() => window.axe.run(document, { runOnly: ["scrollable-region-focusable"] }))).violations.map(({ nodes }) => nodes.map(({ html }) => html.slice(0, 100)));
  };
  /** Waits until the keyboard stops at something, or does not. */
  const stops = async (el, does) => el.and(page.locator(does ? '[tabindex="0"]' : ":not([tabindex])")).waitFor();
  await stops(code, false);
  await feed(page, new Patch(strings, [1, 2, 0]).text(2, "x = 1; ".repeat(40)).done());
  await stops(code, true);
  assert.deepEqual(await wrong(), []);
  await page.setViewportSize({ width: 6000, height: 700 });
  await page.locator("vitrine-plugin").evaluate((el) => el.parentElement.style.setProperty("max-width", "none"));
  await stops(code, false);
  await page.setViewportSize(phone.viewport);
  await page.getByRole("button", { name: "More" }).click();
  const panel = page.locator(".pop:popover-open");
  await panel.getByText("A sentence").waitFor();
  await stops(panel, true);
  assert.deepEqual(await wrong(), []);
  await page.keyboard.press("Tab");
  await page.keyboard.press("End");
  await page.waitForFunction(() => document.querySelector("vitrine-plugin").shadowRoot.querySelector(".pop:popover-open").scrollTop > 100);
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Short" }).click();
  await panel.getByText("short").waitFor();
  await stops(panel, false);
}, phone);

shows("a degree sign alone stands close to its number", [
  ...["°", "°C", "%"].map((unit) => active(node("slider", { label: unit, value: 15, min: 0, max: 20, unit }), "input")),
  node("chart", { type: "line", label: "Angle", unit: "°" }, node("series", { label: "a", points: "1 15" })),
], async (page) => {
  assert.deepEqual(await page.locator(".value").allTextContents(), ["15°", "15 °C", "15 %"]);
  await page.evaluate(() => {
    window.__drawn = [];
    CanvasRenderingContext2D.prototype.fillText = (words) => window.__drawn.push(words);
  });
  await page.setViewportSize({ width: 700, height: 700 });
  await page.waitForFunction(() => window.__drawn.length);
  assert.deepEqual(await page.evaluate(() => [...new Set(window.__drawn)].filter(Boolean).map((words) => words.replaceAll(/[\u2068\u2069]/g, ""))), ["0°", "5°", "10°", "15°"]);
});

shows("what is disabled, and what stands on a filled button, is seen where the person forces the colours", [
  node("switch", { label: "Off", disabled: true }), node("switch", { label: "On" }), node("filefield", { label: "File", disabled: true }),
  node("menu", { text: "Menu", variant: "primary", icon: "add" }, node("menuitem", { text: "One" })),
], async (page) => {
  await page.getByRole("button", { name: "Menu" }).waitFor();
  await shot(page, "needs-forced-disabled");
  const looks = (selector, pseudo, name) => page.locator(selector).first().evaluate((el, [of, what]) => getComputedStyle(el, of)[what], [pseudo, name]);
  const system = (name) => page.evaluate((colour) => {
    const el = document.body.appendChild(document.createElement("i"));
    el.style.cssText = `forced-color-adjust:none;color:${colour}`;
    return getComputedStyle(el).color;
  }, name);
  const [gray, onAccent] = [await system("GrayText"), await system("HighlightText")];
  assert.deepEqual([
    await looks("[role=switch]:disabled", null, "borderTopColor"), await looks("[role=switch]:disabled", "::before", "backgroundColor"), await looks(".drop", null, "borderTopColor"),
    await looks(".drop .choose", null, "color"), await looks(".drop", null, "opacity"),
  ], [gray, gray, gray, gray, "1"]);
  assert.notEqual(await looks("[role=switch]:enabled", "::before", "backgroundColor"), gray);
  for (const pseudo of ["::before", "::after"]) assert.equal(await looks(".opener > .button", pseudo, "backgroundColor"), onAccent, pseudo);
}, { forcedColors: "active" });
