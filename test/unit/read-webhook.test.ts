import { expect, test } from "vitest";

import { parseExactJson } from "#app/services/exact-json.ts";
import { readWebhook } from "#app/services/read-webhook.ts";
import type { StockTopic } from "#app/services/read-webhook.ts";

const read = (topic: StockTopic, payload: unknown) => readWebhook(topic, bytes(payload));
const bytes = (payload: unknown) =>
  new TextEncoder().encode(typeof payload === "string" ? payload : JSON.stringify(payload));

const level = {
  inventory_item_id: 48513488879793,
  location_id: 75596366001,
  available: 3,
  updated_at: "2026-03-16T15:35:06+07:00",
  admin_graphql_api_id:
    "gid://shopify/InventoryLevel/110012006577?inventory_item_id=48513488879793",
};
const named = {
  inventoryItemId: "gid://shopify/InventoryItem/48513488879793",
  locationId: "gid://shopify/Location/75596366001",
};

test("a level is observed with Shopify's own time of it", () => {
  expect(read("inventory_levels/update", level)).toEqual({
    kind: "findings",
    match: "item-at-location",
    findings: [
      {
        ...named,
        event: { kind: "level-observed", units: 3, atMs: Date.UTC(2026, 2, 16, 8, 35, 6) },
      },
    ],
    onlyGuards: null,
  });
});

test("a level without a number belongs to an item that Shopify does not count", () => {
  expect(read("inventory_levels/update", { ...level, available: null })).toMatchObject({
    findings: [{ ...named, event: { kind: "guard-changed", guard: "untracked" } }],
  });
});

test("ids beyond 2^53 keep every digit", () => {
  const text = JSON.stringify(level)
    .replace("48513488879793", "271878346596884015")
    .replace("75596366001", "655441491922222333");

  expect(read("inventory_levels/update", text)).toMatchObject({
    findings: [
      {
        inventoryItemId: "gid://shopify/InventoryItem/271878346596884015",
        locationId: "gid://shopify/Location/655441491922222333",
      },
    ],
  });
});

test("only whole numbers that would be rounded come as digits", () => {
  expect(
    parseExactJson('{"a":9007199254740993,"b":1.50000000000000001,"c":"1234567890123456"}'),
  ).toEqual({ a: "9007199254740993", b: 1.5, c: "1234567890123456" });
});

test("a level that came and one that went change what the listing can do", () => {
  expect(read("inventory_levels/connect", level)).toMatchObject({
    findings: [{ ...named, event: { guard: "guarded" } }],
    onlyGuards: ["guarded", "disconnected", "refused"],
  });
  const { inventory_item_id, location_id } = level;
  expect(read("inventory_levels/disconnect", { inventory_item_id, location_id })).toMatchObject({
    findings: [{ ...named, event: { guard: "disconnected" } }],
    onlyGuards: null,
  });
});

test("an item that is counted again repairs only what not counting it broke", () => {
  expect(read("inventory_items/update", { id: 1, tracked: false })).toMatchObject({
    match: "item",
    findings: [{ inventoryItemId: "gid://shopify/InventoryItem/1", event: { guard: "untracked" } }],
    onlyGuards: null,
  });
  expect(read("inventory_items/update", { id: 1, tracked: true })).toMatchObject({
    findings: [{ event: { guard: "guarded" } }],
    onlyGuards: ["guarded", "untracked"],
  });
});

test.each([
  ["inventory_items/delete", "item", "deleted"],
  ["locations/deactivate", "location", "location-inactive"],
  ["locations/delete", "location", "location-inactive"],
] as const)("%s takes every listing of the %s out", (topic, match, guard) => {
  expect(read(topic, { id: 7 })).toMatchObject({ match, findings: [{ event: { guard } }] });
});

const line = (variantId: number | null, quantity: number) => ({
  id: 1,
  variant_id: variantId,
  quantity,
  name: "Shirt for Ada",
});

