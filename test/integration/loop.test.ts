import { randomUUID } from "node:crypto";
import { expect, onTestFinished, test, vi } from "vitest";

import { carryOn } from "#app/loop/carry-on.ts";
import { startNet } from "#app/loop/net.ts";
import type { ReadLevel } from "#app/loop/ports.ts";
import { recordEvents } from "#app/loop/record-event.ts";
import type { Runtime } from "#app/loop/runtime.ts";
import { loadPool } from "#app/models/pool.ts";
import { buildGroup } from "#test/support/builders.ts";
import type { BuiltGroup, BuiltListing } from "#test/support/builders.ts";
import { openTestDatabase } from "#test/support/database.ts";
import { openRuntime } from "#test/support/runtime.ts";
import { scriptStores } from "#test/support/scripted-stores.ts";
import { waitFor } from "#test/support/wait-for.ts";

const database = await openTestDatabase();

/** Long enough for a sweep never to be what a test waits for. */
const noSweepMs = 3_600_000;

test("in a mirror, a sale in one store lowers all others", async () => {
  const { group, stores, runtime } = await open("mirror", {
    openingUnits: 10,
    levels: [10, 10, 10],
  });

  await tell(runtime, group, group.listings[0]!, stores.sell(group.listings[0]!, 3));

  await waitFor("all stores to show 7", () =>
    group.listings.every((each) => stores.levelOf(each) === 7),
  );
  expect((await poolOf(group)).ledgerUnits).toBe(7);
});

test("a pool under strict protection becomes guaranteed, with a quota in each store", async () => {
  const { group, stores } = await openWithNet("strict", { openingUnits: 9, levels: [9, 9, 9] });

  await waitFor("the guarantee", () => isGuaranteed(group));

  expect(group.listings.map(stores.levelOf)).toEqual([3, 3, 3]);
  expect(await poolOf(group)).toMatchObject({ freeUnits: 0, ledgerUnits: 9, operations: [] });
});

test("what a store sold while its units were taken goes back to it, and the ledger is exact", async () => {
  const { group, stores, runtime } = await openWithNet("strict", {
    openingUnits: 2,
    levels: [2, 2],
  });
  const [first] = group.listings;
  await tell(runtime, group, first!, stores.sell(first!, 2));

  await waitFor("the guarantee", () => isGuaranteed(group));

  expect(group.listings.map(stores.levelOf)).toEqual([0, 0]);
  expect(await poolOf(group)).toMatchObject({ freeUnits: 0, ledgerUnits: 0 });
});

test.each(["answer-lost", "request-lost", "throttled"] as const)(
  "%s: the same dispatch is sent again, and applied once",
  async (mishap) => {
    const { group, stores, runtime } = await open("mirror", { openingUnits: 5, levels: [5, 5] });
    stores.failNext(group.listings[1]!, mishap);

    await tell(runtime, group, group.listings[0]!, stores.sell(group.listings[0]!, 1));

    await waitFor("both to show 4", () =>
      group.listings.every((each) => stores.levelOf(each) === 4),
    );
    await waitFor("the answer to be folded", async () =>
      (await poolOf(group)).operations.every(({ state }) => state === "draining"),
    );
    expect(stores.keysSeen(group.listings[1]!)).toHaveLength(2);
    expect(new Set(stores.keysSeen(group.listings[1]!)).size).toBe(1);
  },
);

test("a refused line fails its operation and takes the listing out of the guarantee", async () => {
  const { group, stores, runtime } = await open("mirror", { openingUnits: 5, levels: [5, 5] });
  stores.failNext(group.listings[1]!, "refused");

  await tell(runtime, group, group.listings[0]!, stores.sell(group.listings[0]!, 1));

  await waitFor("the refusal to be folded", async () =>
    (await poolOf(group)).listings.some(({ guard }) => guard === "refused"),
  );
  expect((await poolOf(group)).operations).toEqual([]);
});

test("an event told twice counts once", async () => {
  const { group, stores, runtime } = await open("mirror", { openingUnits: 5, levels: [5, 5] });
  const level = stores.sell(group.listings[0]!, 1);
  const key = randomUUID();

  await tell(runtime, group, group.listings[0]!, level, key);
  await tell(runtime, group, group.listings[0]!, level, key);

  await waitFor("both to show 4", () => group.listings.every((each) => stores.levelOf(each) === 4));
  expect((await poolOf(group)).ledgerUnits).toBe(4);
});

