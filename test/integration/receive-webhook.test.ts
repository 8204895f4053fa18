import { expect, test } from "vitest";

import { installShop } from "#app/services/install-shop.ts";
import { receiveWebhook } from "#app/services/receive-webhook.ts";
import type { WebhookTopic } from "#app/services/receive-webhook.ts";
import { buildGroup } from "#test/support/builders.ts";
import type { BuiltGroup, BuiltListing } from "#test/support/builders.ts";
import { openTestDatabase } from "#test/support/database.ts";
import { signedDelivery, webhookSecret } from "#test/support/webhook.ts";

const database = await openTestDatabase();
const { prisma } = database;

const aGroup = () =>
  buildGroup(database, { protection: "mirror", openingUnits: 5, levels: [5, 5] });
const numberOf = (gid: string) => Number(gid.split("/").at(-1));

const levelOf = (listing: BuiltListing, available: number | null) => ({
  inventory_item_id: numberOf(listing.inventoryItemId),
  location_id: numberOf(listing.locationId),
  available,
  updated_at: "2026-03-16T08:35:06Z",
});

type Sent = {
  readonly webhookId?: string;
  readonly triggeredAtMs?: number;
  readonly changes?: Readonly<Record<string, string>>;
};
const receive = (shop: string, topic: WebhookTopic, payload: unknown, sent: Sent = {}) =>
  receiveWebhook({ database }, signedDelivery({ topic, shop, payload, ...sent }), webhookSecret);
const inboxOf = ({ accountId }: Pick<BuiltGroup, "accountId">) =>
  prisma.inboxEvent.findMany({ where: { accountId }, orderBy: { id: "asc" } });

test("a level becomes an event of the one listing that it names", async () => {
  const group = await aGroup();
  const [listing] = group.listings;

  const outcome = await receive(listing!.domain, "inventory_levels/update", levelOf(listing!, 4), {
    webhookId: "w1",
    triggeredAtMs: 1_700_000_000_123,
  });

  expect(outcome).toEqual({ kind: "recorded", poolIds: [group.poolId] });
  expect(await inboxOf(group)).toMatchObject([
    {
      poolId: group.poolId,
      listingId: listing!.id,
      shopId: listing!.shopId,
      eventKey: `webhook:${listing!.domain}:inventory_levels/update:w1:${listing!.id}`,
      kind: "level-observed",
      payload: {
        kind: "level-observed",
        listingId: listing!.id,
        units: 4,
        atMs: Date.UTC(2026, 2, 16, 8, 35, 6),
      },
      triggeredAt: new Date(1_700_000_000_123),
      processedAt: null,
      deadLetterReason: null,
    },
  ]);
});

test("a delivery that comes ten times at once is recorded once", async () => {
  const group = await aGroup();
  const [listing] = group.listings;
  const deliver = () =>
    receive(listing!.domain, "inventory_levels/update", levelOf(listing!, 4), {
      webhookId: "same",
    });

  const outcomes = await Promise.all(Array.from({ length: 10 }, deliver));

  expect(outcomes.every(({ kind }) => kind === "recorded")).toBe(true);
  expect(await inboxOf(group)).toHaveLength(1);
});

test("the same id of another shop or topic is another delivery", async () => {
  const group = await aGroup();
  const [one, two] = group.listings;

  await receive(one!.domain, "inventory_levels/update", levelOf(one!, 4), { webhookId: "w" });
  await receive(two!.domain, "inventory_levels/update", levelOf(two!, 4), { webhookId: "w" });
  await receive(one!.domain, "inventory_levels/disconnect", levelOf(one!, 4), { webhookId: "w" });

  expect(await inboxOf(group)).toHaveLength(3);
});

test("what concerns no pool is recorded too, and needs no processing", async () => {
  const group = await aGroup();
  const [listing] = group.listings;

  const outcome = await receive(listing!.domain, "inventory_levels/update", {
    ...levelOf(listing!, 4),
    location_id: 999,
  });

  expect(outcome).toEqual({ kind: "recorded", poolIds: [] });
  expect(await inboxOf(group)).toMatchObject([
    {
      poolId: null,
      kind: "inventory_levels/update",
      payload: {},
      processedAt: expect.any(Date) as Date,
      deadLetterReason: null,
    },
  ]);
});

