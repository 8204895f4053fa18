import { expect, onTestFinished, test } from "vitest";

import { Scenario } from "#test/scenarios/scenario.ts";
import { createSimulatorClient } from "#test/simulator/client.ts";
import type { SimulatorClient } from "#test/simulator/client.ts";
import { adjustMutation, adjustVariables, connectAdmin } from "#test/simulator/connect.ts";
import { startSimulator } from "#test/simulator/simulator.ts";
import { waitFor } from "#test/support/wait-for.ts";
import { startWebhookSink } from "#test/support/webhook-sink.ts";
import type { WebhookSink } from "#test/support/webhook-sink.ts";

const shop = "store-1.myshopify.com";
const apiSecret = "the-secret";
const topics = [
  "inventory_levels/update",
  "orders/create",
  "orders/cancelled",
  "refunds/create",
  "app/uninstalled",
];

async function givenApp({
  statusOf,
  scenario = {},
  deadUrls = [],
}: {
  readonly statusOf?: (count: number) => number | null;
  readonly scenario?: object;
  readonly deadUrls?: readonly string[];
} = {}): Promise<{ readonly client: SimulatorClient; readonly sink: WebhookSink }> {
  const sink = await startWebhookSink({ apiSecret, ...(statusOf ? { statusOf } : {}) });
  const simulator = await startSimulator({
    apiKey: "the-key",
    apiSecret,
    appUrls: [...deadUrls, sink.url],
    config: {
      scopes: [],
      webhookApiVersion: "2026-10",
      subscriptions: topics.map((topic) => ({
        topic,
        uri: `/webhooks/${topic}`,
        includeFields: topic === "orders/create" ? ["id", "line_items"] : [],
        name: null,
      })),
    },
    scenario: Scenario.parse({
      name: "test",
      shops: [{ domain: shop }],
      products: [{ sku: "A", stock: { [shop]: 5 } }],
      ...scenario,
    }),
  });
  const client = createSimulatorClient(simulator.url);
  onTestFinished(async () => {
    client.close();
    await simulator.stop();
    await sink.stop();
  });
  return { client, sink };
}

const becomeQuiet = async (client: SimulatorClient): Promise<void> => {
  expect(await client.quiet({ withinMs: 20_000 })).toEqual({ isQuiet: true });
};

test("a sale tells the level and the order, signed, with all headers", async () => {
  const { client, sink } = await givenApp();
  await client.install({ shop });

  await client.purchase({ shop, sku: "A", quantity: 2 });
  await becomeQuiet(client);

  expect(sink.received.map(({ topic }) => topic).sort()).toEqual([
    "inventory_levels/update",
    "orders/create",
  ]);
  expect(sink.received.every(({ isSigned }) => isSigned)).toBe(true);
  const level = sink.received.find(({ topic }) => topic === "inventory_levels/update")!;
  expect(level).toMatchObject({
    path: "/webhooks/inventory_levels/update",
    shop,
    payload: { available: 3 },
  });
  expect(level.headers).toMatchObject({
    "x-shopify-api-version": "2026-10",
    "x-shopify-event-id": expect.any(String) as string,
    "x-shopify-triggered-at": expect.stringMatching(/^\d{4}-.*\.\d{3}Z$/) as string,
  });
  const order = sink.received.find(({ topic }) => topic === "orders/create")!;
  expect(Object.keys(order.payload)).toEqual(["id", "line_items"]);
  expect(order.payload).toMatchObject({ line_items: [{ sku: "A", quantity: 2 }] });
});

test("a shop is told of nothing before the app is installed there, and only of that when it leaves", async () => {
  const { client, sink } = await givenApp();
  await client.adjust({ shop, sku: "A", deltaUnits: 1 });
  await client.install({ shop });
  await client.uninstall({ shop });
  await client.adjust({ shop, sku: "A", deltaUnits: 1 });
  await becomeQuiet(client);

  expect(sink.received.map(({ topic }) => topic)).toEqual(["app/uninstalled"]);
});

test("a write of the app's own is told back to it", async () => {
  const { client, sink } = await givenApp();
  const admin = await connectAdmin(client, shop);

  await admin.graphql(
    adjustMutation,
    adjustVariables(admin, {
      key: "key-1",
      changes: [{ itemId: admin.itemIdOf("A"), deltaUnits: -2 }],
    }),
  );
  await becomeQuiet(client);

  expect(sink.received).toMatchObject([
    { topic: "inventory_levels/update", payload: { available: 3 } },
  ]);
});

