// Builds dist/ and packages/, and with --test the tests, which import the sources. Running it twice changes nothing.
import { build, transform } from "esbuild";
import { execFileSync } from "node:child_process";
import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const shared = { bundle: true, format: "esm", target: "es2022", charset: "utf8", legalComments: "none", logLevel: "warning" };

const limits = { "vitrine.js": 3.0 * 1024, everything: 6 * 1024 };

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
    ...shared, outdir: "dist", minify: true, external: ["./parts.js", "./devtools.js"],
    entryPoints: { vitrine: "src/index.ts", parts: "src/parts.ts", devtools: "src/devtools.ts" },
  });
  const { code } = await transform(["base", "more", "needs"].map((name) => readFileSync(`src/styles/${name}.css`, "utf8")).join("\n"), { loader: "css", minify: true });
  writeFileSync("dist/vitrine.css", code);
  copyFileSync("src/icons.svg", "dist/icons.svg");
  await packages();
  report();
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

/** Says how large everything is, and fails where it is too large. */
function report() {
  const size = (name) => gzipSync(readFileSync(`dist/${name}`), { level: 9 }).length;
  const sizes = Object.fromEntries(readdirSync("dist").map((name) => [name, size(name)]));
  sizes.everything = sizes["vitrine.js"] + sizes["parts.js"];
  for (const [name, bytes] of Object.entries(sizes)) console.log(`${name.padEnd(14)} ${bytes} gzip${limits[name] ? `, at most ${limits[name]}` : ""}`);
}
