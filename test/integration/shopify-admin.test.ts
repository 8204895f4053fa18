import { randomBytes, randomUUID } from "node:crypto";
import { afterAll, expect, test } from "vitest";

import { systemClock } from "#app/adapters/clock.server.ts";
import { createOfflineTokens } from "#app/adapters/offline-tokens.server.ts";
import { createShopifyAdmin } from "#app/adapters/shopify-admin.server.ts";
import { createShopifyGraphql } from "#app/adapters/shopify-graphql.server.ts";
import { createTokenCipher } from "#app/adapters/token-cipher.server.ts";
import { findOfflineTokens, replaceOfflineTokens } from "#app/models/session.ts";
import { createShopifyFetch } from "#app/shopify-sim.server.ts";
import { Scenario } from "#test/scenarios/scenario.ts";
import { createSimulatorClient } from "#test/simulator/client.ts";
import { startSimulator } from "#test/simulator/simulator.ts";
import { openTestDatabase } from "#test/support/database.ts";
import { aLogger } from "#test/support/logger.ts";

const app = { apiKey: "key", apiSecret: "secret" };
const database = await openTestDatabase();
const cipher = createTokenCipher([randomBytes(32).toString("base64")]);
const shops = ["one", "two", "three", "four"].map((name) => `${name}.myshopify.com`);
const simulator = await startSimulator({
  ...app,
  appUrls: [],
  scenario: Scenario.parse({
    name: "admin",
    shops: shops.map((domain) => ({ domain })),
    products: ["A", "B"].map((sku) => ({
      sku,
      stock: Object.fromEntries(shops.map((domain) => [domain, 10])),
    })),
  }),
});
const client = createSimulatorClient(simulator.url);
afterAll(async () => {
  client.close();
  await simulator.stop();
});

const shopifyFetch = createShopifyFetch(simulator.url);
const tokens = createOfflineTokens({
  ...app,
  rows: {
    find: (shop) => findOfflineTokens(database, shop),
    replace: (shop, replace) => replaceOfflineTokens(database, shop, replace),
  },
  cipher,
  fetch: shopifyFetch,
  clock: systemClock,
  log: aLogger(),
});
const admin = createShopifyAdmin(createShopifyGraphql({ tokens, fetch: shopifyFetch }));

test("a dispatch changes each level by its delta, and tells the level after it", async () => {
  const shop = await installed(shops[0]!);

  const reply = await admin.sendDispatch(shop.dispatch({ A: -3, B: 2 }));

  expect(reply).toMatchObject({
    answer: { kind: "applied" },
    levels: [{ units: 7 }, { units: 12 }],
    bucket: { restorePointsPerSecond: expect.any(Number) as number },
    retryAfterMs: null,
  });
  expect(Math.abs(reply.levels[0]!.atMs - Date.now())).toBeLessThan(5_000);
  expect(await admin.readLevels(shop.read("B", "A"))).toMatchObject({
    kind: "read",
    levels: [{ units: 12 }, { units: 7 }],
  });
});

test("the same dispatch sent again is applied once, and its key refuses another content", async () => {
  const shop = await installed(shops[1]!);
  const dispatch = shop.dispatch({ A: -4 });

  const replies = [await admin.sendDispatch(dispatch), await admin.sendDispatch(dispatch)];
  const other = await admin.sendDispatch({ ...shop.dispatch({ A: -1 }), id: dispatch.id });

  expect(replies.map(({ answer }) => answer.kind)).toEqual(["applied", "applied"]);
  expect(other.answer).toEqual({ kind: "key-mismatch" });
  expect(await admin.readLevels(shop.read("A"))).toMatchObject({ levels: [{ units: 6 }] });
});

test("an item that does not exist is named by its line, and nothing is applied", async () => {
  const shop = await installed(shops[2]!);
  const dispatch = shop.dispatch({ A: -1 });
  const lines = [
    ...dispatch.lines,
    { inventoryItemId: "gid://shopify/InventoryItem/999", deltaUnits: -1 },
  ];

  const reply = await admin.sendDispatch({ ...dispatch, lines });

  expect(reply.answer).toEqual({ kind: "refused-lines", lines: [1] });
  const read = shop.read("A");
  expect(
    await admin.readLevels({
      ...read,
      inventoryItemIds: [...read.inventoryItemIds, "gid://shopify/InventoryItem/999"],
    }),
  ).toMatchObject({ levels: [{ units: 10 }, null] });
});

test("a shop that removed the app refuses, reads and writes alike", async () => {
  const shop = await installed(shops[3]!);
  await admin.readLevels(shop.read("A"));
  await client.uninstall({ shop: shops[3]! });

  expect((await admin.sendDispatch(shop.dispatch({ A: 1 }))).answer).toEqual({
    kind: "refused-shop",
  });
  expect(await admin.readLevels(shop.read("A"))).toEqual({ kind: "refused" });
});

test("a token that was replaced elsewhere is found, and the call is still one attempt", async () => {
  const shop = await installed(shops[0]!);
  await admin.readLevels(shop.read("A"));
  await client.revokeTokens({ shop: shops[0]! });
  await installed(shops[0]!);

  expect(await admin.readLevels(shop.read("A"))).toMatchObject({ kind: "read" });
});

test("a shop that cannot be reached leaves it open whether a dispatch was applied", async () => {
  const shop = await installed(shops[0]!);
  const unreachable = createShopifyAdmin(
    createShopifyGraphql({ tokens, fetch: createShopifyFetch("http://127.0.0.1:1") }),
  );

  expect((await unreachable.sendDispatch(shop.dispatch({ A: 1 }))).answer).toEqual({
    kind: "unknown",
  });
  expect(await unreachable.readLevels(shop.read("A"))).toEqual({ kind: "unavailable" });
});

async function installed(shopDomain: string) {
  const grant = await client.install({ shop: shopDomain });
  const id = `offline_${shopDomain}`;
  const data = {
    shop: shopDomain,
    state: "",
    accessToken: cipher.seal(grant.access_token, { shop: shopDomain, field: "accessToken" }),
  };
  await database.prisma.session.upsert({ where: { id }, create: { id, ...data }, update: data });
  const summary = (await client.shops({})).find(({ domain }) => domain === shopDomain)!;
  const itemId = (sku: string) =>
    summary.variants.find((variant) => variant.sku === sku)!.inventoryItemId;
  const place = { shopDomain, locationId: summary.locations[0]!.id };
  return {
    dispatch: (deltas: Readonly<Record<string, number>>) => ({
      ...place,
      id: randomUUID(),
      lines: Object.entries(deltas).map(([sku, deltaUnits]) => ({
        inventoryItemId: itemId(sku),
        deltaUnits,
      })),
    }),
    read: (...skus: readonly string[]) => ({ ...place, inventoryItemIds: skus.map(itemId) }),
  };
}
