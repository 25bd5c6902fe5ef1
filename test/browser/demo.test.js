// The demo as a person meets it: the real server, a real browser, and a network that fails.
import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { launch, live, open, pickFile, pixels, shot } from "./browser.js";
import { startProxy, startServer } from "./server.js";

let browser, proxy, server;
before(async () => {
  proxy = await startProxy();
  server = await startServer(proxy.url);
  browser = await launch();
  proxy.to(server.url);
});
after(async () => {
  await browser?.close();
  proxy?.close();
  const code = await server?.stop();
  assert.equal(code, 0, "SIGTERM drains and exits 0");
});

/** A test on the demo page, both plugins shown; whatever the page reports as wrong fails it. */
function demo(name, run, { options, expected = [] } = {}) {
  test(name, { timeout: 600_000 }, async (t) => {
    const { context, page, troubles } = await open(browser, options);
    try {
      await page.goto(proxy.url);
      if (!options?.closed) await ready(page);
      await run(page, t);
      assert.deepEqual(troubles.filter((trouble) => !expected.some((part) => trouble.includes(part))), []);
      const { reports } = await (await fetch(`${server.url}/vitrine/csp-report`)).json();
      assert.equal(reports, 0, "the browser reported a violation of the policy");
    } catch (e) {
      await shot(page, `failed-${name.replaceAll(/\W+/g, "-").slice(0, 60)}`, { fullPage: true });
      t.diagnostic(server.log());
      throw e;
    } finally {
      proxy.slow(0);
      proxy.refuse(false);
      await context.close();
    }
  });
}

const fractal = (page) => page.getByRole("region", { name: "Fractal explorer" });
const lens = (page) => page.locator("#lens");
const search = (page) => lens(page).getByLabel("Search", { exact: true });
const magnified = (page, times) => fractal(page).getByText(`magnified ${times}×`).waitFor();

/** Waits until the fractal is drawn and a table is there. */
async function ready(page) {
  await live(page.locator("vitrine-plugin").first());
  await fractal(page).getByText("Drawn in").waitFor();
  await lens(page).scrollIntoViewIfNeeded(); // what cannot be seen is sent nothing
  await live(lens(page));
  await lens(page).getByRole("table").first().waitFor();
}

/** A number that stands for what the big canvas shows. */
const picture = (page) => fractal(page).locator(".canvas canvas").first().evaluate((el) => {
  const { data } = el.getContext("2d").getImageData(0, 0, el.width, el.height);
  let sum = 0;
  for (let i = 0; i < data.length; i += 4) sum = (Math.imul(sum, 31) + data[i] + 3 * data[i + 1] + 7 * data[i + 2]) | 0;
  return sum;
});

const changed = async (page, was) => {
  while ((await picture(page)) === was) await page.waitForTimeout(50);
};

demo("the fractal is drawn, dragged and zoomed", async (page) => {
  const canvas = fractal(page).getByRole("application").first();
  const { x, y, width, height } = await canvas.boundingBox();
  let was = await picture(page);
  assert.notEqual(was, 0);
  await page.mouse.move(x + width / 2, y + height / 2);
  await page.mouse.down();
  await page.mouse.move(x + width / 2 + 120, y + height / 2 + 40, { steps: 12 });
  await page.mouse.up();
  await changed(page, was);
  await fractal(page).getByText("Centre −0.700 + 0.000 i").waitFor({ state: "detached" });
  was = await picture(page);
  await page.mouse.wheel(0, -500);
  await magnified(page, "2.5");
  await changed(page, was);
}, { expected: ["willReadFrequently"] });

/** How many colours there are, at least. */
const colours = ({ data }) => new Set(data.flatMap((value, i) => (i % 4 ? [] : [(value << 16) | (data[i + 1] << 8) | data[i + 2]]))).size;
/** The share of pixels that differ between two pictures of one size. */
const difference = (a, b) => a.data.filter((value, i) => i % 4 === 0 && value !== b.data[i]).length / (a.data.length / 4);

