import { expect, onTestFinished, test } from "vitest";

import { Scenario } from "#test/scenarios/scenario.ts";
import { createMeasures } from "#test/simulator/control/measure.ts";
import { startCheckout } from "#test/simulator/storefront/checkout.ts";
import {
  cancelOrder,
  editOrder,
  refundOrder,
  sellAtCounter,
} from "#test/simulator/storefront/orders.ts";
import { createShoppers } from "#test/simulator/storefront/shoppers.ts";
import type { Level, Order } from "#test/simulator/world/shop.ts";
import { changeQuantities } from "#test/simulator/world/stock.ts";
import { createWorld } from "#test/simulator/world/world.ts";
import type { World, WorldEvent } from "#test/simulator/world/world.ts";
import { waitFor } from "#test/support/wait-for.ts";

const [first, second] = ["store-1.myshopify.com", "store-2.myshopify.com"] as const;

function aWorld(scenario: object = {}): World {
  const world = createWorld(
    Scenario.parse({
      name: "test",
      shops: [{ domain: first }, { domain: second }],
      products: [{ sku: "A", stock: { [first]: 1, [second]: 1 } }],
      ...scenario,
    }),
  );
  onTestFinished(world.timers.clear);
  return world;
}

const variantOf = (world: World, shop: string) => world.shops.get(shop)!.variantsBySku.get("A")!;
const levelOf = (world: World, shop: string): Level =>
  [...variantOf(world, shop).item.levels.values()][0]!;
const pay = (world: World, shop: string, paymentMs = 0, quantity = 1) =>
  startCheckout(world, world.shops.get(shop)!, {
    variant: variantOf(world, shop),
    quantity,
    paymentMs,
    outcome: "pay",
  });
const appWrites = (world: World, shop: string, deltaUnits: number): void => {
  changeQuantities(world, world.shops.get(shop)!, {
    cause: {
      kind: "app",
      mutation: "inventoryAdjustQuantities",
      idempotencyKey: "key",
      reason: "correction",
      referenceDocumentUri: null,
    },
    changes: [{ level: levelOf(world, shop), name: "available", deltaUnits }],
  });
};
const finished = async (checkout: ReturnType<typeof pay>): Promise<Order | null> =>
  checkout.kind === "paying" ? checkout.finished : null;

test("a payment holds its unit: the level still shows it, and nobody else can buy it", async () => {
  const world = aWorld();

  const paying = pay(world, first, 20);

  expect(levelOf(world, first).quantities.available).toBe(1);
  expect(pay(world, first)).toEqual({ kind: "sold-out" });
  expect(await finished(paying)).not.toBeNull();
  expect(levelOf(world, first)).toMatchObject({
    heldUnits: 0,
    quantities: { available: 0, committed: 1 },
  });
});

test("a payment completes although the level was lowered meanwhile, which goes below zero", async () => {
  const world = aWorld();
  const paying = pay(world, first, 20);

  appWrites(world, first, -1);
  await finished(paying);

  expect(levelOf(world, first).quantities.available).toBe(-1);
});

test("a payment that fails gives its hold back", async () => {
  const world = aWorld();
  const shop = world.shops.get(first)!;
  const variant = variantOf(world, first);

  const failing = startCheckout(world, shop, {
    variant,
    quantity: 1,
    paymentMs: 5,
    outcome: "fail",
  });

  expect(failing.kind === "paying" ? await failing.finished : "sold-out").toBeNull();
  expect(levelOf(world, first)).toMatchObject({ heldUnits: 0, quantities: { available: 1 } });
  expect(pay(world, first).kind).toBe("paying");
});

test("a sale at the counter looks at no level", () => {
  const world = aWorld();
  const location = levelOf(world, first).location;

  sellAtCounter(world, world.shops.get(first)!, {
    variant: variantOf(world, first),
    quantity: 3,
    location,
  });

  expect(levelOf(world, first).quantities).toMatchObject({ available: -2, committed: 0 });
});

test("an order is taken from one location that has it all, else from several", () => {
  const world = aWorld({
    shops: [{ domain: first, locations: ["Warehouse", "Shop"] }, { domain: second }],
    products: [{ sku: "A", stock: { [first]: { Warehouse: 1, Shop: 3 }, [second]: 1 } }],
  });
  const available = () =>
    [...variantOf(world, first).item.levels.values()].map(({ quantities }) => quantities.available);

  pay(world, first, 0, 2);
  expect(available()).toEqual([1, 1]);
  pay(world, first, 0, 2);
  expect(available()).toEqual([0, 0]);
  expect(pay(world, first)).toEqual({ kind: "sold-out" });
});

