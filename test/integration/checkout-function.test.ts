import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { loadFixture } from "@shopify/shopify-function-test-helpers";
import { stop as stopEsbuild } from "esbuild";
import { afterAll, expect, onTestFinished, test } from "vitest";

import { runBuiltFunction } from "#test/support/built-function.ts";

import { bundleFunction } from "../../extensions/checkout-validation/build.ts";

const extension = resolve("extensions/checkout-validation");

afterAll(stopEsbuild); // it keeps a process for the next bundle

async function bundle(): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), "location-groups-function-"));
  onTestFinished(() => {
    rmSync(directory, { recursive: true });
  });
  return readFileSync(await bundleFunction(join(directory, "function.js")), "utf8");
}

test("the built Function answers every fixture in the engine that stores run it in", async () => {
  const code = await bundle();
  const fixtures = readdirSync(join(extension, "fixtures"));
  expect(fixtures.length).toBeGreaterThan(5);

  for (const name of fixtures) {
    const { input, expectedOutput } = await loadFixture(join(extension, "fixtures", name));
    expect(await runBuiltFunction(code, input), name).toEqual(expectedOutput);
  }
});

test("the built Function is small: what it imports of the app is the rule, and nothing else", async () => {
  // Of the 256 kB that a module may have, the engine's own part is shared.
  expect(Buffer.byteLength(await bundle())).toBeLessThan(16_000);
});

test("the generated types are those of the schema and the query", () => {
  const check = spawnSync(
    resolve("node_modules/.bin/graphql-codegen"),
    ["--config", "package.json", "--check"],
    { cwd: extension, encoding: "utf8" },
  );

  expect(check.status, `${check.stdout}${check.stderr}`).toBe(0);
});
