// js-framework-benchmark's operations, measured in Chromium: prints one object a line. Nothing else should run meanwhile.
import { readFileSync } from "node:fs";
import { arch, cpus, loadavg, platform, release, totalmem } from "node:os";
import { build } from "esbuild";
import { chromium } from "playwright-core";
import { mount, serve } from "../../test/browser/fixture.js";
import { framesFor } from "./frames.js";
import { snap, node } from "../../shell/build/test/encode.js";

const runs = Number(process.env.RUNS ?? 15);
const warm = 4;
const adjectives = "pretty large big small tall short long handsome plain quaint clean elegant easy angry crazy helpful".split(" ");
const colours = "red yellow blue green pink brown purple black white orange".split(" ");
const nouns = "table chair house bbq desk car pony cookie sandwich burger pizza mouse keyboard".split(" ");
let id = 0;
let seed = 1;
const pick = (list) => list[(seed = (seed * 48271) % 0x7fffffff) % list.length];
const data = (n) => Array.from({ length: n }, () => ({ id: ++id, label: `${pick(adjectives)} ${pick(colours)} ${pick(nouns)}` }));

// What changes a table that stands is done some times for nothing first, as the benchmark does it.
const cases = {
  "create 1,000": () => ({ op: "append", before: [], after: data(1000), rows: 1000 }),
  "create 10,000": () => ({ op: "append", before: [], after: data(10_000), rows: 10_000 }),
  "replace 1,000": () => ({ op: "replace", before: data(1000), after: data(1000), rows: 1000 }),
  "every 10th": () => ({ op: "every10th", warm: 3, times: 33, before: data(1000), rows: 1000 }),
  select: () => ({ op: "select", warm: 5, times: 105, before: data(1000), at: 5, rows: 1000 }),
  swap: () => ({ op: "swap", warm: 5, times: 105, before: data(1000), rows: 1000 }),
  remove: () => ({ op: "remove", warm: 5, times: 105, before: data(1000), at: 4, rows: 895 }),
  "append 1,000": () => ({ op: "append", before: data(1000), after: data(1000), rows: 2000 }),
  clear: () => ({ op: "clear", before: data(1000), rows: 0 }),
};
const systems = ["vitrine", "remote-dom", "remote-dom, parsed", "plain"];
const only = process.env.ONLY?.split(";");

// A page that is isolated has a clock of 5 microseconds; others have one of 100, which is more than many of the operations.
const site = await serve({ "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" });
const { outputFiles } = await build({ entryPoints: [new URL("page.js", import.meta.url).pathname], bundle: true, format: "iife", write: false, minify: true, loader: { ".css": "text" } });
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", headless: true, args: ["--no-sandbox", "--disable-gpu", "--js-flags=--expose-gc"] });
const version = (name) => JSON.parse(readFileSync(new URL(`node_modules/${name}/package.json`, import.meta.url))).version;
// Where and when, as package bench writes it.
console.log(JSON.stringify({ machine: {
  date: new Date().toISOString(), cpu: cpus()[0].model.trim(), cores: cpus().length, memory: totalmem(),
  system: `${platform()}/${{ x64: "amd64" }[arch()] ?? arch()} ${release()}`, load: +loadavg()[0].toFixed(2),
  versions: { chromium: browser.version(), node: process.version, "remote-dom": version("@remote-dom/core") }, command: "node run.js, in bench/browser",
} }));
const median = (list) => {
  const sorted = list.toSorted((a, b) => a - b);
  return (sorted[(list.length - 1) >> 1] + sorted[list.length >> 1]) / 2;
};
/** A row as package bench writes it: the median, half of what lies between the quartiles over it, and the rounds. */
function row(system, variant, metric, unit, samples) {
  const sorted = samples.toSorted((a, b) => a - b);
  const spread = (sorted[Math.floor(sorted.length * 0.75)] - sorted[Math.floor(sorted.length * 0.25)]) / 2 / (median(samples) || 1);
  console.log(JSON.stringify({ case: "browser", system, variant, metric, value: +median(samples).toFixed(4), unit, n: samples.length, spread: +spread.toFixed(3), samples: samples.map((n) => +n.toFixed(4)) }));
}
for (const [name, make] of Object.entries(cases)) {
  if (only && !only.includes(name)) continue;
  const page = await browser.newPage({ bypassCSP: true });
  await page.addInitScript(() => {
    const attach = Element.prototype.attachShadow;
    Element.prototype.attachShadow = function (init) {
      return attach.call(this, { ...init, mode: "open" });
    };
  });
  await mount(page, site.url, snap(node("box", {})));
  await page.evaluate(outputFiles[0].text);
  if (!(await page.evaluate(() => crossOriginIsolated))) throw new Error("the page's clock is coarse");
  const times = Object.fromEntries(systems.map((system) => [system, { script: [], total: [] }]));
  let [epoch, seq] = [1, 1];
  // Once for nothing: it has the files loaded that bring what a table does.
  const first = framesFor(cases.remove(), ++epoch, seq + 1);
  seq += first.frames.length;
  await page.evaluate((all) => window.ours(all), { ...first, away: undefined });
  await page.locator("vitrine-plugin tbody tr").nth(894).waitFor({ state: "attached" });
  for (let n = 0; n < runs + warm; n++) {
    const what = make();
    let words;
    for (const system of n % 2 ? systems.toReversed() : systems) {
      let result;
      if (system === "vitrine") {
        const frames = framesFor(what, (epoch += 2), seq + 1);
        seq += frames.frames.length + 1;
        result = await page.evaluate((all) => window.ours(all), frames);
      } else result = await page.evaluate(([which, given]) => window.other(which, given), [system, what]);
      if (result.rows !== what.rows) throw new Error(`${system}, ${name}: ${result.rows} rows, not ${what.rows}`);
      if (result.words !== (words ??= result.words)) throw new Error(`${system}, ${name}: not the same table:\n${words}\n${result.words}`);
      if (n < warm) continue;
      times[system].script.push(result.took[0]);
      times[system].total.push(result.took[1]);
    }
  }
  for (const system of systems) {
    for (const metric of ["script", "total"]) {
      row(system, name, metric, "ms", times[system][metric]);
      if (system === "vitrine") continue;
      // A ratio is of one moment: the median of the rounds' ratios.
      row(system, name, metric === "script" ? "ratio" : "total ratio", "x", times.vitrine[metric].map((ours, n) => ours / (times[system][metric][n] || 0.001)));
    }
  }
  await page.close();
}
await browser.close();
site.close();
