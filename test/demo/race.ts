import type { Scenario } from "#test/scenarios/scenario.ts";
import type { Measurement, ShopperProgress } from "#test/simulator/client.ts";
import { waitFor } from "#test/support/wait-for.ts";

import { noFaults } from "./composed-world.ts";
import type { Contest } from "./composed-world.ts";
import { untilConverged, untilPrepared } from "./convergence.ts";
import { findBookMistakes, readBooks } from "./pool-books.ts";
import { markRaceStart, readTimings } from "./propagation.ts";
import type { RaceTimings } from "./propagation.ts";
import type { Stand } from "./stand.ts";

/** What one race came to. Units are the stores' own count; the app had no part in it. */
export type RaceResult = {
  readonly contest: Contest;
  readonly storeCount: number;
  readonly stockUnits: number;
  readonly purchaseAttempts: number;
  readonly soldUnits: number;
  readonly refusedUnits: number;
  /** Shoppers whose payment failed, and who got nothing. */
  readonly failedPayments: number;
  readonly returnedUnits: number;
  readonly oversoldUnits: number;
  /** The highest value of Σ max(available, units in payment, 0) − units left: above 0 an oversell was possible. */
  readonly maxExposureUnits: number;
  readonly conserved: boolean;
  readonly converged: boolean;
  /** What is wrong, a sentence each. */
  readonly mistakes: readonly string[];
  readonly timings: RaceTimings;
  readonly faults: Readonly<Record<string, number>>;
  readonly raceMs: number;
  readonly convergenceMs: number;
};

export type RaceOptions = {
  readonly faults: Scenario["faults"];
  /** Called every so often with the shoppers of this race alone. */
  readonly onProgress?: (progress: ShopperProgress) => void;
  /** Called when the stores are ready and the first shopper has not come. */
  readonly beforeShoppers?: () => Promise<void>;
  /** Called once, in the middle: the first units are sold and others are being paid for. */
  readonly inTheMiddle?: () => Promise<void>;
  /** Called when the last shopper has left, before anybody looks whether all is well. */
  readonly afterShoppers?: () => Promise<void>;
  /** How long everything may take to become quiet and true again. */
  readonly convergeWithinMs?: number;
};

/** A dispatch with an unknown outcome is sent again for some seconds; a drain comes on top of that. */
const convergeStandardMs = 90_000;
const racesWithinMs = 300_000;

/**
 * Plays one race: waits until its pools are in the state their protection promises, lets the shoppers
 * loose while things go wrong, then ends all faults and checks what is left.
 *
 * It returns what happened, broken promises included; it throws only if the race could not be played.
 */
