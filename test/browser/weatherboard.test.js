// The weather board as a person meets it: a server is asked, a choice is kept, a job runs beside the page.
import assert from "node:assert/strict";
import { live } from "./browser.js";
import { example, looks, widthFits } from "./example.js";

const board = (page) => page.locator('vitrine-plugin[place="weatherboard"]');
const card = (page, city) => board(page).getByRole("heading", { name: city, exact: true });

const weather = example("weatherboard", async (page) => {
  await board(page).scrollIntoViewIfNeeded();
  await live(board(page));
  await board(page).getByText(/^today, down to/).first().waitFor();
});

weather("a city is added, taken away, and still chosen after a reload", async (page) => {
  const quito = board(page).getByRole("button", { name: "Quito", exact: true });
  await quito.click();
  await card(page, "Quito").waitFor();
  assert.equal(await quito.getAttribute("aria-pressed"), "true");
  await page.reload();
  await card(page, "Quito").waitFor();
  await quito.click();
  await card(page, "Quito").waitFor({ state: "detached" });
});

weather("a job says how far it is and what it came to, while the page goes on", async (page) => {
  await board(page).getByRole("button", { name: "What is usual in Bergen?" }).click();
  await board(page).getByRole("button", { name: "Nairobi", exact: true }).click();
  await card(page, "Nairobi").waitFor();
  await board(page).getByText("Mean of each month, 1991 to 2020").waitFor();
  await board(page).getByRole("heading", { name: "Usually in Bergen" }).waitFor();
  await board(page).getByRole("button", { name: "Nairobi", exact: true }).click();
});

for (const [name, options] of Object.entries(looks)) {
  weather(`it fits, ${name}`, async (page, { keep }) => {
    await board(page).getByRole("button", { name: "What is usual in Bergen?" }).click();
    await board(page).getByText("Mean of each month").waitFor();
    await keep(board(page), name);
    await widthFits(page);
  }, { options });
}
