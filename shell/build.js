// Builds dist/ and packages/, and with --test the tests, which import the sources. Running it twice changes nothing.
import { build, transform } from "esbuild";
import { execFileSync } from "node:child_process";
import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const shared = { bundle: true, format: "esm", target: "es2022", charset: "utf8", legalComments: "none", loader: { ".css": "text" }, logLevel: "warning" };

/** What is loaded when the first component that needs it is shown. */
const parts = ["canvas", "chart", "effects", "fields", "files", "host", "morph", "opens", "shows"];

/** How large things may be, in bytes, gzip. Nothing grows by accident. */
const limits = { "vitrine.js": 3 << 10, "mount.js": 10.75 * 1024, "any plugin": 16.25 * 1024, "every script": 23.5 * 1024 };

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
  await build({
    ...shared, outdir: "dist", minify: true, external: ["./mount.js", "./devtools.js"],
    entryPoints: { vitrine: "src/index.ts", mount: "src/mount.ts", devtools: "src/devtools.ts", ...Object.fromEntries(parts.map((name) => [name, `src/parts/${name}.ts`])) },
  });
  const { code } = await transform(["base", "more", "needs"].map((name) => readFileSync(`src/styles/${name}.css`, "utf8")).join("\n"), { loader: "css", minify: true });
  writeFileSync("dist/vitrine.css", code);
  copyFileSync("src/icons.svg", "dist/icons.svg");
  await catalog();
  await packages();
  report();
}

/** Writes what the page knows of the catalog: its hash, the values of enums, the components, and how each stands in the page. */
async function catalog() {
  const contents = 'export { hash, lists, catalog } from "./src/catalog.gen"; export { looks } from "./src/looks"';
  const { outputFiles } = await build({ ...shared, stdin: { contents, resolveDir: ".", loader: "ts" }, write: false });
  const { hash, lists, catalog, looks } = await import(`data:text/javascript;base64,${Buffer.from(outputFiles[0].contents).toString("base64")}`);
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
