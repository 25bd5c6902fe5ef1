// The admin's page: what is taken back there ends in a plugin that is shown, by keyboard alone, and is said to have been refused.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { launch, live, open } from "./browser.js";
import { looks, widthFits } from "./example.js";
import { startServer } from "./server.js";

let server, browser;

before(async () => {
  server = await startServer("http://127.0.0.1:1");
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await server?.stop();
});

/** The link that the server has printed last; each is good once. */
let links = 0;
const link = async () => {
  const printed = () => server.log().match(/(?<=once: )\S+(?=\n)/g) ?? [];
  while (printed().length <= links) await new Promise((then) => setTimeout(then, 20));
  return printed()[links++];
};

test("a right is taken back and given again by keyboard, and holds at once", async () => {
  const [admin, person] = [await open(browser), await open(browser)];
  const [page, demo] = [admin.page, person.page];
  try {
    await page.goto(await link());
    await demo.goto(server.url);
    const badge = demo.locator('vitrine-plugin[place="attendee"]');
    await badge.scrollIntoViewIfNeeded();
    await live(badge);
    await badge.getByText("Live", { exact: true }).waitFor();
    const check = badge.getByRole("button", { name: "Check in", exact: true });
    const decide = async (name, becomes) => {
      const row = page.getByRole("listitem").filter({ hasText: "change one attendee" });
      await row.getByRole("button", { name }).focus();
      await page.keyboard.press("Enter");
      await row.getByRole("status").waitFor();
      assert.equal(await page.evaluate(() => document.activeElement.textContent), becomes, "the focus is lost");
    };
    await decide("Take back", "Grant");
    await check.click();
    await badge.getByText("This page does not let the plugin change the attendee.").waitFor();
    await page.getByText("Attendee:update id=a-17").waitFor(); // by itself
    await decide("Grant", "Take back");
    await check.click();
    await badge.getByRole("button", { name: "Check out" }).waitFor();
    assert.deepEqual([...admin.troubles, ...person.troubles], []);
  } finally {
    await admin.context.close();
    await person.context.close();
  }
});

for (const [name, options] of Object.entries(looks)) {
  test(`it fits, ${name}`, async () => {
    const { context, page, troubles } = await open(browser, options);
    try {
      await page.goto(await link());
      await page.getByRole("heading", { name: "Weatherboard" }).waitFor();
      await widthFits(page);
      assert.deepEqual(troubles, []);
    } finally {
      await context.close();
    }
  });
}
