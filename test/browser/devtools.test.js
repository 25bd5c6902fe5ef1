// The developers' tools: what they show of a connection, delay, a recording and its replay.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { active, node, Patch, snap, Strings } from "../../shell/build/test/encode.js";
import { launch, open, shot } from "./browser.js";
import { feed, mount, sent, serve, waitSent } from "./fixture.js";

const EVENT = 0x43;
const binary = process.env.VITRINE ?? new URL("../../bin/vitrine", import.meta.url).pathname;

let browser, site;
before(async () => {
  [browser, site] = [await launch(), await serve()];
  site.files["/?vitrine-devtools"] = site.files["/"];
});
after(async () => {
  await browser?.close();
  site?.close();
});

test("a host that does not serve the tools has none, whatever a link says", { timeout: 600_000 }, async () => {
  const { context, page } = await open(browser);
  await page.route("**/devtools.js", (route) => route.fulfill({ status: 404 }));
  await mount(page, `${site.url}?vitrine-devtools`, snap(node("text", { text: "zero" }), new Strings()));
  await page.getByText("zero").waitFor();
  assert.equal(await page.getByRole("complementary").count(), 0);
  await context.close();
});

test("frames, tree, figures and delay are shown; a recording can be replayed, here and without a browser", { timeout: 600_000 }, async () => {
  const { context, page, troubles } = await open(browser);
  const strings = new Strings();
  const tree = node("box", {}, active(node("button", { text: "Go" }), "click"), node("text", { text: "zero" }));
  await mount(page, `${site.url}?vitrine-devtools`, snap(tree, strings));
  const tools = page.getByRole("complementary", { name: "Vitrine developer tools" });
  await page.getByRole("button", { name: "Go" }).click();
  await waitSent(page, EVENT);
  await feed(page, new Patch(strings, [1, 2, 1]).text(3, "one").done());
  await page.getByText("one").waitFor();
  await tools.getByText(/n 1$/).waitFor();
  await tools.getByRole("button", { name: "Frames" }).click();
  const lines = await tools.locator("p").allTextContents();
  assert.deepEqual(["HELLO", "MOUNT", "SNAP", "EVENT", "PATCH"].filter((name) => !lines.some((line) => line.includes(name))), []);
  assert.match(lines.find((line) => line.includes("↓HELLO")), /01 01( 00){16} /, "the session's secret is shown");
  assert.match(lines.find((line) => line.includes("↑MOUNT")), /42 01 01 01 78$/, "the ticket is shown");
  assert.deepEqual(lines.filter((line) => /HELLO\s*m/.test(line)), [], "a frame of the connection is of no mount");
  await page.evaluate(() => (document.querySelector("vitrine-plugin").props = { city: "Köln" }));
  await waitSent(page, 0x4b);
  await feed(page, [0x0e, 1, 1], [0x0d, 1, 1, 2, 2, 0x6e, 0x6f]);
  for (const line of ['#1 {"city":"Köln"}', "#1 invalid: no"]) await tools.getByText(line).waitFor();
  await tools.getByRole("button", { name: "Tree" }).click();
  await tools.getByText('3 text text="one"').waitFor();
  await tools.getByText('2 button text="Go" on click').waitFor();

  const [download] = await Promise.all([page.waitForEvent("download"), tools.getByRole("button", { name: "Save recording" }).click()]);
  const file = `/tmp/vitrine-${process.pid}.jsonl`;
  await download.saveAs(file);
  const text = readFileSync(file, "utf8");
  assert.ok(!/"from":"server","frame":"01010+1/.test(text), "the session's secret is in the recording");
  assert.match(execFileSync(binary, ["replay", file]).toString(), /one/);

  await tools.getByLabel("Replay…").setInputFiles(file);
  await tools.locator(".replayed").getByRole("button", { name: "Go" }).waitFor();
  await tools.locator(".replayed").getByText("one").waitFor();
  await tools.locator(".replayed").getByText("A plugin", { exact: true }).waitFor();
  const looks = (el) => {
    const { fontFamily, fontSize, lineHeight, color, backgroundColor, border, borderRadius } = getComputedStyle(el);
    return { fontFamily, fontSize, lineHeight, color, backgroundColor, border, borderRadius };
  };
  assert.deepEqual(await tools.locator(".replayed .frame").evaluate(looks), await page.locator("vitrine-plugin .frame").evaluate(looks));
  await tools.getByRole("button", { name: "Frames" }).click();
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    await shot(page, `devtools-${colorScheme}`);
  }
  await page.emulateMedia({ colorScheme: "light" });
  writeFileSync(file, `${text.split("\n")[0]}\n{"ms":0,"from":"elsewhere","frame":"00"}\n`);
  await tools.getByLabel("Replay…").setInputFiles(file);
  await tools.getByText("Line 2 is not a frame.").waitFor();

  await tools.getByLabel("Delay").fill("800");
  const before = (await sent(page, EVENT)).length;
  const at = Date.now();
  await page.locator("vitrine-plugin").getByRole("button", { name: "Go" }).click();
  assert.equal((await sent(page, EVENT)).length, before, "an event went out at once");
  await waitSent(page, EVENT, before + 1);
  assert.ok(Date.now() - at >= 390, "the event was not held back");
  assert.deepEqual(troubles.filter((trouble) => !trouble.includes("props of the page were refused")), []);
  await context.close();
});
