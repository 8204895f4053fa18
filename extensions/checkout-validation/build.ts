/**
 * Builds the Function: what shopify.extension.toml names as its build command.
 *
 * Always: dist/function.js, the bundle that Shopify CLI would make, without anything to download. It runs
 * in QuickJS, the engine that stores run it in, and so in every test.
 *
 * Once `npm install` was run in this folder: also dist/function.wasm, by Shopify CLI's own build, which
 * downloads Javy. A function that the CLI takes for JavaScript (by src/index.ts) makes even a mere
 * `shopify app build` download it, so that build happens in a copy in dist/standard.
 */
import { execFileSync } from "node:child_process";
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

import { build } from "esbuild";

const directory = dirname(fileURLToPath(import.meta.url));
const source = join(directory, "src", "run.ts");
const dist = join(directory, "dist");

/** What the CLI generates for `export = "run"`, with the two lines of @shopify/shopify_function in it. */
const entry = `
import { run as decide } from "user-function";
export function run() {
  ShopifyFunction.writeOutput(decide(ShopifyFunction.readInput()));
}
`;

/** @returns where the bundle is: an ES module that exports `run` and uses the global ShopifyFunction. */
export async function bundleFunction(outfile = join(dist, "function.js")): Promise<string> {
  await build({
    stdin: { contents: entry, loader: "ts", resolveDir: directory },
    alias: { "user-function": source },
    outfile,
    bundle: true,
    legalComments: "none",
    target: "es2022",
    format: "esm",
    logLevel: "error",
  });
  return outfile;
}

/** @throws if Shopify CLI cannot build it, for instance because it cannot download Javy. */
function buildModule(): void {
  const copy = join(dist, "standard");
  const extension = join(copy, "extensions", "checkout-validation");
  rmSync(copy, { recursive: true, force: true });
  mkdirSync(join(extension, "src"), { recursive: true });

  copyFileSync(join(directory, "../../shopify.app.toml"), join(copy, "shopify.app.toml"));
  writeFileSync(join(copy, "package.json"), `{ "name": "standard-build", "private": true }\n`);
  for (const name of ["package.json", "schema.graphql", "locales", "src/run.graphql"]) {
    cpSync(join(directory, name), join(extension, name), { recursive: true });
  }
  const manifest = readFileSync(join(directory, "shopify.extension.toml"), "utf8");
  writeFileSync(
    join(extension, "shopify.extension.toml"),
    manifest.replaceAll(/^(command|wasm_opt) = .*\n/gm, ""),
  );
  const path = relative(join(extension, "src"), source);
  writeFileSync(join(extension, "src", "index.ts"), `export { run } from "${path}";\n`);

  execFileSync("shopify", ["app", "function", "build", "--path", extension], { stdio: "inherit" });
  copyFileSync(join(extension, "dist", "function.wasm"), join(dist, "function.wasm"));
}

if (import.meta.main) {
  await bundleFunction();
  if (existsSync(join(directory, "node_modules", "@shopify", "shopify_function"))) buildModule();
}
