// Takes the README's picture of the demo: the real server in a real browser. `npm run picture`
import { launch, open } from "./browser.js";
import { startServer } from "./server.js";

const server = await startServer("http://127.0.0.1:1");
const browser = await launch();
const { page } = await open(browser, { viewport: { width: 1440, height: 1320 } });
await page.goto(server.url);
const fractal = page.getByRole("region", { name: "Fractal explorer" });
await fractal.getByText("Drawn in").waitFor();
const { x, y, width, height } = await fractal.getByRole("application").first().boundingBox();
for (const notches of [8, 8, 8, 5]) {
  await page.mouse.move(x + width * 0.487, y + height * 0.4543);
  await page.mouse.wheel(0, -100 * notches);
  await page.waitForTimeout(500);
}
await page.mouse.move(x + width * 0.8, y + height * 0.4);
await page.mouse.down();
await page.mouse.move(x + width * 0.42, y + height * 0.5, { steps: 10 });
await page.mouse.up();
const lens = page.locator("#lens");
await lens.getByLabel("Search", { exact: true }).fill("rider:member");
await lens.getByText(/ match$/).waitFor();
await lens.getByText("Statistics of").waitFor();
await fractal.getByText("Drawn in").waitFor();
await page.waitForTimeout(1500);
await page.evaluate(() => document.activeElement.blur());
await page.mouse.move(0, 0);
await page.waitForTimeout(300);
await page.screenshot({ path: new URL("../../docs/demo.png", import.meta.url).pathname });
await browser.close();
await server.stop();
