// Tests of one example on the demo page: the real server, a real browser.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, open, shot } from "./browser.js";
import { startServer } from "./server.js";

/** What a page is looked at with. */
export const looks = {
  "desktop-light": { viewport: { width: 1440, height: 1000 } },
  "desktop-dark": { viewport: { width: 1440, height: 1000 }, colorScheme: "dark" },
  "phone-light": { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true },
  "phone-dark": { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true, colorScheme: "dark" },
};

/**
 * Starts a server and a browser for the tests of a file, and answers how a test is made: ready waits until
 * the example is shown. Whatever a page reports as wrong fails its test.
 */
export function example(place, ready) {
  let browser, server;
  before(async () => {
    [browser, server] = [await launch(), await startServer("http://127.0.0.1:1")];
  });
  after(async () => {
    await browser?.close();
    assert.equal(await server?.stop(), 0, "SIGTERM drains and exits 0");
  });
  return (name, run, { options } = {}) => test(`${place}: ${name}`, { timeout: 600_000 }, async (t) => {
    const opened = [];
    const visit = async () => {
      const at = await open(browser, options);
      opened.push(at);
      await at.page.goto(server.url);
      await ready(at.page);
      return at.page;
    };
    const page = await visit();
    const keep = async (locator, look) => {
      await page.waitForTimeout(300); // what moves has come to rest
      await shot(locator, `${place}-${look}`);
    };
    try {
      await run(page, { another: visit, keep });
      assert.deepEqual(opened.flatMap((at) => at.troubles), []);
    } catch (e) {
      await shot(page, `failed-${place}-${name.replaceAll(/\W+/g, "-").slice(0, 60)}`, { fullPage: true });
      t.diagnostic(server.log());
      throw e;
    } finally {
      for (const { context } of opened) await context.close();
    }
  });
}

/** Fails when the page is wider than the window. */
export async function widthFits(page) {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  assert.ok(over <= 0, `the page is ${over} pixels too wide`);
}
