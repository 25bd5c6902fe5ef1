// The badge of an attendee as two people meet it at once.
import assert from "node:assert/strict";
import { live } from "./browser.js";
import { example, looks, widthFits } from "./example.js";

const badge = (page) => page.locator('vitrine-plugin[place="attendee"]');
const field = (page, name) => badge(page).getByLabel(name, { exact: true });

const attendee = example("attendee", async (page) => {
  await badge(page).scrollIntoViewIfNeeded();
  await live(badge(page));
  await badge(page).getByText("Live", { exact: true }).waitFor();
});

attendee("what one person changes, another sees at once", async (page, { another }) => {
  const other = await another();
  const name = `Ada ${Date.now() % 1000}`;
  await field(page, "Name").fill(name);
  await badge(page).getByRole("button", { name: "Save" }).click();
  await badge(other).getByText(name, { exact: true }).waitFor();
  await badge(other).getByText(/^Changed by others/).waitFor();
  assert.equal(await field(other, "Name").inputValue(), name);
});

attendee("what is typed and not saved stays while others change the record", async (page, { another }) => {
  const other = await another();
  await field(page, "Company").fill("Not saved yet");
  const check = badge(other).getByRole("button", { name: /^Check (in|out)$/ });
  const was = await check.textContent();
  await check.click();
  await badge(page).getByRole("button", { name: was === "Check in" ? "Check out" : "Check in" }).waitFor();
  assert.equal(await field(page, "Company").inputValue(), "Not saved yet");
});

for (const [name, options] of Object.entries(looks)) {
  attendee(`it fits, ${name}`, async (page, { keep }) => {
    await keep(badge(page), name);
    await widthFits(page);
  }, { options });
}
