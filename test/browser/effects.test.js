// What a page does once because of something that the person did: focus, scroll, words, toasts, windows, copies, files.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { active, node, Patch, snap, Strings, Writer } from "../../shell/build/test/encode.js";
import { launch, open, shot } from "./browser.js";
import { feed, mount, sent, serve, waitSent } from "./fixture.js";

const EVENT = 0x43;
const EFFECT = 0x05;
const FAULT = 0x06;
const NOTICE = 7;
const [FOCUS, SCROLL, ANNOUNCE, TOAST, OPEN, COPY, DOWNLOAD] = [1, 2, 3, 4, 5, 6, 7];

let browser, site;
before(async () => {
  [browser, site] = [await launch(), await serve({ "Referrer-Policy": "same-origin" })];
  site.files["/vitrine/download"] = ["application/octet-stream", "a,b\n1,2\n"];
});
after(async () => {
  await browser?.close();
  site?.close();
});

const effect = (kind) => new Writer().number(EFFECT, 1, 1, kind);
const tree = node("box", {}, active(node("button", { text: "Do it" }), "click"), node("textfield", { label: "Name" }),
  ...Array.from({ length: 80 }, (_, n) => node("text", { text: `line ${n}` })), node("card", { title: "The end" }));
const theEnd = 84;

/** A test of what follows from a click, which is event 1. */
function follows(name, run, { expected, ...options } = {}) {
  test(name, { timeout: 600_000 }, async () => {
    const { context, page, troubles } = await open(browser, options);
    const strings = new Strings();
    await mount(page, site.url, snap(tree, strings));
    const press = async () => {
      await page.getByRole("button", { name: "Do it" }).click();
      await waitSent(page, EVENT);
      await feed(page, new Patch(strings, [1, 2, 1]).done());
    };
    await run(page, { press, context, strings });
    assert.equal((await sent(page, 0x48)).length, 0, "a frame was refused");
    assert.deepEqual(troubles.filter((trouble) => !expected?.test(trouble)), []);
    await context.close();
  });
}

follows("focus and scroll reach the component", async (page, { press }) => {
  await press();
  await feed(page, effect(FOCUS).number(3).done());
  await page.waitForFunction(() => document.querySelector("vitrine-plugin").shadowRoot.activeElement?.localName === "input");
  await feed(page, effect(SCROLL).number(theEnd).done());
  await page.waitForFunction(() => document.querySelector("vitrine-plugin").shadowRoot.querySelector(".card").getBoundingClientRect().bottom <= innerHeight);
});

follows("what is announced is heard and not seen, again if it is the same", async (page, { press }) => {
  await press();
  const heard = page.getByRole("status").filter({ hasText: "12 rows" });
  await feed(page, effect(ANNOUNCE).text("12 rows").done());
  await heard.waitFor({ state: "attached" });
  const first = await heard.textContent();
  await feed(page, effect(ANNOUNCE).text("12 rows").done());
  await page.waitForFunction((was) => [...document.querySelector("vitrine-plugin").shadowRoot.querySelectorAll("[role=status]")].some((el) => el.textContent.startsWith("12 rows") && el.textContent !== was), first);
});

follows("a toast is seen within the plugin's frame, and goes", async (page, { press }) => {
  await press();
  await feed(page, effect(TOAST).number(1).text("It is <b>saved</b>").done());
  const toast = page.locator(".toast");
  await toast.filter({ hasText: "It is <b>saved</b>" }).hover(); // it stays as long as somebody points at it
  await page.waitForTimeout(300);
  await shot(page, "toast");
  const [at, frame] = [await toast.boundingBox(), await page.locator("vitrine-plugin").boundingBox()];
  assert.ok(at.y >= frame.y && at.y + at.height <= Math.min(frame.y + frame.height, 900) && at.x >= frame.x && at.x + at.width <= frame.x + frame.width, JSON.stringify({ at, frame }));
  await page.mouse.move(5, 5);
  await toast.waitFor({ state: "detached" });
});

follows("a toast says whose it is, in a few lines", async (page, { press }) => {
  await press();
  await feed(page, effect(TOAST).number(0).text("It is saved").done(), effect(TOAST).number(0).text("many words ".repeat(27)).done());
  const toasts = page.locator(".toast");
  await toasts.nth(1).hover();
  assert.deepEqual(await toasts.locator(".by").allTextContents(), ["A plugin", "A plugin"]);
  const [one, many] = await toasts.locator("span").evaluateAll((all) => all.map((el) => el.clientHeight));
  assert.ok(one > 0 && many > one && many < 3.5 * one, `${one} and ${many} pixels high`);
});

