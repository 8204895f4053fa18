import { randomUUID } from "node:crypto";
import { expect, onTestFinished, test } from "vitest";

import { defaultBalanceTerms } from "#app/domain/pool/balance.ts";
import { carryOn } from "#app/loop/carry-on.ts";
import { startNet } from "#app/loop/net.ts";
import { recordEvents } from "#app/loop/record-event.ts";
import type { Runtime } from "#app/loop/runtime.ts";
import { sampleDelays } from "#app/models/look-at.ts";
import { loadPool } from "#app/models/pool.ts";
import { buildGroup } from "#test/support/builders.ts";
import type { BuiltGroup } from "#test/support/builders.ts";
import { openTestDatabase } from "#test/support/database.ts";
import { openRuntime } from "#test/support/runtime.ts";
import { scriptStores } from "#test/support/scripted-stores.ts";
import { waitFor } from "#test/support/wait-for.ts";

const database = await openTestDatabase();

/** Long enough for a sweep never to be what a test waits for. */
const noSweepMs = 3_600_000;

test("balanced mirrors while there is plenty, and ends on quotas that are guaranteed", async () => {
  const { group, stores, sell } = await openBalanced({ openingUnits: 100, levels: [100, 0] });

  await sell(0, 1);
  await waitFor("both stores to show the whole pool", () => showAll(group, stores, 99));
  expect(await poolOf(group)).toMatchObject({ target: "mirror", switching: "none" });

  await sell(1, 90);
  await waitFor("the guarantee", async () => {
    const { target, switching, freeUnits, operations } = await poolOf(group);
    const isSettled = switching === "none" && freeUnits === 0 && operations.length === 0;
    return target === "quotas" && isSettled;
  });
  const shownUnits = group.listings.reduce((sum, each) => sum + stores.levelOf(each), 0);
  expect(shownUnits).toBe(9);
});

test("without a history of sales balanced stays under quotas", async () => {
  const { group, sell } = await openBalanced({
    ...{ openingUnits: 100, levels: [100, 0], historyAtLeastMs: 3_600_000 },
  });

  await sell(0, 1);
  await waitFor("the sale to be accounted", async () => (await poolOf(group)).ledgerUnits === 99);

  const { target, lookAtMs } = await poolOf(group);
  expect(target).toBe("quotas");
  expect(lookAtMs).toBeGreaterThan(Date.now() + 3_000_000);
});

test("delays are those of the slowest store, and few of them say little", async () => {
  const { group, runtime, sell } = await openBalanced({ openingUnits: 9, levels: [9, 0] });
  await sell(0, 1);
  await recordEvents(runtime, [
    levelEvent(group, 0, { units: 8, atMs: 5_000, delayMs: 4_000 }),
    levelEvent(group, 1, { units: 0, atMs: 5_000, delayMs: 90_000 }),
  ]);

  const { webhookMs } = await sampleDelays(database.prisma, group.accountId);

  expect(webhookMs.count).toBe(1);
  expect(webhookMs.slowMs).toBeGreaterThanOrEqual(90_000);
  expect(webhookMs.slowMs).toBeLessThan(100_000);
});

async function openBalanced(wanted: {
  readonly openingUnits: number;
  readonly levels: readonly number[];
  readonly historyAtLeastMs?: number;
}) {
  const balanceTerms = {
    ...defaultBalanceTerms,
    ...{ quotasAtLeastMs: 0, historyAtLeastMs: wanted.historyAtLeastMs ?? 0 },
  };
  const group = await buildGroup(database, {
    ...{ protection: "balanced", openingUnits: wanted.openingUnits, levels: wanted.levels },
    ...{ drainMs: 50, balanceTerms },
  });
  const stores = scriptStores(group.listings, wanted.levels);
  const runtime = openRuntime(database, stores.admin);
  onTestFinished(startNet(runtime, { sweepIntervalMs: noSweepMs }));
  const sell = async (index: number, units: number) => {
    const level = stores.sell(group.listings[index]!, units);
    await tell(runtime, group, index, level);
  };
  return { group, stores, runtime, sell };
}

async function tell(
  runtime: Runtime,
  group: BuiltGroup,
  index: number,
  level: { readonly units: number; readonly atMs: number },
): Promise<void> {
  carryOn(runtime, await recordEvents(runtime, [levelEvent(group, index, level)]));
}

function levelEvent(
  group: BuiltGroup,
  index: number,
  told: { readonly units: number; readonly atMs: number; readonly delayMs?: number },
) {
  const { id: listingId, shopId } = group.listings[index]!;
  const { accountId, poolId } = group;
  const { units, atMs, delayMs } = told;
  return {
    ...{ accountId, poolId, shopId, listingId },
    eventKey: `webhook:${randomUUID()}`,
    triggeredAtMs: delayMs === undefined ? null : Date.now() - delayMs,
    event: { kind: "level-observed", listingId, units, atMs } as const,
  };
}

function showAll(
  group: BuiltGroup,
  stores: ReturnType<typeof scriptStores>,
  units: number,
): boolean {
  return group.listings.every((each) => stores.levelOf(each) === units);
}

async function poolOf(group: BuiltGroup) {
  const stored = await loadPool(database.prisma, group.poolId, 1);
  return stored!.pool;
}