test("an order sells the sum of its lines, a variant at a time", () => {
  const reading = read("orders/create", {
    id: 820982911946154508,
    email: "ada@example.com",
    location_id: null,
    line_items: [line(1, 2), line(2, 1), line(1, 3), line(null, 1), line(3, 0)],
  });

  const sale = (variant: number, soldUnits: number) => ({
    variantId: `gid://shopify/ProductVariant/${variant}`,
    event: {
      kind: "order-seen",
      orderId: expect.stringContaining("gid://shopify/Order/") as string,
      soldUnits,
      returnedUnits: 0,
    },
  });
  expect(reading).toEqual({
    kind: "findings",
    match: "variant",
    findings: [sale(1, 5), sale(2, 1)],
    onlyGuards: null,
  });
});

test("a sale at a counter names its location", () => {
  expect(read("orders/create", { id: 1, location_id: 9, line_items: [line(1, 1)] })).toMatchObject({
    findings: [{ locationId: "gid://shopify/Location/9" }],
  });
});

const refund = {
  id: 5,
  order_id: 6,
  refund_line_items: [
    { quantity: 2, restock_type: "return", location_id: 9, line_item: line(1, 4) },
    { quantity: 1, restock_type: "no_restock", location_id: null, line_item: line(2, 4) },
    { quantity: 1, restock_type: "cancel", location_id: 9, line_item: line(1, 4) },
  ],
};

test("a refund gives back what it restocks, and nothing else", () => {
  expect(read("refunds/create", refund)).toMatchObject({
    findings: [
      {
        variantId: "gid://shopify/ProductVariant/1",
        locationId: "gid://shopify/Location/9",
        subject: "refund:5",
        event: { orderId: "gid://shopify/Order/6", soldUnits: 0, returnedUnits: 3 },
      },
    ],
  });
});

test("a cancelled order tells the same of its refunds as they do themselves", () => {
  const told = read("refunds/create", refund);

  expect(read("orders/cancelled", { id: 6, line_items: [], refunds: [refund] })).toEqual(told);
  expect(read("orders/cancelled", { id: 6, refunds: [] })).toMatchObject({ findings: [] });
});

test("an edited order and a deleted product name nothing that is sold", () => {
  expect(read("orders/edited", { order_edit: {} })).toMatchObject({ findings: [] });
  expect(read("products/delete", { id: 1 })).toMatchObject({ findings: [] });
});

test("a level beyond Shopify's own limits is no level", () => {
  expect(read("inventory_levels/update", { ...level, available: 3_000_000_000 })).toMatchObject({
    kind: "malformed",
  });
});

test("a malformed payload is described, and keeps nothing of the buyer", () => {
  const reading = read("orders/create", {
    id: 1,
    email: "ada@example.com",
    customer: { first_name: "Ada" },
    line_items: [{ variant_id: 4, quantity: "two", name: "Shirt for Ada" }],
  });

  expect(reading).toEqual({
    kind: "malformed",
    reason: expect.stringContaining("line_items.0.quantity") as string,
    payload: { id: 1, line_items: [{ variant_id: 4, quantity: "two" }] },
  });
});

test("a body that is no JSON, or no text, is known by its length and digest", () => {
  expect(read("orders/create", "Ada, 2 shirts")).toEqual({
    kind: "malformed",
    reason: "The body is no JSON.",
    payload: { bytes: 13, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string },
  });
  expect(readWebhook("orders/create", new Uint8Array([0xff, 0xfe]))).toMatchObject({
    reason: "The body is no UTF-8.",
  });
});

test("what is kept of a malformed payload fits PostgreSQL: no NUL, and no more than it may be", () => {
  const reading = read("refunds/create", {
    id: "\0".repeat(3) + "x".repeat(1_000),
    refund_line_items: Array.from({ length: 1_000 }, () => 1),
  });

  expect(reading).toMatchObject({ kind: "malformed", payload: { id: "x".repeat(61) } });
  expect(JSON.stringify(reading).length).toBeLessThan(2_000);
});
