// What passes between a plugin and its page, with the real server: what a place leaves to its pages, and what it does not.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { launch, live, open } from "./browser.js";

let browser, server, url;
before(async () => {
  const binary = new URL("../../build/mirrors", import.meta.url).pathname;
  execFileSync("go", ["build", "-o", binary, "./mirrors"], { cwd: new URL(".", import.meta.url), stdio: ["ignore", "ignore", "inherit"] });
  server = spawn(binary, { cwd: new URL(".", import.meta.url), stdio: ["pipe", "pipe", "inherit"] });
  [url] = await Promise.all([new Promise((then) => createInterface(server.stdout).once("line", (line) => then(line.slice("at ".length)))), launch().then((it) => (browser = it))]);
});
after(async () => {
  await browser?.close();
  server?.stdin.end();
});

const at = (page, place) => page.locator(`vitrine-plugin[place="${place}"]`);
const shows = (page, place, c) => at(page, place).locator(".text").getByText(c, { exact: true }).waitFor();
const press = (page, place) => at(page, place).getByRole("button", { name: "p", exact: true }).click();
const set = (page, place, props) => at(page, place).evaluate((el, next) => void (el.props = next), props);
/** Waits until so many refusals were told to the page, and answers the newest. */
const refused = async (page, count) => {
  await page.waitForFunction((n) => window.refused.length >= n, count);
  return page.evaluate(() => window.refused.at(-1));
};

test("a page sets what its place leaves to it and answers the plugin, and nothing else", { timeout: 600_000 }, async () => {
  const { context, page, troubles } = await open(browser);
  await page.goto(url);
  await Promise.all(["open", "shut"].map((place) => live(at(page, place))));

  // Where nothing is left to the page the host's word counts, and nobody is asked.
  assert.deepEqual((await refused(page, 1)).slice(0, 2), ["shut", "denied"]);
  await shows(page, "shut", "a");
  await press(page, "shut");
  await shows(page, "shut", "?");

  await shows(page, "open", "p");
  await set(page, "open", { c: "q" });
  await shows(page, "open", "q");
  await press(page, "open");
  await shows(page, "open", "z");

  // What is not listed, or not as the manifest says, changes nothing; nor does such an answer.
  await set(page, "open", { c: "r", d: 1 });
  const [place, code, words] = await refused(page, 2);
  assert.deepEqual([place, code], ["open", "denied"]);
  assert.match(words, /does not let the page set "d"/);
  await set(page, "open", { c: "rr" });
  assert.equal((await refused(page, 3))[1], "invalid");
  await shows(page, "open", "z");
  await set(page, "open", { c: "s" });
  await shows(page, "open", "s");
  await press(page, "open");
  await shows(page, "open", "?");
  assert.deepEqual(await page.evaluate(() => window.asked), [["open", "q"], ["open", "s"]]);
  assert.equal(await page.evaluate(() => window.refused.length), 3);
  assert.deepEqual(troubles.filter((trouble) => !trouble.includes("props of the page were refused")), []);
  await context.close();
});
