import { expect, onTestFinished, test } from "vitest";

import { Scenario } from "#test/scenarios/scenario.ts";
import { createSimulatorClient } from "#test/simulator/client.ts";
import type { SimulatorClient } from "#test/simulator/client.ts";
import { adjustMutation, adjustVariables, connectAdmin } from "#test/simulator/connect.ts";
import type { AdminConnection } from "#test/simulator/connect.ts";
import { startSimulator } from "#test/simulator/simulator.ts";
import { waitFor } from "#test/support/wait-for.ts";

const shop = "store-1.myshopify.com";

async function givenStore(
  apiFaults: object,
  seed = 1,
): Promise<{ readonly client: SimulatorClient; readonly admin: AdminConnection }> {
  const simulator = await startSimulator({
    apiKey: "the-key",
    apiSecret: "the-secret",
    appUrls: [],
    scenario: Scenario.parse({
      name: "test",
      seed,
      shops: [{ domain: shop }],
      products: [{ sku: "A", stock: { [shop]: 10 } }],
      faults: { api: apiFaults },
    }),
  });
  const client = createSimulatorClient(simulator.url);
  onTestFinished(async () => {
    client.close();
    await simulator.stop();
  });
  return { client, admin: await connectAdmin(client, shop) };
}

const takeOne = (admin: AdminConnection, key = "key-1") =>
  admin.graphql(
    adjustMutation,
    adjustVariables(admin, { key, changes: [{ itemId: admin.itemIdOf("A"), deltaUnits: -1 }] }),
  );
const availableOf = async (client: SimulatorClient): Promise<number> =>
  (await client.level({ shop, sku: "A" }))!.available;
const hasFaults = async (client: SimulatorClient, kind: string, count: number): Promise<boolean> =>
  (await client.stats()).faults[kind] === count;
const noFaults = { faults: {} };

test("a lost request changes nothing and breaks the connection", async () => {
  const { client, admin } = await givenStore({ requestLost: 1 });

  await expect(takeOne(admin)).rejects.toThrow();

  expect(await availableOf(client)).toBe(10);
});

test("a lost answer leaves the change made, and the same key does not make it again", async () => {
  const { client, admin } = await givenStore({ answerLost: 1 });
  await expect(takeOne(admin)).rejects.toThrow();
  expect(await availableOf(client)).toBe(9);
  await client.setFaults(noFaults);

  const { body } = await takeOne(admin);

  expect(body.data).toMatchObject({ inventoryAdjustQuantities: { userErrors: [] } });
  expect(await availableOf(client)).toBe(9);
});

test("500 comes before the change and 502 after it", async () => {
  const { client, admin } = await givenStore({ errorBefore: 1 });
  const before = await takeOne(admin);
  expect(await availableOf(client)).toBe(10);
  await client.setFaults({ faults: { api: { errorAfter: 1 } } });
  const after = await takeOne(admin);

  expect([before.status, after.status]).toEqual([500, 502]);
  expect(await availableOf(client)).toBe(9);
});

test("THROTTLED is answered although the bucket is full", async () => {
  const { client, admin } = await givenStore({ throttled: 1 });

  const { body } = await takeOne(admin);

  expect(body.errors).toMatchObject([{ extensions: { code: "THROTTLED" } }]);
  expect(await availableOf(client)).toBe(10);
  expect(await client.stats()).toMatchObject({ throttled: 1, faults: { throttled: 1 } });
});

test("a late request takes effect after its caller has given up, and once with its retry", async () => {
  const { client, admin } = await givenStore({ appliedLate: 1, appliedLateMs: 150 });
  const sent = takeOne(admin);
  await waitFor("the fault", () => hasFaults(client, "applied-late", 1));
  expect(await availableOf(client)).toBe(10);
  await client.setFaults(noFaults);

  await expect(sent).rejects.toThrow();
  await waitFor("the late effect", async () => (await availableOf(client)) === 9);
  const { body } = await takeOne(admin);

  expect(body.data).toMatchObject({ inventoryAdjustQuantities: { userErrors: [] } });
  expect(await availableOf(client)).toBe(9);
});

test("while a late request has its key, the key is in use", async () => {
  // Half of the late requests are known to the store while they wait, as the seed has it.
  const { client, admin } = await givenStore({ appliedLate: 1, appliedLateMs: 300 });
  const late = Array.from({ length: 12 }, (_, index) =>
    takeOne(admin, `key-${index}`).catch(() => "broken"),
  );
  await waitFor("the late requests", () => hasFaults(client, "applied-late", 12));
  await client.setFaults(noFaults);

  const retries = await Promise.all(
    Array.from({ length: 12 }, (_, index) => takeOne(admin, `key-${index}`)),
  );
  await Promise.all(late);

  const codes = retries.map(({ body }) => {
    const data = body.data as { inventoryAdjustQuantities: { userErrors: { code: string }[] } };
    return data.inventoryAdjustQuantities.userErrors[0]?.code ?? "applied";
  });
  expect(new Set(codes)).toEqual(new Set(["applied", "IDEMPOTENCY_CONCURRENT_REQUEST"]));
  await waitFor("every late effect", async () => (await availableOf(client)) === -2);
});

test("the same seed does the same faults", async () => {
  const play = async (): Promise<readonly string[]> => {
    const { client, admin } = await givenStore({ errorBefore: 0.3, answerLost: 0.3 }, 7);
    const outcomes: string[] = [];
    for (let count = 0; count < 20; count += 1) {
      const status = await takeOne(admin, `key-${count}`).then(
        (reply) => String(reply.status),
        () => "lost",
      );
      outcomes.push(status);
    }
    expect((await client.stats()).apiCalls).toBe(20);
    return outcomes;
  };

  const first = await play();

  expect(await play()).toEqual(first);
  expect(new Set(first)).toEqual(new Set(["200", "500", "lost"]));
});