test("messages are put together when they are sent: quick changes tell the same level twice", async () => {
  const { client, sink } = await givenApp({ scenario: { latency: { webhookMs: 150 } } });
  await client.install({ shop });

  await client.adjust({ shop, sku: "A", deltaUnits: -1 });
  await client.adjust({ shop, sku: "A", deltaUnits: -1 });
  await becomeQuiet(client);

  expect(sink.received.map(({ payload }) => payload.available)).toEqual([3, 3]);
});

test("a failed delivery is tried again with the same id and body", async () => {
  const { client, sink } = await givenApp({ statusOf: (count) => (count < 3 ? 500 : 200) });
  await client.install({ shop });

  await client.adjust({ shop, sku: "A", deltaUnits: -1 });
  await waitFor("the first attempt", () => sink.received.length > 0);
  await becomeQuiet(client);

  expect(sink.received).toHaveLength(3);
  expect(new Set(sink.received.map(({ webhookId }) => webhookId)).size).toBe(1);
  expect((await client.stats()).webhooks).toMatchObject({ sent: 3, delivered: 1, retried: 2 });
});

test("a process of the app that takes no connections is passed over", async () => {
  const { client, sink } = await givenApp({ deadUrls: ["http://127.0.0.1:9"] });
  await client.install({ shop });

  for (let count = 0; count < 4; count += 1) await client.adjust({ shop, sku: "A", deltaUnits: 1 });
  await becomeQuiet(client);

  expect(sink.received).toHaveLength(4);
  expect((await client.stats()).webhooks).toMatchObject({ sent: 4, retried: 0 });
});

test("faults drop, double and delay deliveries, and are counted", async () => {
  const { client, sink } = await givenApp({
    scenario: { faults: { webhooks: { drop: 0.3, duplicate: 0.3, late: 0.3, lateMs: 50 } } },
  });
  await client.install({ shop });

  for (let count = 0; count < 60; count += 1) {
    await client.adjust({ shop, sku: "A", deltaUnits: 1 });
  }
  await becomeQuiet(client);

  const { webhooks } = await client.stats();
  expect(webhooks.dropped).toBeGreaterThan(5);
  expect(webhooks.duplicated).toBeGreaterThan(5);
  expect(webhooks.late).toBeGreaterThan(5);
  expect(sink.received).toHaveLength(60 - webhooks.dropped + webhooks.duplicated);
  const ids = new Set(sink.received.map(({ webhookId }) => webhookId));
  expect(ids.size).toBe(60 - webhooks.dropped);
});

test("a cancelled order that is restocked tells its refund", async () => {
  const { client, sink } = await givenApp();
  await client.install({ shop });
  const bought = await client.purchase({ shop, sku: "A", quantity: 2 });
  const orderId = bought.kind === "bought" ? bought.orderId : 0;

  await client.cancelOrder({ shop, orderId });
  await becomeQuiet(client);

  expect(await client.level({ shop, sku: "A" })).toMatchObject({ available: 5, committed: 0 });
  expect(sink.received.find(({ topic }) => topic === "orders/cancelled")?.payload).toMatchObject({
    id: orderId,
    refunds: [{ refund_line_items: [{ quantity: 2, restock_type: "cancel" }] }],
  });
});

test("a subscription made through the Admin API is told, and ends when it keeps failing", async () => {
  const { client, sink } = await givenApp({ statusOf: () => 500 });
  const admin = await connectAdmin(client, shop);
  const created = await admin.graphql(
    `mutation Subscribe($uri: String!) {
      webhookSubscriptionCreate(topic: ORDERS_PAID, webhookSubscription: { uri: $uri }) {
        webhookSubscription { id topic uri } userErrors { message } } }`,
    { uri: `${sink.url}/paid` },
  );

  expect(created.body.data).toMatchObject({
    webhookSubscriptionCreate: { webhookSubscription: { topic: "ORDERS_PAID" }, userErrors: [] },
  });
  for (let count = 0; count < 8; count += 1) await client.purchase({ shop, sku: "A" });
  await waitFor("the subscription to end", async () => {
    const list = await admin.graphql("{ webhookSubscriptions(first: 5) { nodes { id } } }");
    const { nodes } = (list.body.data as { webhookSubscriptions: { nodes: unknown[] } })
      .webhookSubscriptions;
    return nodes.length === 0;
  });
  expect(sink.received.some(({ path }) => path === "/paid")).toBe(true);
});