test("a malformed payload is kept as a dead letter with its reason, and answered", async () => {
  const group = await aGroup();
  const [listing] = group.listings;

  const outcome = await receive(listing!.domain, "inventory_levels/update", {
    ...levelOf(listing!, 4),
    available: "four",
    email: "ada@example.com",
  });

  expect(outcome).toEqual({ kind: "recorded", poolIds: [] });
  const [letter] = await inboxOf(group);
  expect(letter).toMatchObject({
    poolId: null,
    processedAt: null,
    deadLetterReason: expect.stringContaining("available") as string,
    payload: { available: "four" },
  });
  expect(JSON.stringify(letter!.payload)).not.toContain("ada");
});

test("an order tells each listing that sells its variants; nothing of the buyer is kept", async () => {
  const group = await aGroup();
  const [listing] = group.listings;
  const variantId = numberOf(listing!.variantId);

  await receive(listing!.domain, "orders/create", {
    id: 77,
    email: "ada@example.com",
    line_items: [
      { variant_id: variantId, quantity: 2, name: "Shirt" },
      { variant_id: variantId, quantity: 1, name: "Shirt" },
      { variant_id: 999, quantity: 1, name: "Mug" },
    ],
  });

  const events = await inboxOf(group);
  expect(events.map(({ payload }) => payload)).toEqual([
    {
      kind: "order-seen",
      listingId: listing!.id,
      orderId: "gid://shopify/Order/77",
      soldUnits: 3,
      returnedUnits: 0,
    },
  ]);
});

test("a refund that comes by itself and with its cancelled order gives units back once", async () => {
  const group = await aGroup();
  const [listing] = group.listings;
  const refund = {
    id: 5,
    order_id: 77,
    refund_line_items: [
      {
        quantity: 2,
        restock_type: "cancel",
        location_id: numberOf(listing!.locationId),
        line_item: { variant_id: numberOf(listing!.variantId) },
      },
    ],
  };

  await receive(listing!.domain, "refunds/create", refund);
  await receive(listing!.domain, "orders/cancelled", { id: 77, refunds: [refund] });

  const returns = (await inboxOf(group)).filter(({ kind }) => kind === "order-seen");
  expect(returns.map(({ payload }) => payload)).toMatchObject([{ returnedUnits: 2 }]);
});

test("a repair reaches only listings that were broken by what it repairs", async () => {
  const group = await aGroup();
  const [listing] = group.listings;
  const connect = () => receive(listing!.domain, "inventory_levels/connect", levelOf(listing!, 4));
  const setGuard = (guard: string) =>
    prisma.listing.update({ where: { id: listing!.id }, data: { guard } });

  await setGuard("continues-selling");
  expect(await connect()).toEqual({ kind: "recorded", poolIds: [] });
  await setGuard("disconnected");
  expect(await connect()).toEqual({ kind: "recorded", poolIds: [group.poolId] });
});

test("a location that was deactivated takes all its listings with it", async () => {
  const group = await aGroup();
  const [listing] = group.listings;

  await receive(listing!.domain, "locations/deactivate", { id: numberOf(listing!.locationId) });

  expect((await inboxOf(group)).map(({ payload }) => payload)).toEqual([
    { kind: "guard-changed", listingId: listing!.id, guard: "location-inactive" },
  ]);
});

test("an unknown shop, a forged signature and a missing header record nothing", async () => {
  const group = await aGroup();
  const [listing] = group.listings;
  const body = levelOf(listing!, 4);
  const topic = "inventory_levels/update";

  expect(await receive("nobody.myshopify.com", topic, body)).toEqual({ kind: "unknown-shop" });
  expect(
    await receive(listing!.domain, topic, body, { changes: { "x-shopify-hmac-sha256": "AAAA" } }),
  ).toEqual({ kind: "forged" });
  expect(
    await receive(listing!.domain, topic, body, { changes: { "x-shopify-webhook-id": "" } }),
  ).toEqual({ kind: "missing-header", header: "x-shopify-webhook-id" });
  expect(await inboxOf(group)).toEqual([]);
});

