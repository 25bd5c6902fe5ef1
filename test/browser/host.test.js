// Components of the host's own, between the real server and a page that has them or not; and the demo before any script.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { launch, live, open, pixels, shot } from "./browser.js";
import { looks } from "./example.js";
import { build, startServer } from "./server.js";

const components = new URL("../../cmd/vitrine/demo/components.json", import.meta.url).pathname;
const code = readFileSync(new URL("../../cmd/vitrine/demo/page/code.js", import.meta.url), "utf8");

let browser;
const servers = [];
const serve = async (...what) => {
  const server = await startServer("http://127.0.0.1:1", what.length ? what : undefined);
  servers.push(server);
  return server;
};
before(async () => (browser = await launch()));
after(async () => {
  await browser?.close();
  for (const server of servers) assert.equal(await server.stop(), 0);
});

/** A test in a page of a server; whatever the page reports as wrong fails it. */
function visit(name, run, options) {
  test(name, { timeout: 600_000 }, async (t) => {
    const { context, page, troubles } = await open(browser, options);
    try {
      await run(page);
      assert.deepEqual(troubles, []);
    } catch (e) {
      await shot(page, `failed-host-${name.replaceAll(/\W+/g, "-").slice(0, 60)}`, { fullPage: true });
      t.diagnostic(servers.map((server) => server.log()).join("\n"));
      throw e;
    } finally {
      await context.close();
    }
  });
}

/**
 * Opens a page that has what its plugins render, as many as are said, and answers its markup. What is not there within a second comes
 * later by itself, and is no matter of these tests.
 */
async function painted(page, url, plugins, options) {
  for (;;) {
    const html = await (await page.goto(url, options)).text();
    if (html.split('<template shadowrootmode="closed">').length > plugins && (plugins === 1 || /Bergen.*°/s.test(html))) return html;
  }
}

/** The paths that a page asks for, from its newest navigation on. */
function asked(page) {
  const paths = [];
  page.on("request", (request) => {
    if (request.isNavigationRequest()) paths.length = 0;
    paths.push(new URL(request.url()).pathname);
  });
  return paths;
}

let demo;
const badge = (page) => page.locator('vitrine-plugin[place="attendee"]');

visit("the demo's page supplies a component, and its call reaches the plugin", async (page) => {
  demo ??= await serve();
  await page.goto(demo.url);
  await badge(page).scrollIntoViewIfNeeded();
  await badge(page).getByRole("img", { name: "Bar code a-17" }).waitFor();
  assert.equal(await badge(page).getByText("Entry code: a-17").isVisible(), false, "the fallback is shown as well");
  await live(badge(page));
  const out = badge(page).getByRole("button", { name: "Check out" });
  const scan = badge(page).getByRole("button", { name: "Scan at the door" });
  if (await out.isVisible()) await out.click();
  await scan.click();
  await badge(page).getByText("Checked in").waitFor();
  await badge(page).getByRole("button", { name: "Scanned at the door", disabled: true }).waitFor();
});

visit("a page that lacks the component shows the fallback", async (page) => {
  demo ??= await serve();
  await page.route("**/code.js", (route) => route.fulfill({ contentType: "text/javascript", body: "export const components = {};" }));
  await page.goto(demo.url);
  await badge(page).scrollIntoViewIfNeeded();
  await badge(page).getByText("Entry code: a-17").waitFor();
  assert.equal(await badge(page).locator("bar-code").count(), 0);
});

/** Has a page supply demo.code, and one that no manifest asks for, to each plugin. */
const supply = (page) => page.addInitScript(`(() => { ${code.replace("export const", "const")}
  const all = { ...components, "demo.other": components["demo.code"] };
  new MutationObserver(() => document.querySelectorAll("vitrine-plugin").forEach((el) => (el.components ??= all))).observe(document, { childList: true, subtree: true });
})()`);

visit("a host that has registered it shows it, and what it calls back reaches the plugin", async (page) => {
  const server = await serve(...build("coded"), "--grant", "ui", "--components", components);
  await supply(page);
  await page.goto(server.url);
  await page.getByRole("img", { name: "Bar code B-2" }).waitFor();
  await page.getByRole("img", { name: "Bar code C-3" }).waitFor();
  await page.getByText("Nothing else is here").waitFor();
  assert.equal(await page.getByText("The code is B-2").isVisible(), false);
  await live(page.locator("vitrine-plugin"));
  await page.getByRole("button", { name: "Scan at the door" }).first().click();
  await page.getByText('The component said scan "B-2"').waitFor();
});

