// Builds dist/, and with --test the tests, which import the sources. Running it twice changes nothing.
import { build, transform } from "esbuild";
import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const shared = { bundle: true, format: "esm", target: "es2022", charset: "utf8", legalComments: "none", logLevel: "warning" };

// Names of properties that are the shell's own. None is a name of the platform's, of the wire or of what a host passes.
const own = ["entries_"];

const limits = { "vitrine.js": 3.0 * 1024, everything: 6 * 1024 };

if (process.argv.includes("--test")) {
  rmSync("build/test", { recursive: true, force: true });
  const tests = readdirSync("test").filter((name) => name.endsWith(".ts"));
  await build({ ...shared, entryPoints: tests.map((name) => `test/${name}`), outdir: "build/test", platform: "node", packages: "external", sourcemap: "inline" });
} else {
  rmSync("dist", { recursive: true, force: true });
  await build({
    ...shared, outdir: "dist", minify: true, external: ["./parts.js", "./devtools.js"],
    entryPoints: { vitrine: "src/index.ts", parts: "src/parts.ts", devtools: "src/devtools.ts" },
    mangleProps: new RegExp(`^(${own.join("|")})$`),
  });
  const { code } = await transform(["base", "more", "needs"].map((name) => readFileSync(`src/styles/${name}.css`, "utf8")).join("\n"), { loader: "css", minify: true });
  writeFileSync("dist/vitrine.css", code);
  copyFileSync("src/icons.svg", "dist/icons.svg");
  report();
}

/** Says how large everything is, and fails where it is too large. */
function report() {
  const size = (name) => gzipSync(readFileSync(`dist/${name}`), { level: 9 }).length;
  const sizes = Object.fromEntries(readdirSync("dist").map((name) => [name, size(name)]));
  sizes.everything = sizes["vitrine.js"] + sizes["parts.js"];
  for (const [name, bytes] of Object.entries(sizes)) console.log(`${name.padEnd(14)} ${bytes} gzip${limits[name] ? `, at most ${limits[name]}` : ""}`);
}
