import { buildClientSchema, parse, validate } from "graphql";
import type { IntrospectionQuery } from "graphql";
import { readFileSync } from "node:fs";
import { findPackageJSON } from "node:module";
import { dirname, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";

import { readLevelsQuery, sendDispatchMutation } from "#app/adapters/shopify-admin.server.ts";
import { findListingsQuery, findLocationsQuery } from "#app/adapters/shopify-catalog.server.ts";
import { apiVersion } from "#app/adapters/shopify-graphql.server.ts";

const schema = readSchema();

test.each([
  ["SendDispatch", sendDispatchMutation],
  ["ReadLevels", readLevelsQuery],
  ["FindLocations", findLocationsQuery],
  ["FindListings", findListingsQuery],
])("%s is a valid document of the Admin API's own schema", (_name, document) => {
  expect(validate(schema, parse(document))).toEqual([]);
});

function readSchema() {
  const folder = dirname(findPackageJSON("@shopify/dev-mcp", import.meta.url)!);
  const file = readFileSync(join(folder, "dist/data", `admin_${apiVersion}.json.gz`));
  const { data } = JSON.parse(gunzipSync(file).toString()) as { data: IntrospectionQuery };
  return buildClientSchema(data);
}