test("an event that breaks a rule is put aside with its reason, and holds up no other", async () => {
  const { group, stores, runtime } = await open("mirror", { openingUnits: 5, levels: [5, 5] });
  const broken = vi.spyOn(console, "error").mockImplementation(() => undefined);
  onTestFinished(() => {
    broken.mockRestore();
  });
  const [first, second] = group.listings;
  const half = { units: 4.5, atMs: 9_000 };
  await recordLevel(runtime, group, first!, half, "half a unit");

  await tell(runtime, group, second!, stores.sell(second!, 1));

  await waitFor("both to show 4", () => group.listings.every((each) => stores.levelOf(each) === 4));
  const aside = await database.prisma.inboxEvent.findUniqueOrThrow({
    where: { eventKey: "webhook:half a unit" },
  });
  expect(aside.deadLetterReason).toBe("a level counts whole units, at most a billion");
  expect(broken).toHaveBeenCalledOnce();
});

test("an event whose outcome the database refuses is put aside as well", async () => {
  const { group, stores, runtime } = await open("mirror", { openingUnits: 5, levels: [5, 5] });
  const told = vi.spyOn(console, "error").mockImplementation(() => undefined);
  onTestFinished(() => {
    told.mockRestore();
  });
  const [first, second] = group.listings;
  await recordEvents(runtime, [
    {
      accountId: group.accountId,
      poolId: group.poolId,
      shopId: first!.shopId,
      listingId: first!.id,
      eventKey: "webhook:an order beyond all numbers",
      triggeredAtMs: null,
      event: {
        kind: "order-seen",
        listingId: first!.id,
        orderId: "1",
        soldUnits: 3_000_000_000,
        returnedUnits: 0,
      },
    },
  ]);

  await tell(runtime, group, second!, stores.sell(second!, 1));

  await waitFor("both to show 4", () => group.listings.every((each) => stores.levelOf(each) === 4));
  const aside = await database.prisma.inboxEvent.findUniqueOrThrow({
    where: { eventKey: "webhook:an order beyond all numbers" },
  });
  expect(aside.deadLetterReason).toMatch(/out of range for type integer/);
  expect(told).toHaveBeenCalledOnce();
});

test("a hundred sales at once, seen by two processes, are each accounted once", async () => {
  const { group, stores, runtime } = await open("mirror", {
    openingUnits: 200,
    levels: [200, 200, 200, 200],
  });
  const other = openRuntime(database, stores.admin);

  await Promise.all(
    Array.from({ length: 100 }, (_sale, index) => {
      const listing = group.listings[index % 4]!;
      return tell(index % 2 === 0 ? runtime : other, group, listing, stores.sell(listing, 1));
    }),
  );

  await waitFor("all to show 100", () =>
    group.listings.every((each) => stores.levelOf(each) === 100),
  );
  expect((await poolOf(group)).ledgerUnits).toBe(100);
  const ledger = await database.prisma.ledgerEntry.aggregate({
    where: { poolId: group.poolId },
    _sum: { units: true },
  });
  expect(ledger._sum.units).toBe(100);
});

test("a dispatch whose process is gone is sent again by another, under the same key", async () => {
  const { group, stores, runtime } = await open("mirror", { openingUnits: 5, levels: [5, 5] });
  stores.failNext(group.listings[1]!, "answer-lost");
  await tell(runtime, group, group.listings[0]!, stores.sell(group.listings[0]!, 1));
  await waitFor("the first attempt", () => stores.keysSeen(group.listings[1]!).length > 0);
  runtime.state.isStopping = true; // as if it had been killed: it does not try again

  startNetFor(openRuntime(database, stores.admin));

  await waitFor("the other's attempt to be folded", async () =>
    (await poolOf(group)).operations.every(({ state }) => state === "draining"),
  );
  expect(new Set(stores.keysSeen(group.listings[1]!)).size).toBe(1);
  expect(stores.levelOf(group.listings[1]!)).toBe(4);
});