test("a shop that leaves is closed, loses its sessions, and takes part again when it returns", async () => {
  const group = await aGroup();
  const [listing] = group.listings;
  const { domain } = listing!;
  await prisma.session.create({
    data: { id: `offline_${domain}`, shop: domain, state: "", accessToken: "sealed" },
  });

  const left = await receive(domain, "app/uninstalled", {});

  expect(left).toEqual({ kind: "recorded", poolIds: [group.poolId] });
  expect(await prisma.session.count({ where: { shop: domain } })).toBe(0);
  expect(await prisma.shop.findUnique({ where: { domain } })).toMatchObject({
    status: "uninstalled",
    uninstalledAt: expect.any(Date) as Date,
  });

  const details = { domain, name: "Again", plan: "Basic", scopes: "" };
  const returned = await installShop({ database }, details);
  const again = await installShop({ database }, details);

  expect(returned).toMatchObject({
    shop: { accountId: group.accountId, status: "installed" },
    poolIds: [group.poolId],
  });
  expect(again.poolIds).toEqual([]);
  expect((await inboxOf(group)).map(({ payload }) => payload)).toEqual([
    { kind: "guard-changed", listingId: listing!.id, guard: "closed" },
    { kind: "guard-changed", listingId: listing!.id, guard: "guarded" },
  ]);
});

test("a departure that is told after the return changes nothing", async () => {
  const group = await aGroup();
  const { domain } = group.listings[0]!;

  const outcome = await receive(
    domain,
    "app/uninstalled",
    {},
    {
      triggeredAtMs: Date.now() - 3_600_000,
    },
  );

  expect(outcome).toEqual({ kind: "recorded", poolIds: [] });
  expect(await prisma.shop.findUnique({ where: { domain } })).toMatchObject({
    status: "installed",
  });
});

test("installing twice at once makes one shop and one account", async () => {
  const details = { domain: "twice.myshopify.com", name: "Twice", plan: "Basic", scopes: "" };

  const installed = await Promise.all([
    installShop({ database }, details),
    installShop({ database }, details),
    installShop({ database }, details),
  ]);

  expect(new Set(installed.map(({ shop }) => shop.accountId)).size).toBe(1);
});

test("changed scopes are noted where Shopify's library and the merchant look", async () => {
  const { domain } = (await aGroup()).listings[0]!;
  await prisma.session.create({
    data: { id: `offline_${domain}`, shop: domain, state: "", accessToken: "sealed" },
  });

  await receive(domain, "app/scopes_update", { previous: [], current: ["read_inventory"] });

  expect(await prisma.shop.findUnique({ where: { domain } })).toMatchObject({
    scopes: "read_inventory",
  });
  expect(await prisma.session.findFirst({ where: { shop: domain } })).toMatchObject({
    scope: "read_inventory",
  });
});

test("redacting the last shop of an account erases the account, and no other", async () => {
  const { shop } = await installShop(
    { database },
    { domain: "alone.myshopify.com", name: "Alone", plan: "Basic", scopes: "" },
  );
  const kept = await aGroup();
  await receive(shop.domain, "inventory_levels/update", levelOf(kept.listings[0]!, 1));

  await receive(shop.domain, "shop/redact", {});
  expect(await prisma.account.count({ where: { id: shop.accountId } })).toBe(1); // still installed
  await receive(shop.domain, "app/uninstalled", {});
  expect(await receive(shop.domain, "shop/redact", {})).toMatchObject({ kind: "recorded" });
  expect(await receive(shop.domain, "shop/redact", {})).toMatchObject({ kind: "recorded" });

  expect(await prisma.account.count({ where: { id: shop.accountId } })).toBe(0);
  expect(await inboxOf(shop)).toEqual([]);
  expect(await prisma.account.count({ where: { id: kept.accountId } })).toBe(1);
});

test("redacting a shop whose stock others sell erases its names and keeps the accounts of units", async () => {
  const group = await aGroup();
  const [listing] = group.listings;
  await receive(listing!.domain, "app/uninstalled", {});

  await receive(listing!.domain, "shop/redact", {});

  expect(await prisma.shop.findUnique({ where: { domain: listing!.domain } })).toBeNull();
  expect(await prisma.listing.count({ where: { poolId: group.poolId } })).toBe(2);
  const shop = await prisma.shop.findUniqueOrThrow({ where: { id: listing!.shopId } });
  expect(shop).toMatchObject({ name: "Erased store", status: "uninstalled" });
});

test("customers' requests are answered, and leave no trace", async () => {
  const group = await aGroup();
  const { domain } = group.listings[0]!;

  for (const topic of ["customers/data_request", "customers/redact"] as const) {
    expect(await receive(domain, topic, { customer: { email: "ada@example.com" } })).toEqual({
      kind: "recorded",
      poolIds: [],
    });
  }
  expect(await inboxOf(group)).toEqual([]);
});