follows("however much a plugin says, the host's notice stays in sight and can be pressed", async (page, { press }) => {
  await press();
  const notice = new Writer().number(FAULT, 1, NOTICE, 0).text("It failed. ".repeat(20)).done();
  await feed(page, notice, ...Array.from({ length: 4 }, (_, n) => effect(TOAST).number(3).text(`${n} ${"many words ".repeat(26)}`).done()));
  await page.locator(".toast").nth(3).waitFor();
  const anew = page.getByRole("button", { name: "Start anew" });
  await page.waitForFunction(() => {
    const { height } = document.querySelector("vitrine-plugin").shadowRoot.querySelector(".note .button").getBoundingClientRect();
    return height > 20;
  });
  await page.waitForTimeout(300); // it has opened
  await shot(page, "toasts-notice");
  const note = await page.locator(".note").boundingBox();
  assert.ok(note.y > 0 && note.y + note.height <= 700, JSON.stringify(note));
  await anew.click({ trial: true });
}, { viewport: { width: 375, height: 700 } });

follows("what is said while a dialog stands above the page is said in it, and outlives it", async (page, { press, strings }) => {
  await press();
  await feed(page, new Patch(strings, [1, 3, 1]).insert(1, 0, node("dialog", { label: "Sure?" }, node("text", { text: "Really" }))).done());
  const dialog = page.locator("dialog:modal");
  await dialog.waitFor();
  const both = (words) => [effect(ANNOUNCE).text(`heard ${words}`).done(), effect(TOAST).number(0).text(`seen ${words}`).done()];
  await feed(page, ...both("above"));
  await dialog.getByRole("status").filter({ hasText: "heard above" }).waitFor({ state: "attached" });
  await dialog.locator(".toast").filter({ hasText: "seen above" }).hover();
  await shot(page, "toast-dialog");
  assert.equal(await dialog.evaluate((el) => el.scrollHeight > el.clientHeight), false, "the dialog scrolls");
  await feed(page, new Patch(strings, [1, 4, 1]).drop(theEnd + 1).done());
  await page.locator(".foot .toast").filter({ hasText: "seen above" }).waitFor();
  assert.equal(await page.locator(".foot > [role=status]").count(), 3);
});

follows("a flood of toasts shows the newest few", async (page, { press }) => {
  await press();
  await feed(page, ...Array.from({ length: 50 }, (_, n) => effect(TOAST).number(0).text(`toast ${n}`).done()));
  await page.getByText("toast 49").waitFor();
  assert.ok(await page.locator(".toast").count() <= 4, "the page is full of toasts");
});

follows("a window opens without an opener", async (page, { press, context }) => {
  site.files["/elsewhere"] = ["text/html; charset=utf-8", "<!doctype html><title>Elsewhere</title>"];
  await press();
  const [popup] = await Promise.all([context.waitForEvent("page"), feed(page, effect(OPEN).text("/elsewhere").done())]);
  await popup.waitForLoadState();
  assert.equal(await popup.title(), "Elsewhere");
  assert.deepEqual(await popup.evaluate(() => [window.opener, document.referrer]), [null, ""]);
});

follows("a text is copied, and the person is told", async (page, { press, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await press();
  await feed(page, effect(COPY).text("a text").done());
  await page.locator(".toast").getByText("Copied").waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), "a text");
});

follows("a file is saved under the host's name, and the page stays", async (page, { press }) => {
  site.files["/vitrine/download"] = ["application/octet-stream", "a,b\n1,2\n"];
  await press();
  const asked = page.waitForRequest((request) => request.url().endsWith("/vitrine/download"));
  const [download] = await Promise.all([page.waitForEvent("download"), feed(page, effect(DOWNLOAD).text("rides.csv").text("t0ken").done())]);
  assert.equal(readFileSync(await download.path(), "utf8"), "a,b\n1,2\n");
  assert.equal(download.suggestedFilename(), "rides.csv");
  const request = await asked;
  assert.deepEqual([request.method(), request.postData()], ["POST", "token=t0ken"]);
  await page.getByRole("button", { name: "Do it" }).waitFor();
});

for (const [name, answer] of Object.entries({
  "a token that is refused": { status: 403, contentType: "application/json", body: '{"error":"the token is not valid"}' },
  "a proxy without a host behind it": { status: 502, contentType: "text/html", body: "<h1>Bad gateway</h1>" },
  "a form's answer": { status: 204 },
  "another page": { status: 302, headers: { Location: "/" } },
})) {
  follows(`instead of a file comes ${name}: the person is told, and the page stays`, async (page, { press }) => {
    await page.route("**/vitrine/download", (route) => route.fulfill(answer));
    let left = 0;
    page.on("framenavigated", () => left++);
    page.on("download", () => left++);
    await press();
    await feed(page, effect(DOWNLOAD).text("rides.csv").text("t0ken").done());
    await page.locator(".toast").getByText("could not be loaded").waitFor();
    await page.waitForTimeout(200);
    assert.equal(left, 0);
    await page.getByRole("button", { name: "Do it" }).waitFor();
  }, { expected: /Failed to load resource|ERR_FAILED/ });
}

follows("what nobody did anything for is not done", async (page) => {
  await feed(page, effect(TOAST).number(0).text("out of nothing").done(), effect(FOCUS).number(3).done());
  await page.waitForTimeout(500);
  assert.equal(await page.getByText("out of nothing").count(), 0);
  assert.equal(await page.evaluate(() => document.querySelector("vitrine-plugin").shadowRoot.activeElement), null);
});
