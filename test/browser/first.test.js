// What the server has rendered is there before any script, and stays where it is when the shell takes it up.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { launch, open } from "./browser.js";
import { feedHex, serve, stub, waitSent } from "./fixture.js";

const MOUNT = 0x42;
const vectors = JSON.parse(readFileSync(new URL("../../abi/testdata/shadow.json", import.meta.url), "utf8"));

let browser, site;
before(async () => {
  [browser, site] = [await launch(), await serve()];
});
after(async () => {
  await browser?.close();
  site?.close();
});

for (const name of ["table", "textfield", "card", "tab", "fact", "checkbox"]) {
  test(`first paint: ${name}`, async () => {
    const { frame, html } = vectors.find((v) => v.name === name);
    const ticket = JSON.stringify({ ticket: "given", plugin: "p", name: "P", version: "1.0.0" }).replaceAll('"', "&quot;");
    site.files["/first"] = ["text/html; charset=utf-8", site.files["/"][1].replace(/<vitrine-plugin.*<\/vitrine-plugin>/, () => `<vitrine-plugin place="here" ticket="${ticket}">${html}</vitrine-plugin>`)];
    const { context, page, troubles } = await open(browser);
    await stub(page);
    await page.addInitScript(() => {
      window.__shifts = [];
      new PerformanceObserver((list) => window.__shifts.push(...list.getEntries().map((e) => e.value))).observe({ type: "layout-shift", buffered: true });
    });
    let release;
    const held = new Promise((resolve) => (release = resolve));
    await page.route("**/vitrine/vitrine.js", async (route) => {
      await held;
      await route.continue();
    });
    const requests = [];
    page.on("request", (request) => requests.push(new URL(request.url()).pathname));
    await page.goto(`${site.url}first`, { waitUntil: "commit" });
    const shown = page.locator(".body > *");
    await shown.waitFor();
    await page.waitForFunction(() => [document, document.querySelector("vitrine-plugin").shadowRoot].every((root) => [...root.querySelectorAll("link[rel=stylesheet]")].every((link) => link.sheet)));
    const words = await shown.innerText();
    const box = await shown.boundingBox();
    assert.ok(words.trim() && box.height > 0, "nothing is shown before the script");
    assert.ok(await page.locator(".body").evaluate((el) => el.inert), "it can be used before the script");
    release();
    const [sent] = await waitSent(page, MOUNT);
    assert.equal(new TextDecoder().decode(new Uint8Array(sent.slice(4))), "given");
    assert.deepEqual(await shown.boundingBox(), box, "it moved when the shell came");
    await feedHex(page, frame);
    await page.waitForFunction(() => !document.querySelector("vitrine-plugin").shadowRoot.querySelector(".body").inert);
    assert.equal(await shown.innerText(), words);
    assert.deepEqual(await shown.boundingBox(), box, "it moved when the snapshot came");
    await page.evaluate(() => new Promise((then) => requestAnimationFrame(() => setTimeout(then))));
    assert.deepEqual(await page.evaluate(() => window.__shifts), []);
    assert.ok(!requests.includes("/vitrine/tickets"), "a ticket was asked for");
    assert.deepEqual(troubles.filter((trouble) => !trouble.includes("img/logo.png")), []);
    await context.close();
  });
}
