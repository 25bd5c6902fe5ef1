// Every component in every state, as the demo's catalog shows it: how it looks, whether it is accessible, whether the
// keyboard is enough.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { after, before, test } from "node:test";
import { launch, live, open, shot } from "./browser.js";
import { startServer } from "./server.js";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

let browser, server;
before(async () => {
  server = await startServer("http://localhost:1");
  browser = await launch();
});
after(async () => {
  await browser?.close();
  assert.equal(await server?.stop(), 0);
});

function catalog(name, run, { query = "", options } = {}) {
  test(name, { timeout: 600_000 }, async (t) => {
    const { context, page, troubles } = await open(browser, options);
    try {
      await page.goto(`${server.url}/vitrine/catalog${query}`);
      await page.getByRole("heading", { name: "Of the page's own" }).waitFor();
      await live(page.locator("vitrine-plugin"));
      await run(page);
      assert.deepEqual(troubles, []);
    } catch (e) {
      await shot(page, `failed-${name.replaceAll(/\W+/g, "-").slice(0, 60)}`, { fullPage: true });
      t.diagnostic(server.log());
      throw e;
    } finally {
      await context.close();
    }
  });
}

/** What axe finds wrong. The page's policy holds for pages; the tester's own script comes by the debugger. */
async function violations(page) {
  await page.evaluate(axe);
  const found = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  return found.violations.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 160)} ${failureSummary.slice(0, 300)}`));
}

const looks = {
  light: {},
  dark: { query: "?theme=dark" },
  rtl: { query: "?dir=rtl" },
  phone: { options: { viewport: { width: 375, height: 800 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true } },
  forced: { options: { forcedColors: "active" } },
  still: { options: { reducedMotion: "reduce" } },
};
for (const [name, how] of Object.entries(looks)) {
  catalog(`every component and state, ${name}`, async (page) => {
    await page.waitForTimeout(500); // what moves in has arrived
    await shot(page, `catalog-${name}`, { fullPage: true });
    assert.deepEqual(await violations(page), []);
    assert.ok((await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)) <= 0, "the page is too wide");
  }, how);
}

for (const theme of ["light", "dark"]) {
  catalog(`what opens above the page, ${theme}`, async (page) => {
    await page.getByRole("button", { name: "Actions" }).click();
    await page.getByRole("menu").waitFor();
    await page.waitForTimeout(200);
    await shot(page, `menu-${theme}`);
    assert.deepEqual(await violations(page), []);
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Details", exact: true }).click();
    await page.getByText("What is shown beside the button.").waitFor();
    assert.deepEqual(await violations(page), []);
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Open a dialog" }).click();
    const dialog = page.getByRole("dialog", { name: "Rename the table" });
    await dialog.getByText("Catalog", { exact: true }).waitFor(); // whose it is
    await page.waitForTimeout(300);
    await shot(page, `dialog-${theme}`);
    assert.deepEqual(await violations(page), []);
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    await page.getByText("Last event: closed").waitFor();
  }, { query: `?theme=${theme}` });
}

catalog("the keyboard is enough", async (page) => {
  const said = (words) => page.getByText(`Last event: ${words}`).waitFor();
  const press = async (role, name, key) => {
    await page.getByRole(role, { name, exact: role !== "radio" }).first().focus();
    await page.keyboard.press(key);
  };
  await press("button", "Primary", "Enter");
  await said("click");
  await press("checkbox", "I agree", "Space");
  await said("change false");
  await press("switch", "Notifications", "Space");
  await said("change false");
  await press("radio", "Team", "ArrowUp");
  await said("change free");
  await press("tab", "Overview", "ArrowRight");
  await said("tab two");
  await page.getByText("The second panel.").waitFor();
  await page.keyboard.press("ArrowRight"); // what is switched off can be reached and not chosen
  await page.getByText("The second panel.").waitFor();
  await page.getByText("More about it").focus();
  await page.keyboard.press("Enter");
  await said("open true");
  await press("textbox", "Street", "Enter");
  await said("submit");
  await page.getByRole("listitem").filter({ hasText: "Berlin" }).last().focus();
  await page.keyboard.press("Enter");
  await said("Berlin");
  await page.getByRole("article").filter({ hasText: "To be pressed" }).focus();
  await page.keyboard.press("Space");
  await said("card");
  await press("button", "Actions", "Enter");
  const first = page.getByRole("menuitem", { name: "Rename" });
  await first.waitFor();
  while (!(await first.evaluate((el) => el.matches(":focus")))) await page.waitForTimeout(20);
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("Enter");
  await said("delete");
  await page.waitForFunction(() => document.activeElement.shadowRoot?.activeElement?.textContent === "Actions"); // else the focus is lost
});

catalog("what the page lacks degrades to a fallback, a link at last", async (page) => {
  await page.getByText("What is shown where the page has no map.").waitFor();
  assert.equal(await page.getByRole("link", { name: "A map of the meters" }).getAttribute("href"), "https://example.com/map");
  await page.getByText("The page has put nothing here.").waitFor();
});