test("the judge sees two stores that can both sell the last unit, and the oversell when they do", () => {
  const world = aWorld();
  const measures = createMeasures(world);
  measures.start({
    name: "pool",
    sku: "A",
    initialUnits: 1,
    members: [{ shop: first }, { shop: second }],
  });

  pay(world, first);
  expect(measures.find("pool")).toMatchObject({ exposureUnits: 1, oversoldUnits: 0 });
  pay(world, second);

  expect(measures.stop("pool")).toMatchObject({
    soldUnits: 2,
    unitsLeft: -1,
    maxExposureUnits: 1,
    oversoldUnits: 1,
  });
});

test("the judge counts a payment in progress as exposure after its unit was moved to another store", () => {
  const world = aWorld({ products: [{ sku: "A", stock: { [first]: 1, [second]: 0 } }] });
  const measures = createMeasures(world);
  measures.start({
    name: "pool",
    sku: "A",
    initialUnits: 1,
    members: [{ shop: first }, { shop: second }],
  });
  pay(world, first, 10_000);
  expect(measures.find("pool")).toMatchObject({ maxExposureUnits: 0 });

  appWrites(world, first, -1);
  expect(measures.find("pool")).toMatchObject({ maxExposureUnits: 0 });
  appWrites(world, second, 1);

  expect(measures.find("pool")).toMatchObject({ maxExposureUnits: 1 });
});

test("the judge counts refusals, returns and what the merchant receives", async () => {
  const world = aWorld();
  const shop = world.shops.get(first)!;
  const measures = createMeasures(world);
  measures.start({ name: "pool", sku: "A", initialUnits: 1, members: [{ shop: first }] });

  const order = (await finished(pay(world, first)))!;
  pay(world, first);
  cancelOrder(world, shop, { order, restock: true });
  changeQuantities(world, shop, {
    cause: { kind: "manual", countsAsReceived: true },
    changes: [{ level: levelOf(world, first), name: "available", deltaUnits: 4 }],
  });

  expect(measures.find("pool")).toMatchObject({
    soldUnits: 1,
    refusedUnits: 1,
    returnedUnits: 1,
    receivedUnits: 4,
    unitsLeft: 5,
    exposureUnits: 0,
  });
});

test("an order cannot be refunded twice", async () => {
  const world = aWorld();
  const shop = world.shops.get(first)!;
  const order = (await finished(pay(world, first)))!;

  expect(refundOrder(world, shop, { order, quantity: 1, restock: true })).not.toBeNull();
  expect(refundOrder(world, shop, { order, quantity: 1, restock: true })).toBeNull();
  expect(levelOf(world, first).quantities).toMatchObject({ available: 1, committed: 0 });
});

test("an edited order takes units that are not there, and gives back what is taken off it", async () => {
  const world = aWorld();
  const shop = world.shops.get(first)!;
  const measures = createMeasures(world);
  measures.start({ name: "pool", sku: "A", initialUnits: 1, members: [{ shop: first }] });
  const order = (await finished(pay(world, first)))!;

  editOrder(world, shop, { order, deltaUnits: 2, restock: true });
  expect(levelOf(world, first).quantities).toMatchObject({ available: -2, committed: 3 });
  editOrder(world, shop, { order, deltaUnits: -3, restock: true });

  expect(levelOf(world, first).quantities).toMatchObject({ available: 1, committed: 0 });
  expect(measures.find("pool")).toMatchObject({ soldUnits: 3, returnedUnits: 3, oversoldUnits: 2 });
  expect(editOrder(world, shop, { order, deltaUnits: -1, restock: true })).toBe(false);
});

test("the same seed brings the same shoppers", async () => {
  const play = async (): Promise<readonly string[]> => {
    const world = aWorld({
      seed: 3,
      products: [{ sku: "A", stock: { [first]: 7, [second]: 7 } }],
      shoppers: [{ kind: "burst", count: 30, overMs: 20, sku: "A", failShare: 0.3 }],
    });
    const seen: string[] = [];
    world.observers.push((event: WorldEvent) => seen.push(`${event.kind} ${event.shop.domain}`));
    const shoppers = createShoppers(world);
    shoppers.start(world.scenario.shoppers);
    await waitFor("the shoppers", shoppers.isDone);
    return seen;
  };

  const seen = await play();

  expect(seen.length).toBeGreaterThan(20);
  expect(await play()).toEqual(seen);
});

test("a world that is reseeded goes on as one of that seed begins, whatever it has drawn before", () => {
  const world = aWorld({ seed: 3 });
  const used = world.random("used");
  const draw = (anyWorld: World, name: string) =>
    Array.from({ length: 5 }, () => anyWorld.random(name).next());
  used.next();

  world.reseed(4);

  const fresh = aWorld({ seed: 4 });
  expect(draw(world, "used")).toEqual(draw(fresh, "used"));
  expect(draw(world, "new")).toEqual(draw(fresh, "new"));
  expect(draw(aWorld({ seed: 3 }), "used")).not.toEqual(draw(aWorld({ seed: 4 }), "used"));
});