demo("the wheel zooms the fractal where its shadow root is closed, as it is for everybody", async (page) => {
  const plugin = page.locator("vitrine-plugin").first();
  assert.equal(await plugin.evaluate((el) => el.shadowRoot), null, "the root is open");
  const box = await plugin.boundingBox();
  const clip = { x: box.x + 0.25 * box.width, y: box.y + 320, width: 160, height: 120 }; // well inside the picture
  const settled = async (wanted) => {
    for (let was; ; await page.waitForTimeout(150)) {
      const now = await pixels(page, clip);
      if (was && wanted(now) && difference(now, was) === 0) return now;
      was = now;
    }
  };
  const before = await settled((now) => colours(now) > 20);
  await page.mouse.move(clip.x + 80, clip.y + 60);
  await page.mouse.wheel(0, -500);
  await settled((now) => difference(now, before) > 0.1);
  assert.equal(await page.evaluate(() => scrollY), 0, "the page scrolled");
}, { options: { closed: true } });

demo("the fractal is explored by keyboard alone", async (page) => {
  const canvas = fractal(page).getByRole("application").first();
  await canvas.focus();
  const was = await picture(page);
  await page.keyboard.press("+");
  await magnified(page, "1.6");
  await page.keyboard.press("ArrowRight");
  await changed(page, was);
  await page.keyboard.press("Home");
  await magnified(page, "1");
}, { expected: ["willReadFrequently"] });

demo("every event arrives once, though the connection is lost in between", async (page) => {
  const zoom = fractal(page).getByRole("button", { name: "Zoom in" });
  await zoom.click();
  await magnified(page, "1.6");
  for (let n = 0; n < 3; n++) {
    await zoom.click();
    proxy.refuse(true);
    await fractal(page).getByText("Reconnecting").waitFor();
    await zoom.click();
    proxy.refuse(false);
    await fractal(page).getByText("Reconnecting").waitFor({ state: "detached" });
  }
  await magnified(page, "27"); // 1.6 to the 7th
}, { expected: ["WebSocket", "ERR_"] });

demo("what is typed while answers are late or lost is all there, and so is its effect", async (page) => {
  const rows = lens(page).getByRole("table").first().getByRole("row");
  const was = await rows.allTextContents();
  proxy.slow(150);
  await search(page).pressSequentially("ele", { delay: 20 });
  proxy.refuse(true);
  await search(page).pressSequentially("men", { delay: 20 });
  await lens(page).getByText("Reconnecting").waitFor();
  proxy.refuse(false);
  await search(page).pressSequentially("t that is not there", { delay: 10 });
  await lens(page).getByText(/^0 of .* match$/).waitFor();
  assert.equal(await search(page).inputValue(), "element that is not there");
  await search(page).fill("");
  await lens(page).getByText(/ match$/).waitFor({ state: "detached" });
  assert.deepEqual(await rows.allTextContents(), was);
}, { expected: ["WebSocket"] });

demo("the table is filtered and sorted", async (page) => {
  const table = lens(page).getByRole("table").first();
  const header = table.getByRole("columnheader").first();
  const first = () => table.getByRole("row").nth(1).textContent();
  const was = await first();
  await header.getByRole("button").press("Enter");
  await lens(page).locator('th[aria-sort="ascending"]').waitFor();
  await header.getByRole("button").click();
  await lens(page).locator('th[aria-sort="descending"]').waitFor();
  while ((await first()) === was) await page.waitForTimeout(50);
  await search(page).fill("Riverside");
  await lens(page).getByText(/ match$/).waitFor();
  assert.ok((await table.getByRole("row").allTextContents()).slice(1).every((row) => row.includes("Riverside")));
});

const dir = mkdtempSync("/tmp/vitrine-");
const file = (name, text) => {
  writeFileSync(`${dir}/${name}`, text);
  return `${dir}/${name}`;
};

