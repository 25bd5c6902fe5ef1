// Builds dist/ and packages/, and with --test the tests, which import the sources. Running it twice changes nothing.
import { build, transform } from "esbuild";
import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { minify } from "terser";

const shared = { bundle: true, format: "esm", target: "es2022", charset: "utf8", legalComments: "none", loader: { ".css": "text" }, logLevel: "warning" };

/** What is loaded when the first component that needs it is shown. */
const parts = ["controls", "drawn", "effects", "files", "host", "morph", "opens", "page"];

const refusal = /\bfail\("([^"]+)"\)/g;

/** How large things may be, in bytes, gzip. Nothing grows by accident. */
const limits = { "vitrine.js": 1.54 * 1024, "mount.js": 10.12 * 1024, "any plugin": 14.08 * 1024, "every script": 24.1 * 1024 };

/** Properties that no element, no answer of the server and no application has: they get short names. */
const own = `ack adopt again answered anew asset binary bound busy bytes called columns constant count deliver depth dirty does draft drafted edits el emit ended enter ev event events
  fault fields flush form gone held high holds holes how inSight into isOpen kids kind list lost low made mere morph needs node nodes notify number offered opening
  outbox owner own part paths picky pixels point prop proto ready receive recent release resend rich row rule said say see seen seq shape shown sight sinks snap
  spy tell up vals waits ways whole
  claim cut later retry shapes start strings unasked words`;

if (process.argv.includes("--test")) {
  rmSync("build/test", { recursive: true, force: true });
  const tests = readdirSync("test").filter((name) => /\.tsx?$/.test(name));
  await build({ ...shared, entryPoints: tests.map((name) => `test/${name}`), outdir: "build/test", platform: "node", packages: "external", sourcemap: "inline" });
  // The examples as an application has them, on the packages as they are published.
  await build({
    ...shared, entryPoints: { plain: "examples/plain/app.js", react: "examples/react/app.tsx" }, outdir: "build/examples", jsx: "automatic", minify: true,
    alias: { "@vitrine/embed": "./packages/embed/index.js", "@vitrine/react": "./packages/react/index.js" }, define: { "process.env.NODE_ENV": '"production"' },
  });
} else {
  rmSync("dist", { recursive: true, force: true });
  mkdirSync("dist");
  await modules();
  const { code } = await transform(["base", "more", "needs"].map((name) => readFileSync(`src/styles/${name}.css`, "utf8")).join("\n"), { loader: "css", minify: true });
  writeFileSync("dist/vitrine.css", code);
  copyFileSync("src/icons.svg", "dist/icons.svg");
  await catalog();
  await packages();
  report();
}

/** The short names of properties, the same in all modules; those that are used most are the shortest. */
function shortNames(code) {
  const letters = [..."abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"];
  const short = [...letters, ...letters.map((letter) => `${letter}_`)];
  const uses = (name) => code.split(new RegExp(`\\b${name}\\b`)).length;
  const names = own.split(/\s+/).map((name) => [uses(name), name]).toSorted(([a, x], [b, y]) => b - a || (x < y ? -1 : 1));
  return Object.fromEntries(names.map(([, name], n) => [name, short[n]]));
}

/** The words of every refusal, in the order of the alphabet. */
function reasonsIn(code) {
  return [...new Set(Array.from(code.matchAll(refusal), ([, why]) => why))].toSorted();
}

/** Builds the modules of dist/. The parts import what they use from mount.js; words of refusals become line numbers of reasons.txt. */
async function modules() {
  const files = readdirSync("src", { recursive: true }).filter((name) => name.endsWith(".ts")).toSorted();
  const sources = files.map((name) => readFileSync(`src/${name}`, "utf8")).join("\n");
  const reasons = reasonsIn(sources);
  writeFileSync("dist/reasons.txt", reasons.join("\n"));
  const house = {
    name: "house",
    setup(builder) {
      builder.onResolve({ filter: /^\.\.\/core$/ }, () => ({ path: "./mount.js", external: true }));
      builder.onLoad({ filter: /\/src\/.*\.ts$/ }, ({ path }) => ({ loader: "ts", contents: readFileSync(path, "utf8").replace(refusal, (_, why) => `fail(${reasons.indexOf(why) + 1})`) }));
    },
  };
  const { outputFiles } = await build({
    ...shared, outdir: "dist", minify: true, write: false, external: ["./mount.js", "./devtools.js"], plugins: [house], mangleProps: new RegExp(`^(${own.split(/\s+/).join("|")})$`), mangleCache: shortNames(sources),
    entryPoints: { vitrine: "src/index.ts", mount: "src/mount.ts", devtools: "src/devtools.ts", ...Object.fromEntries(parts.map((name) => [name, `src/parts/${name}.ts`])) },
  });
  for (const { path, text } of outputFiles) {
    // A function that is used once stays one: written where it is used, it would be made anew each time, in what is done for every frame and op.
    const { code } = await minify(text, { module: true, ecma: 2022, compress: { passes: 3, reduce_funcs: false }, format: { comments: false } });
    writeFileSync(path, code);
  }
}

/** Writes what the page knows of the catalog: its hash, the values of enums, the components, and how each stands in the page. */
async function catalog() {
  const contents = 'export { hash, lists, catalog } from "./src/catalog.gen"; export { looks } from "./src/looks"';
  const { outputFiles } = await build({ ...shared, stdin: { contents, resolveDir: ".", loader: "ts" }, write: false });
  const { hash, lists, catalog, looks } = await import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`);
  const unknown = looks.flatMap((look) => look.split("|")[4]?.split(" ") ?? []).filter((name) => name && !parts.includes(name));
  if (unknown.length) throw new Error(`no such part: ${unknown.join()}`);
  writeFileSync("dist/catalog.txt", [hash, lists, catalog, ...looks].join("\n"));
}

/** Builds the packages for npm: a readable module and its types each. One imports the other by its name. */
async function packages() {
  rmSync("build/types", { recursive: true, force: true });
  execFileSync("node_modules/.bin/tsc", ["-p", "tsconfig.packages.json"], { stdio: "inherit" });
  for (const name of ["embed", "react"]) {
    const { code } = await transform(readFileSync(`src/${name}.ts`, "utf8"), { loader: "ts", format: "esm", target: "es2022", charset: "utf8" });
    const named = (text) => text.replaceAll('"./embed"', '"@vitrine/embed"');
    writeFileSync(`packages/${name}/index.js`, named(code));
    writeFileSync(`packages/${name}/index.d.ts`, named(readFileSync(`build/types/${name}.d.ts`, "utf8")));
  }
}

/** Says how large everything is, and fails where it is larger than it may be (in bytes, gzip). */
function report() {
  const size = (name) => gzipSync(readFileSync(`dist/${name}`), { level: 9 }).length;
  const sizes = Object.fromEntries(readdirSync("dist").map((name) => [name, size(name)]));
  const sum = (...names) => names.reduce((all, name) => all + sizes[name], 0);
  sizes["any plugin"] = sum("vitrine.js", "mount.js", "catalog.txt");
  sizes["every script"] = sum("vitrine.js", "mount.js", ...parts.map((name) => `${name}.js`));
  for (const [name, bytes] of Object.entries(sizes)) {
    const most = limits[name];
    console.log(`${name.padEnd(14)} ${String(bytes).padStart(6)} ${most ? `of ${most}` : ""}`);
    if (bytes > most) process.exitCode = 1;
  }
}
