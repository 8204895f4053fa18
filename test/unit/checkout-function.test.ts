import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import {
  loadFixture,
  loadInputQuery,
  loadSchema,
  validateTestAssets,
} from "@shopify/shopify-function-test-helpers";
import { buildClientSchema, printSchema } from "graphql";
import type { IntrospectionQuery } from "graphql";
import { parse as parseToml } from "smol-toml";
import { expect, test } from "vitest";

import { snapshotMetafield } from "#app/domain/checkout/snapshot.ts";

import type { RunInput } from "../../extensions/checkout-validation/generated/api.ts";
import { run } from "../../extensions/checkout-validation/src/run.ts";

const extension = "extensions/checkout-validation";
const fixtures = readdirSync(join(extension, "fixtures"));
/** Shopify's limits for a Function: what it may write, and how long its query may be. */
const outputMaxBytes = 20_000;
const queryMaxBytes = 3_000;

test.each(fixtures)("%s is a case that Shopify's schema allows", async (name) => {
  const result = await validateTestAssets({
    schema: await loadSchema(join(extension, "schema.graphql")),
    fixture: await loadFixture(join(extension, "fixtures", name)),
    inputQueryAST: await loadInputQuery(join(extension, "src/run.graphql")),
  });

  expect([
    ...result.inputQuery.errors,
    ...result.inputFixture.errors,
    ...result.outputFixture.errors,
  ]).toEqual([]);
  expect(result.mutationName).toBe("cartValidationsGenerateRun");
});

test.each(fixtures)("%s is answered as it says", async (name) => {
  const { input, expectedOutput } = await loadFixture(join(extension, "fixtures", name));

  expect(run(input as RunInput)).toEqual(expectedOutput);
});

test("200 refused lines with the longest titles stay within what a Function may write", () => {
  const lines = Array.from({ length: 200 }, (_, index) => ({
    q: 2,
    m: { s: { v: [`pool-${index}`, 1, 1] }, p: { t: "𝕏".repeat(255) } },
  }));

  const output = run({
    buyerJourney: { step: "CHECKOUT_COMPLETION" },
    localization: { language: { isoCode: "JA" } },
    cart: { lines },
  });

  expect(output.operations[0]?.validationAdd?.errors).toHaveLength(20);
  expect(Buffer.byteLength(JSON.stringify(output))).toBeLessThan(outputMaxBytes);
});

test("the query asks for the metafield that the app writes, and is short enough", () => {
  const query = readFileSync(join(extension, "src/run.graphql"), "utf8");

  expect(snapshotMetafield.namespace).toBe("$app"); // which is what a query without a namespace reads
  expect(query).toContain(`metafield(key: "${snapshotMetafield.key}")`);
  expect(Buffer.byteLength(query)).toBeLessThan(queryMaxBytes);
});

test("the extension's schema is Shopify's for the API version that the extension names", () => {
  const manifest = parseToml(readFileSync(join(extension, "shopify.extension.toml"), "utf8")) as {
    readonly api_version: string;
  };
  const packed = readFileSync(
    `node_modules/@shopify/dev-mcp/dist/data/functions_cart_checkout_validation_${manifest.api_version}.json.gz`,
  );
  const { data } = JSON.parse(gunzipSync(packed).toString()) as { data: IntrospectionQuery };

  expect(readFileSync(join(extension, "schema.graphql"), "utf8")).toBe(
    `${printSchema(buildClientSchema(data))}\n`,
  );
});