visit("a host that has not registered it shows the fallback, and a link at last, whatever the page supplies", async (page) => {
  const server = await serve(...build("coded"), "--grant", "ui");
  await supply(page);
  await page.goto(server.url);
  await page.getByText("The code is B-2").waitFor();
  await page.getByText("Nothing else is here").waitFor();
  assert.equal(await page.getByRole("link", { name: "With a link" }).getAttribute("href"), "https://example.com/c-3");
  assert.equal(await page.locator("bar-code").count(), 0);
});

visit("without JavaScript the demo's page shows what its plugins look like", async (page) => {
  demo ??= await serve();
  const html = await painted(page, demo.url, 4, { waitUntil: "load" });
  const shown = (place) => html.split(`place="${place}"`)[1].split("</vitrine-plugin>")[0];
  assert.match(shown("weatherboard"), /Bergen.*°/s, "what a plugin asked for is not there");
  assert.doesNotMatch(html, /<script(?! type="module" src=)|javascript:| on[a-z]+=| style=/i);
  assert.match(shown("attendee"), /Ada Lovelace/);
  const heights = await page.locator("vitrine-plugin").evaluateAll((all) => all.map((el) => el.getBoundingClientRect().height));
  assert.ok(heights[0] > 230, `heights ${heights}`); // an empty one is 14rem
  await shot(page, "first-without-script", { fullPage: true });
}, { closed: true, javaScriptEnabled: false });

visit("a browser that is to save data is sent what its plugins look like once, by the shell", async (page) => {
  demo ??= await serve();
  const answer = await page.goto(demo.url);
  assert.doesNotMatch(await answer.text(), /<template/);
  await badge(page).scrollIntoViewIfNeeded();
  await badge(page).getByRole("img", { name: "Bar code a-17" }).waitFor();
}, { saves: true });

visit("a plugin stays where it is when the shell takes it up, and is not asked for again", async (page) => {
  const server = await serve(...build("coded"), "--grant", "ui");
  await page.addInitScript(() => {
    window.__shifts = [];
    new PerformanceObserver((list) => window.__shifts.push(...list.getEntries().map(({ value }) => value))).observe({ type: "layout-shift", buffered: true });
    addEventListener("vitrine", (event) => (window.__state = event.detail.state), true);
  });
  let release;
  const held = new Promise((resolve) => (release = resolve));
  await page.route("**/vitrine/vitrine.js", async (route) => {
    await held;
    await route.continue().catch(() => undefined); // the page may be gone
  });
  const requests = asked(page);
  await painted(page, server.url, 1, { waitUntil: "commit" });
  const plugin = page.locator("vitrine-plugin");
  await plugin.waitFor();
  const ink = ({ data }) => data.filter((value, i) => value !== data[i % 4]).length;
  let box, before, last;
  do { // until it is shown, before the script, and has come to rest
    [last, box] = [before, await plugin.boundingBox()];
    before = await pixels(page, box);
  } while (ink(before) <= 5000 || String(before.data) !== String(last?.data));
  assert.deepEqual(await page.evaluate(() => window.__shifts), []);
  release();
  await page.waitForFunction(() => window.__state === "ready");
  await page.waitForTimeout(300);
  assert.deepEqual(await plugin.boundingBox(), box);
  const now = await pixels(page, box);
  const other = before.data.filter((value, i) => value !== now.data[i]).length;
  assert.equal(other, 0, "it looks different when the shell has it");
  assert.deepEqual(await page.evaluate(() => window.__shifts), []);
  assert.ok(!requests.includes("/vitrine/tickets"), "a ticket was asked for");
}, { closed: true });

visit("the demo's plugins are taken up as the page has them", async (page) => {
  demo ??= await serve();
  const requests = asked(page);
  await page.addInitScript(() => {
    window.__states = {};
    addEventListener("vitrine", (event) => (window.__states[event.target.getAttribute("place")] = event.detail.state), true);
  });
  await painted(page, demo.url, 4);
  await page.waitForFunction(() => Object.values(window.__states).filter((state) => state === "ready").length === 4);
  assert.ok(!requests.includes("/vitrine/tickets"), "a ticket was asked for");
  const sheets = await page.evaluate(() => performance.getEntriesByType("resource").filter(({ name }) => name.endsWith("/vitrine.css")).map(({ transferSize, encodedBodySize }) => transferSize > encodedBodySize));
  assert.ok(sheets.length === 2 && !sheets[1], "the sheet that the markup brought is asked about, and does not come again");
  await shot(page, "first-taken-up", { fullPage: true });
}, { closed: true, viewport: { width: 1280, height: 4000 } });

for (const [name, options] of Object.entries(looks)) {
  visit(`the component looks as the page does, ${name}`, async (page) => {
    demo ??= await serve();
    await page.goto(demo.url);
    await badge(page).scrollIntoViewIfNeeded();
    await badge(page).getByRole("img", { name: "Bar code a-17" }).waitFor();
    await page.waitForTimeout(300);
    await shot(badge(page), `host-${name}`);
  }, options);
}
