// Charts and sliders of numbers that are not the usual ones: tiny, huge, alone, the wrong way round.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { active, node, snap, Strings } from "../../shell/build/test/encode.js";
import { launch, open } from "./browser.js";
import { mount, serve } from "./fixture.js";

let browser, site;
before(async () => {
  [browser, site] = [await launch(), await serve()];
});
after(async () => {
  await browser?.close();
  site?.close();
});

/** Shows a component; the answer says what words were drawn on its canvas, and which points were handed to it. */
async function drawn(t, tree) {
  const { context, page, troubles } = await open(browser, { viewport: { width: 700, height: 700 } });
  t.after(() => context.close());
  await page.addInitScript(() => {
    window.__drawn = { words: [], at: [] };
    const { prototype } = CanvasRenderingContext2D;
    const { fillText } = prototype;
    prototype.fillText = function (...given) {
      window.__drawn.words.push(given[0].replaceAll(/[\u2068\u2069]/g, ""));
      return fillText.apply(this, given);
    };
    for (const name of ["lineTo", "rect", "arc", "fillRect"]) {
      const does = prototype[name];
      prototype[name] = function (...given) {
        window.__drawn.at.push([name, ...given.map(String)]);
        return does.apply(this, given);
      };
    }
  });
  await mount(page, site.url, snap(node("box", {}, tree), new Strings()));
  await page.locator("vitrine-plugin .body > .box").waitFor();
  if (await page.locator(".plot").count()) await page.waitForFunction(() => window.__drawn.at.length);
  assert.deepEqual(troubles, []);
  return { page, ...(await page.evaluate(() => window.__drawn)) };
}

/** How many pixels of the chart have the colour of its first series. */
const inked = (page) => page.locator(".plot canvas").evaluate((canvas) => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  let n = 0;
  for (let i = 0; i < data.length; i += 4) n += data[i + 3] > 128 && data[i + 2] - data[i] > 80;
  return n;
});

const chart = (type, points, props = {}) => node("chart", { type, label: "c", ...props }, node("series", { label: "s", points, tone: "accent" }));

for (const [points, props, ticks] of [
  ["0.0001 0.0003 0.0005", {}, ["0", "0.0001", "0.0002", "0.0003", "0.0004", "0.0005"]],
  ["-0.3 0.3", {}, ["-0.2", "0", "0.2"]],
  ["1000000.1 1000000.5", { min: 1000000.1 }, ["1,000,000.1", "1,000,000.2", "1,000,000.3", "1,000,000.4", "1,000,000.5"]],
  ["0 4e-9", {}, ["0", "1E-9", "2E-9", "3E-9", "4E-9"]],
  ["1 2", { min: 10, max: 0 }, ["0", "2", "4", "6", "8", "10"]],
]) {
  test(`the ticks of ${points} are what they stand for`, { timeout: 600_000 }, async (t) => {
    const { words } = await drawn(t, chart("line", points, props));
    assert.deepEqual([...new Set(words)].filter((word) => word !== ""), ticks);
  });
}

test("a slider says its small number", { timeout: 600_000 }, async (t) => {
  const { page } = await drawn(t, active(node("slider", { label: "Share", value: 0.0003, min: 0, max: 0.001, step: 0.0001, unit: "m" }), "input"));
  await page.locator("[aria-valuetext]").waitFor();
  assert.deepEqual([await page.locator(".value").textContent(), await page.locator("[type=range]").getAttribute("aria-valuetext")], ["0.0003 m", "0.0003 m"]);
});

for (const [name, type, points, props] of [
  ["one point", "line", "5"], ["one point of an area", "area", "5"], ["a point alone between gaps", "line", "x x 5 x x"], ["a bare point", "line", "5", { bare: true }],
  ["a point alone at the end", "area", "x x 5"], ["numbers as large as there are", "line", "-1e308 1e308 1e308"], ["bars as large as there are", "bar", "-1e308 1e308"],
  ["bars in a stack of what is too large", "bar", "1e308 1e308", { stacked: true }], ["edges the wrong way round", "bar", "4 5", { min: 9, max: 1 }],
  ["a lower edge above all points", "bar", "4 5", { min: 9 }], ["edges as far as there are", "area", "4 1e308", { min: -1e308, max: 1e308 }], ["bars below zero", "bar", "-5 -1"],
]) {
  test(`a chart shows ${name}`, { timeout: 600_000 }, async (t) => {
    const { page, at } = await drawn(t, chart(type, points, props));
    assert.deepEqual(at.filter((given) => given.some((n) => n === "NaN" || n.includes("Infinity"))), []);
    assert.ok((await inked(page)) >= 12, `${await inked(page)} pixels of ink; ${JSON.stringify(at)}`);
  });
}

test("bars end below the upper edge and above the lower one", { timeout: 600_000 }, async (t) => {
  for (const points of ["1 5", "-5 -1", "-5 5"]) {
    const { at } = await drawn(t, chart("bar", points));
    for (const [, , y, , high] of at.filter(([does]) => does === "rect")) assert.ok(Number(y) > 0 && Number(y) + Number(high) <= 200, `${points}: ${JSON.stringify(at)}`);
  }
});
