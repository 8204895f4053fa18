import { Kind, parse } from "graphql";
import { expect, test } from "vitest";

import { actualCost, requestedCost } from "#test/simulator/admin/cost.ts";
import type { CostRequest } from "#test/simulator/admin/cost.ts";
import { loadAdminSchema } from "#test/simulator/admin/schema.ts";

const { schema } = loadAdminSchema();

function aRequest(query: string, variables: Readonly<Record<string, unknown>> = {}): CostRequest {
  const document = parse(query);
  const operation = document.definitions.find(({ kind }) => kind === Kind.OPERATION_DEFINITION);
  return { schema, document, variables, operation: operation as CostRequest["operation"] };
}

// Recorded at Shopify.
test.each([
  ["{ locations(first: 10) { nodes { id name } } }", 6],
  ["{ productVariants(first: 250) { nodes { id } } }", 13],
  ["{ productVariants(first: 250) { edges { node { id } } pageInfo { hasNextPage } } }", 13],
  ["{ shop { name } }", 1],
])("%s costs %i", (query, points) => {
  expect(requestedCost(aRequest(query))).toBe(points);
});

test("an inventory mutation costs 10, and 13 with the items and locations of its changes", () => {
  const mutation = (selection: string) =>
    `mutation M($input: InventoryAdjustQuantitiesInput!) {
      inventoryAdjustQuantities(input: $input) @idempotent(key: "k") { ${selection} } }`;

  expect(requestedCost(aRequest(mutation("userErrors { code }")))).toBe(10);
  const full = "inventoryAdjustmentGroup { changes { item { id } location { id } } }";
  expect(requestedCost(aRequest(mutation(full)))).toBe(13);
  const refused = { inventoryAdjustQuantities: { inventoryAdjustmentGroup: null } };
  expect(actualCost(aRequest(mutation(full)), refused)).toBe(10);
});

test("a page costs what is asked for before, and what came after", () => {
  const request = aRequest("query Q($n: Int!) { locations(first: $n) { nodes { id } } }", {
    n: 50,
  });

  expect(requestedCost(request)).toBe(9);
  expect(actualCost(request, { locations: { nodes: [{ id: "1" }] } })).toBe(3);
  expect(actualCost(request, { locations: { nodes: [] } })).toBe(2);
});