test("a refusal is not believed from a process that has lost its claim meanwhile", async () => {
  const { group, stores } = await open("mirror", { openingUnits: 5, levels: [5, 5] });
  const refusal = Promise.withResolvers<undefined>();
  const stalled = openRuntime(database, {
    ...stores.admin,
    async sendDispatch({ lines }) {
      await refusal.promise;
      return {
        answer: { kind: "refused-lines", lines: [0] },
        levels: lines.map(() => null),
        ...{ bucket: null, retryAfterMs: null },
      };
    },
  });
  await tell(stalled, group, group.listings[0]!, stores.sell(group.listings[0]!, 1));
  await waitFor("the dispatch", () => stalled.state.sending.size > 0);
  const lost = Promise.withResolvers<undefined>();
  startNetFor(
    openRuntime(database, {
      ...stores.admin,
      async sendDispatch(dispatch) {
        const reply = await stores.admin.sendDispatch(dispatch);
        await lost.promise; // applied, and the answer is still on its way
        return reply;
      },
    }),
  );
  await waitFor("the other's attempt", () => stores.levelOf(group.listings[1]!) === 4);

  refusal.resolve(undefined);
  await waitFor("the stalled process to be done", () => stalled.state.sending.size === 0);
  lost.resolve(undefined);

  await waitFor("the answer to be folded", async () =>
    (await poolOf(group)).operations.every(({ state }) => state === "draining"),
  );
  expect((await poolOf(group)).listings.map(({ guard }) => guard)).toEqual(["guarded", "guarded"]);
});

test("a store that does not answer a read holds up no other store's", async () => {
  const { group, stores } = await open("mirror", { openingUnits: 5, levels: [5, 5, 5] });
  const [hanging, answering] = group.listings;
  const answer = Promise.withResolvers<undefined>();
  const runtime = openRuntime(database, {
    ...stores.admin,
    async readLevels(request) {
      if (request.shopDomain === hanging!.domain) await answer.promise;
      return stores.admin.readLevels(request);
    },
  });
  stores.sell(answering!, 2); // and its webhook is lost
  // Neither newer nor older than what is known: only a read can tell.
  const unclear = { units: 6, atMs: 0 };
  await recordLevel(runtime, group, hanging!, unclear, randomUUID());

  await tell(runtime, group, answering!, unclear);

  await waitFor(
    "the lost sale to be accounted",
    async () => (await poolOf(group)).ledgerUnits === 3,
  );
  answer.resolve(undefined);
});

test("what no webhook told is found by the sweep", async () => {
  const { group, stores, runtime } = await open("mirror", { openingUnits: 5, levels: [5, 5] });
  stores.sell(group.listings[0]!, 2);

  startNetFor(runtime, 50);

  await waitFor("both to show 3", () => group.listings.every((each) => stores.levelOf(each) === 3));
});

type Wanted = { readonly openingUnits: number; readonly levels: readonly number[] };

async function open(protection: "strict" | "mirror", wanted: Wanted) {
  const group = await buildGroup(database, { protection, ...wanted, drainMs: 50 });
  const stores = scriptStores(group.listings, wanted.levels);
  const runtime = openRuntime(database, stores.admin);
  return { group, stores, runtime };
}

async function openWithNet(protection: "strict" | "mirror", wanted: Wanted) {
  const opened = await open(protection, wanted);
  startNetFor(opened.runtime);
  return opened;
}

function startNetFor(runtime: Runtime, sweepIntervalMs = noSweepMs): void {
  onTestFinished(startNet(runtime, { sweepIntervalMs }));
}

async function tell(
  runtime: Runtime,
  group: BuiltGroup,
  listing: BuiltListing,
  level: ReadLevel,
  key: string = randomUUID(),
): Promise<void> {
  carryOn(runtime, await recordLevel(runtime, group, listing, level, key));
}

function recordLevel(
  runtime: Runtime,
  group: BuiltGroup,
  listing: BuiltListing,
  level: ReadLevel,
  key: string,
): Promise<readonly string[]> {
  return recordEvents(runtime, [
    {
      accountId: group.accountId,
      poolId: group.poolId,
      shopId: listing.shopId,
      listingId: listing.id,
      eventKey: `webhook:${key}`,
      triggeredAtMs: null,
      event: { kind: "level-observed", listingId: listing.id, ...level },
    },
  ]);
}

async function poolOf(group: BuiltGroup) {
  const stored = await loadPool(database.prisma, group.poolId, 1);
  return stored!.pool;
}

async function isGuaranteed(group: BuiltGroup): Promise<boolean> {
  const pool = await database.prisma.pool.findUniqueOrThrow({ where: { id: group.poolId } });
  return pool.isGuaranteed;
}