demo("a file is shown; a bad one says where it is bad, and what was there stays", async (page) => {
  await pickFile(page, "lens", file("people.csv", "name,age\nAda,36\nGrace,85\nEdsger,72\n"));
  await lens(page).getByRole("heading", { name: "people" }).waitFor();
  await lens(page).getByRole("cell", { name: "Grace" }).waitFor();
  for (const [name, bytes] of [
    ["ragged.csv", "name,age\nAda,36\nGrace\n"],
    ["quotes.csv", 'name,age\n"Ada,36\n'],
    ["nul.csv", "name,age\nA\0da,36\n"],
    ["utf16.csv", Buffer.from("\ufeffname,age\nAda,36\n", "utf16le")],
  ]) {
    await pickFile(page, "lens", file(name, bytes));
    const error = lens(page).locator(".error").filter({ hasText: /line \d|UTF-16|NUL/i });
    await error.waitFor();
    assert.ok(await lens(page).getByRole("cell", { name: "Grace" }).isVisible(), `${name}: the table is gone`);
    await pickFile(page, "lens", file("people.csv", "name,age\nAda,36\nGrace,85\nEdsger,72\n"));
    await error.waitFor({ state: "detached" });
  }
});

demo("another data set is another place", async (page) => {
  const chooser = page.getByLabel("Data set");
  const options = await chooser.locator("option").allTextContents();
  assert.ok(options.length >= 2, "fewer than two data sets");
  const heading = await lens(page).getByRole("heading").first().textContent();
  await chooser.selectOption({ index: 1 });
  await lens(page).getByRole("table").first().waitFor();
  await page.waitForFunction((was) => document.querySelector("#lens vitrine-plugin").shadowRoot.querySelector(".heading")?.textContent !== was, heading);
});

demo("a deploy ends in a new server and a page that works", async (page) => {
  assert.equal(await server.stop(), 0);
  await fractal(page).getByText("Reconnecting").waitFor();
  server = await startServer(proxy.url);
  proxy.to(server.url);
  await fractal(page).getByText("Reconnecting").waitFor({ state: "detached" });
  const zoom = fractal(page).getByRole("button", { name: "Zoom in" });
  await magnified(page, "1");
  await zoom.click();
  await magnified(page, "1.6");
}, { expected: ["WebSocket", "ERR_"] });

demo("the keyboard reaches everything and is never caught", async (page) => {
  const seen = [];
  await page.evaluate(() => document.body.focus());
  for (let n = 0; n < 200; n++) {
    await page.keyboard.press("Tab");
    const at = await page.evaluate(() => {
      let el = document.activeElement;
      while (el?.shadowRoot?.activeElement) el = el.shadowRoot.activeElement;
      if (!el || el === document.body) return undefined;
      el.dataset.reached = "";
      return { outline: getComputedStyle(el).outlineStyle };
    });
    if (!at) break;
    seen.push(at);
  }
  assert.ok(seen.length < 200, "the focus never came out again");
  const missed = await page.evaluate(() => {
    const all = [document, ...[...document.querySelectorAll("vitrine-plugin")].map((el) => el.shadowRoot)];
    const wanted = "button, input, select, textarea, a[href], [tabindex='0']";
    return all.flatMap((root) => [...root.querySelectorAll(wanted)]).filter((el) => el.checkVisibility({ visibilityProperty: true }) && !("reached" in el.dataset)).map((el) => el.outerHTML.slice(0, 120));
  });
  assert.deepEqual(missed, []);
});

const looks = {
  "desktop-light": { viewport: { width: 1440, height: 1000 } },
  "desktop-dark": { viewport: { width: 1440, height: 1000 }, colorScheme: "dark" },
  "phone-light": { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true },
  "phone-dark": { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true, colorScheme: "dark" },
};
for (const [name, options] of Object.entries(looks)) {
  demo(`it fits, ${name}`, async (page) => {
    await lens(page).getByText("Statistics of").waitFor();
    await page.evaluate(() => scrollTo(0, 0));
    await page.waitForTimeout(300);
    await shot(page, `demo-${name}`, { fullPage: true });
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    assert.ok(overflow <= 0, `the page is ${overflow} pixels too wide`);
  }, { options });
}
