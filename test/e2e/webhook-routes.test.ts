import { request as startRequest } from "node:http";
import { afterAll, expect, test } from "vitest";

import type { WebhookTopic } from "#app/services/receive-webhook.ts";
import { startWeb } from "#test/support/app-process.ts";
import { buildGroup } from "#test/support/builders.ts";
import type { BuiltListing } from "#test/support/builders.ts";
import { openTestDatabase } from "#test/support/database.ts";
import { testApp } from "#test/support/installed-app.ts";
import { waitFor } from "#test/support/wait-for.ts";
import { signedDelivery } from "#test/support/webhook.ts";

const database = await openTestDatabase();
const web = await startWeb(testApp.environment(database.url));
afterAll(() => web.stop());

const topics: readonly WebhookTopic[] = [
  ...(["inventory_levels/update", "inventory_levels/connect"] as const),
  ...(["inventory_levels/disconnect", "inventory_items/update"] as const),
  ...(["inventory_items/delete", "orders/create", "orders/edited"] as const),
  ...(["orders/cancelled", "refunds/create", "products/delete"] as const),
  ...(["locations/deactivate", "locations/delete", "app/uninstalled"] as const),
  ...(["app/scopes_update", "customers/data_request", "customers/redact"] as const),
  "shop/redact",
];

/** Far more than the app looks at, and what the sockets of both sides hold. */
const endlessBytes = 64 * 1024 * 1024;

const aGroup = () => buildGroup(database, { protection: "mirror", openingUnits: 5, levels: [5] });
const levelOf = ({ inventoryItemId, locationId }: BuiltListing, available: number) => ({
  inventory_item_id: Number(inventoryItemId.split("/").at(-1)),
  location_id: Number(locationId.split("/").at(-1)),
  available,
  updated_at: new Date().toISOString(),
});

async function post(
  topic: WebhookTopic,
  shop: string,
  payload: unknown,
  changes: Readonly<Record<string, string>> = {},
) {
  const { headers, body } = signedDelivery({
    topic,
    shop,
    payload,
    secret: testApp.apiSecret,
    changes,
  });
  const response = await fetch(`${web.url}/webhooks/${topic}`, {
    method: "POST",
    headers,
    body: Buffer.from(body),
  });
  return { status: response.status, text: await response.text() };
}

test.each(topics)("%s is answered at its address", async (topic) => {
  const { listings } = await aGroup();

  expect((await post(topic, listings[0]!.domain, {})).status).toBe(200);
});

test("after the answer the same process takes the sale through the pool", async () => {
  const { poolId, listings } = await aGroup();

  await post("inventory_levels/update", listings[0]!.domain, levelOf(listings[0]!, 4));

  const pool = await waitFor("the sale in the ledger", async () => {
    const found = await database.prisma.pool.findUniqueOrThrow({ where: { id: poolId } });
    return found.ledgerUnits === 4 ? found : null;
  });
  expect(pool.version).toBeGreaterThan(0n);
});

test("bad deliveries are refused, each with its reason", async () => {
  const { listings } = await aGroup();
  const { domain } = listings[0]!;
  const topic = "inventory_levels/update";

  expect(await post(topic, domain, {}, { "x-shopify-topic": "" })).toEqual({
    status: 400,
    text: "The header x-shopify-topic is missing.\n",
  });
  expect(await post(topic, domain, {}, { "x-shopify-topic": "orders/create" })).toMatchObject({
    status: 400,
  });
  expect(await post(topic, domain, {}, { "x-shopify-hmac-sha256": "AAAA" })).toMatchObject({
    status: 401,
  });
  expect(await post(topic, "nobody.myshopify.com", {})).toMatchObject({ status: 404 });
  expect(await post(topic, domain, "x".repeat(1024 * 1024 + 1))).toMatchObject({ status: 413 });
  expect((await fetch(`${web.url}/webhooks/${topic}`)).status).toBe(405);
  expect((await fetch(`${web.url}/webhooks/${topic}`, { method: "PUT" })).status).toBe(405);
});

test("a body without an end is cut off, whatever its sender says of it", async () => {
  const chunk = Buffer.alloc(64 * 1024);
  const outgoing = startRequest(`${web.url}/webhooks/orders/create`, { method: "POST" });
  outgoing.on("error", () => undefined); // cut off in the middle of sending
  const statuses: (number | undefined)[] = [];
  outgoing.on("response", (response) => {
    statuses.push(response.statusCode);
    response.resume();
  });
  const happened = (event: string) => new Promise((settle) => outgoing.once(event, settle));
  const closed = happened("close");

  let sentBytes = 0;
  while (!outgoing.destroyed && sentBytes < endlessBytes) {
    sentBytes += chunk.byteLength;
    if (!outgoing.write(chunk)) await Promise.race([happened("drain"), closed]);
  }
  await closed;

  expect(sentBytes).toBeLessThan(endlessBytes);
  // Whoever goes on sending may lose the answer with the connection.
  expect(statuses.filter((status) => status !== 413)).toEqual([]);
});

test("health and readiness are told", async () => {
  expect((await fetch(`${web.url}/healthz`)).status).toBe(200);
  expect((await fetch(`${web.url}/readyz`)).status).toBe(200);
});
