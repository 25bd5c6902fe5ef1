// People who type and click over a network that takes 400 ms and is cut all the time: the real server, a plugin
// written in Go, a proxy in Go. VITRINE_CUTS is how many cuts, VITRINE_PEOPLE how many pages share them.
import assert from "node:assert/strict";
import { spawn, execFileSync } from "node:child_process";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { launch, open, shot } from "./browser.js";
import { build, startServer } from "./server.js";

const cuts = Number(process.env.VITRINE_CUTS ?? 16);
const people = Number(process.env.VITRINE_PEOPLE ?? 4);

let browser, cutter, server;
before(async () => {
  cutter = await startCutter();
  [browser, server] = [await launch(), await startServer(cutter.url, [...build("echoes"), "--grant", "ui"])];
  cutter.tell(`to ${new URL(server.url).host}`);
});
after(async () => {
  await browser?.close();
  cutter?.close();
  assert.equal(await server?.stop(), 0);
});

/** Builds and starts the proxy (cutter/main.go). */
async function startCutter() {
  const binary = new URL("../../build/cutter", import.meta.url).pathname;
  execFileSync("go", ["build", "-o", binary, "./cutter"], { cwd: new URL(".", import.meta.url), stdio: ["ignore", "ignore", "inherit"] });
  const child = spawn(binary, { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface(child.stdout);
  const out = { cuts: 0, url: "", tell: (line) => child.stdin.write(`${line}\n`), close: () => child.stdin.end() };
  await new Promise((resolve) => lines.on("line", (line) => {
    if (line === "cut") return out.cuts++;
    out.url = line.slice("at ".length);
    resolve();
  }));
  return out;
}

const some = (most) => Math.floor(Math.random() * most);

/** Opens the page and types two brackets, to type between them. */
async function arrive() {
  const { context, page, troubles } = await open(browser);
  await page.goto(cutter.url);
  const plugin = page.getByRole("region", { name: "Echoes" }).last();
  const notes = plugin.getByLabel("Notes");
  await plugin.locator(".body:not([inert])").waitFor(); // what is painted cannot be typed into yet
  await notes.pressSequentially("()");
  await notes.press("ArrowLeft");
  return { context, page, troubles, plugin, notes };
}

/** Types and clicks now and then, until there were enough cuts; then all of it must be there. */
async function stay({ page, troubles, plugin, notes }) {
  let [typed, clicks] = ["", 0];
  while (cutter.cuts < cuts) {
    const letter = String.fromCharCode(97 + some(26));
    await page.keyboard.press(letter);
    typed += letter;
    if (some(8) === 0) {
      await plugin.getByRole("button", { name: "Count" }).click();
      clicks++;
      await notes.focus();
    }
    await page.waitForTimeout(some(300));
  }
  cutter.tell("calm");
  await plugin.getByText(`Heard: (${typed})`, { exact: true }).waitFor();
  await plugin.getByText(`${clicks} clicks`, { exact: true }).waitFor();
  assert.equal(await notes.inputValue(), `(${typed})`);
  assert.equal(await notes.evaluate((el) => el.selectionStart), typed.length + 1, "the caret moved");
  assert.deepEqual(troubles.filter((trouble) => !trouble.includes("WebSocket")), []);
  return { typed: typed.length, clicks };
}

test("nothing is lost or doubled over cuts and 400 ms", { timeout: 60_000 * people + 3_000 * cuts }, async (t) => {
  const all = [];
  try {
    while (all.length < people) all.push(await arrive());
    cutter.tell("cut");
    const done = await Promise.all(all.map(stay));
    const sum = (what) => done.reduce((n, one) => n + one[what], 0);
    t.diagnostic(`${cutter.cuts} cuts, ${sum("typed")} characters and ${sum("clicks")} clicks of ${people} people`);
    assert.ok(sum("clicks") > 0 && sum("typed") > cuts, "hardly anything happened");
  } catch (e) {
    for (const [n, { page }] of all.entries()) await shot(page, `failed-cuts-${n}`).catch(() => undefined);
    t.diagnostic(server.log());
    throw e;
  } finally {
    for (const { context } of all) await context.close();
  }
});
