// A plugin that is replaced while a person uses it: the real server, told so as an operator does.
import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { launch, live, open, shot } from "./browser.js";
import { build, startServer } from "./server.js";

let browser, server, folder, built;
before(async () => {
  [built] = build("lasting");
  folder = mkdtempSync(join(tmpdir(), "lasting-"));
  put("0.1.0");
  [browser, server] = [await launch(), await startServer("http://localhost:1", [folder, "--grant", "ui"])];
});
after(async () => {
  await browser?.close();
  assert.equal(await server?.stop(), 0);
  rmSync(folder, { recursive: true });
});

/** Puts a version into the folder. */
function put(version, wasm) {
  if (wasm) writeFileSync(join(folder, "plugin.wasm"), wasm);
  else copyFileSync(join(built, "plugin.wasm"), join(folder, "plugin.wasm"));
  const manifest = JSON.parse(readFileSync(join(built, "vitrine.json"), "utf8"));
  writeFileSync(join(folder, "vitrine.json"), JSON.stringify({ ...manifest, version }));
}

test("a new version takes over under the hands of a person", { timeout: 600_000 }, async (t) => {
  const { context, page, troubles } = await open(browser);
  try {
    await page.goto(server.url);
    const plugin = page.getByRole("region", { name: "Lasting" }).last();
    await live(page.locator("vitrine-plugin").last());
    const says = (text) => plugin.getByText(text, { exact: true }).waitFor();
    await says('generation 1, 0 clicks by ""');
    await plugin.getByRole("button", { name: "Count" }).click();
    const name = plugin.getByLabel("Name");
    await name.pressSequentially("Ada");
    await says('generation 1, 1 clicks by "Ada"');
    await name.press("ArrowLeft");
    const element = await name.elementHandle();

    put("0.2.0");
    server.reload();
    await says('generation 2, 1 clicks by "Ada"');
    await says("This version says more.");
    assert.ok(await element.evaluate((el) => el.isConnected && el.matches(":focus")), "the focus is lost");
    assert.equal(await element.evaluate((el) => el.selectionStart), 2, "the caret moved");
    await page.keyboard.type("m");
    await says('generation 2, 1 clicks by "Adma"');

    // What is typed and clicked while versions change arrives, in order.
    put("0.3.0");
    server.reload();
    for (const key of "in and more") await page.keyboard.type(key, { delay: 10 });
    await says('generation 3, 1 clicks by "Admin and morea"');
    assert.equal(await plugin.getByText("This version says more.").count(), 0);
    put("0.4.0");
    server.reload();
    for (let i = 0; i < 20; i++) await plugin.getByRole("button", { name: "Count" }).click();
    await says('generation 4, 21 clicks by "Admin and morea"');

    // One that is no plugin changes nothing.
    put("0.5.0", Buffer.from("no module"));
    server.reload();
    await server.said("keeps the old version");
    await plugin.getByRole("button", { name: "Count" }).click();
    await says('generation 4, 22 clicks by "Admin and morea"');
    assert.equal(await plugin.getByRole("alert").count(), 0);
    assert.deepEqual(troubles, []);
  } catch (e) {
    await shot(page, "failed-reload", { fullPage: true });
    t.diagnostic(server.log());
    throw e;
  } finally {
    await context.close();
  }
});
