// A plugin that spins, overflows or floods, beside one that does not: the real server, plugins written in Go.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, live, open } from "./browser.js";
import { build, startProxy, startServer } from "./server.js";

let browser, proxy, server;
before(async () => {
  proxy = await startProxy();
  server = await startServer(proxy.url, [...build("clumsy", "runaway"), "--grant", "ui"]);
  browser = await launch();
  proxy.to(server.url);
});
after(async () => {
  await browser?.close();
  proxy?.close();
  assert.equal(await server?.stop(), 0);
});

/** How many frames the page draws in a second. */
const frames = (page) => page.evaluate(() => new Promise((then) => {
  const from = performance.now();
  let n = 0;
  const count = () => (++n, performance.now() - from < 1000 ? requestAnimationFrame(count) : then(n));
  requestAnimationFrame(count);
}));

for (const what of ["Spin", "Overflow", "Flood"]) {
  test(`${what}: the neighbour goes on, and there is a way out`, { timeout: 600_000 }, async (t) => {
    const { context, page, troubles } = await open(browser);
    await page.goto(proxy.url);
    const region = (name) => page.getByRole("region", { name }).last();
    const [calm, wild] = [region("Clumsy"), region("Runaway")];
    const count = calm.getByRole("button", { name: "Count" });
    await Promise.all([0, 1].map((n) => live(page.locator("vitrine-plugin").nth(n))));
    await count.click();
    await calm.getByText("1 clicks").waitFor();
    await wild.getByText("0 turns").waitFor();
    const quiet = await frames(page);
    await wild.getByRole("button", { name: what }).click();
    const during = await frames(page);
    t.diagnostic(`${quiet} frames a second before, ${during} meanwhile`);
    assert.ok(during >= quiet / 10, "the page stands still"); // other work on the machine takes its part
    await count.click();
    await calm.getByText("2 clicks").waitFor();
    if (what === "Flood") {
      await wild.getByText("0 turns").waitFor({ state: "detached" });
      const at = () => wild.getByText(/turns/).textContent();
      const was = await at();
      await page.waitForFunction(([before]) => [...document.querySelectorAll("vitrine-plugin")].at(-1).shadowRoot.querySelector(".text").textContent !== before, [was]);
    } else {
      await wild.getByRole("button", { name: "Try again" }).click();
      await wild.getByText("0 turns").waitFor();
    }
    assert.deepEqual(troubles, []);
    await context.close();
  });
}
