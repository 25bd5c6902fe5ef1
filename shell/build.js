// Builds dist/vitrine.js, and with --test the tests, which import the sources. Running it twice
// changes nothing.
import { build, transform } from "esbuild";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { gzipSync } from "node:zlib";

const css = {
  name: "css",
  setup({ onLoad }) {
    onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { code } = await transform(readFileSync(path, "utf8"), { loader: "css", minify: true });
      return { contents: code.trim(), loader: "text" };
    });
  },
};

const shared = { bundle: true, format: "esm", target: "es2022", charset: "utf8", plugins: [css], legalComments: "none", logLevel: "warning" };

if (process.argv.includes("--test")) {
  rmSync("build/test", { recursive: true, force: true });
  const tests = readdirSync("test").filter((name) => name.endsWith(".ts"));
  await build({ ...shared, entryPoints: tests.map((name) => `test/${name}`), outdir: "build/test", platform: "node", packages: "external", sourcemap: "inline" });
} else {
  rmSync("dist", { recursive: true, force: true });
  await build({ ...shared, entryPoints: ["src/index.ts"], outfile: "dist/vitrine.js", minify: true, sourcemap: false });
  const bytes = readFileSync("dist/vitrine.js");
  console.log(`dist/vitrine.js ${bytes.length} bytes, ${gzipSync(bytes, { level: 9 }).length} gzip`);
}