export async function playRace(
  stand: Stand,
  contest: Contest,
  options: RaceOptions,
): Promise<RaceResult> {
  const { simulator, database } = stand;
  const prepared = await untilPrepared(stand, contest);
  for (const pool of contest.pools) {
    const { sku, initialUnits, members } = pool;
    const name = measurementName(contest, sku);
    await simulator.measure({ name, sku, initialUnits, members: [...members] });
  }
  const [start, statsBefore, progressBefore] = await Promise.all([
    markRaceStart(database),
    simulator.stats({}),
    simulator.shopperProgress({}),
  ]);

  await options.beforeShoppers?.();
  await simulator.setFaults({ faults: options.faults });
  const startedAt = performance.now();
  await simulator.startShoppers({ shoppers: contest.shoppers });
  await followShoppers(stand, progressBefore, options);
  const raceMs = performance.now() - startedAt;

  await simulator.setFaults({ faults: noFaults });
  await options.afterShoppers?.();
  const withinMs = options.convergeWithinMs ?? convergeStandardMs;
  const convergence = await untilConverged(stand, contest, withinMs);
  const convergenceMs = performance.now() - startedAt - raceMs;

  const [statsAfter, books] = await Promise.all([
    simulator.stats({}),
    Promise.all(contest.pools.map((pool) => readBooks(database, pool))),
  ]);
  const measurements: Measurement[] = [];
  const bookMistakes: string[] = [];
  for (const [index, pool] of contest.pools.entries()) {
    const measured = await simulator.stopMeasure({ name: measurementName(contest, pool.sku) });
    measurements.push(measured);
    const pair = { ...measured, initialUnits: pool.initialUnits };
    const found = findBookMistakes(books[index]!, pair);
    bookMistakes.push(...found.map((mistake) => `${pool.sku}: ${mistake}`));
  }
  const progress = difference(await simulator.shopperProgress({}), progressBefore);
  const sum = (count: (measured: Measurement) => number) =>
    measurements.reduce((total, measured) => total + count(measured), 0);
  return {
    contest,
    storeCount: new Set(contest.pools.flatMap(({ members }) => members.map(({ shop }) => shop)))
      .size,
    stockUnits: contest.pools.reduce((total, { initialUnits }) => total + initialUnits, 0),
    purchaseAttempts: progress.attempts,
    failedPayments: progress.failed,
    soldUnits: sum(({ soldUnits }) => soldUnits),
    refusedUnits: sum(({ refusedUnits }) => refusedUnits),
    returnedUnits: sum(({ returnedUnits }) => returnedUnits),
    oversoldUnits: sum(({ oversoldUnits }) => oversoldUnits),
    maxExposureUnits: Math.max(...measurements.map((measured) => measured.maxExposureUnits)),
    conserved: bookMistakes.length === 0,
    converged: convergence.length === 0,
    mistakes: [...convergence, ...bookMistakes],
    timings: await readTimings(
      database,
      prepared.map(({ poolId }) => poolId),
      start,
    ),
    faults: countFaults(statsBefore, statsAfter),
    raceMs,
    convergenceMs,
  };
}

/** Looks on until the last shopper has left, and has `inTheMiddle` done on the way. */
async function followShoppers(
  stand: Stand,
  before: ShopperProgress,
  { onProgress, inTheMiddle }: RaceOptions,
): Promise<void> {
  const middle: { done: Promise<void> | null } = { done: null };
  await waitFor(
    "the last shopper to leave",
    async () => {
      const progress = difference(await stand.simulator.shopperProgress({}), before);
      onProgress?.(progress);
      if (inTheMiddle && middle.done === null && (progress.bought > 0 || progress.done)) {
        middle.done = inTheMiddle();
        // Awaited below; a failure in the meantime is not unheard.
        middle.done.catch(() => undefined);
      }
      return progress.done;
    },
    { withinMs: racesWithinMs },
  );
  await middle.done;
}

type Stats = Awaited<ReturnType<Stand["simulator"]["stats"]>>;

/** Faults of the API by kind, and what became of webhooks. */
function countFaults(before: Stats, after: Stats): Readonly<Record<string, number>> {
  const webhookKinds = ["dropped", "duplicated", "late"] as const;
  const counts: Record<string, number> = {};
  for (const [kind, count] of Object.entries(after.faults)) {
    counts[kind] = count - (before.faults[kind] ?? 0);
  }
  for (const kind of webhookKinds) {
    counts[`webhook-${kind}`] = after.webhooks[kind] - before.webhooks[kind];
  }
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
}

function measurementName({ protection, run }: Contest, sku: string): string {
  return `${protection} ${run} ${sku}`;
}

/** The simulator counts shoppers from its start; a race is about its own. */
function difference(after: ShopperProgress, before: ShopperProgress): ShopperProgress {
  const earlier = new Map(before.perShop.map((counts) => [counts.shop, counts]));
  const subtract = <Counts extends Pick<ShopperProgress, CountName>>(
    counts: Counts,
    from: Pick<ShopperProgress, CountName> | undefined,
  ): Counts => {
    const rest = countNames.map((name) => [name, counts[name] - (from?.[name] ?? 0)]);
    return { ...counts, ...(Object.fromEntries(rest) as Record<CountName, number>) };
  };
  return {
    ...subtract(after, before),
    planned: after.planned - before.planned,
    perShop: after.perShop.map((counts) => subtract(counts, earlier.get(counts.shop))),
  };
}

const countNames = ["attempts", "bought", "refused", "failed", "inPayment"] as const;
type CountName = (typeof countNames)[number];
