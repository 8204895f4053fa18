import { resolve } from "node:path";
import { expect, test } from "vitest";

import { createCleanups } from "#test/demo/cleanups.ts";
import { composeWorld } from "#test/demo/composed-world.ts";
import { DemoOptionsError, parseDemoOptions } from "#test/demo/options.ts";
import { percentile } from "#test/demo/percentiles.ts";
import { findBookMistakes } from "#test/demo/pool-books.ts";
import type { PoolBooks } from "#test/demo/pool-books.ts";
import type { RaceResult } from "#test/demo/race.ts";
import { findBrokenPromises, summarizeRaces } from "#test/demo/report.ts";
import { readScenario } from "#test/scenarios/read-scenario.ts";
import { findReferenceMistakes } from "#test/scenarios/scenario-references.ts";

const scenarios = resolve(import.meta.dirname, "../scenarios");
const race = readScenario(resolve(scenarios, "race.json"));
const story = readScenario(resolve(scenarios, "two-stores-last-unit.json"));

test("a composed world has every race and story, each with products of its own", () => {
  const world = composeWorld(race, {
    protections: ["strict", "mirror"],
    runs: 2,
    stories: [story],
    seed: 3,
  });

  expect(findReferenceMistakes(world.scenario)).toEqual([]);
  expect(world.contests).toHaveLength(4);
  expect(world.scenario.groups).toHaveLength(5);
  expect(new Set(world.scenario.products.map(({ sku }) => sku)).size).toBe(5);
  expect(world.contests.flatMap(({ pools }) => pools).map((pool) => pool.initialUnits)).toEqual([
    30, 30, 30, 30,
  ]);
  expect(world.stories[0]?.pools[0]).toMatchObject({ sku: "TEAPOT", initialUnits: 1 });
});

const books: PoolBooks = {
  poolId: "pool",
  isGuaranteed: true,
  target: "quotas",
  freeUnits: 1,
  ledgerUnits: 10,
  ledgerSum: 10,
  drainingUnits: 2,
  unappliedGrantUnits: 3,
  openOperationCount: 0,
  quarantinedCount: 0,
  waitingEventCount: 0,
  listings: [
    { shop: "a", locationName: "Warehouse", expectedUnits: 4 },
    { shop: "b", locationName: "Warehouse", expectedUnits: 0 },
  ],
};
const truth = { initialUnits: 15, soldUnits: 6, returnedUnits: 1 };

test("books in which every unit is somewhere have no mistake", () => {
  expect(findBookMistakes(books, truth)).toEqual([]);
});

test.each<readonly [string, Partial<PoolBooks>, RegExp]>([
  ["a sale that was counted twice", { ledgerSum: 9, ledgerUnits: 9, freeUnits: 0 }, /adds up to 9/],
  ["a pool that says another number than its ledger", { ledgerUnits: 11 }, /its ledger 10/],
  ["a unit that is nowhere", { freeUnits: 0 }, /9 units are somewhere, and 10 in the ledger/],
])("the books of %s are found wrong", (_, change, mistake) => {
  expect(findBookMistakes({ ...books, ...change }, truth).join("; ")).toMatch(mistake);
});

test("a percentile is a value that occurred, and null without values", () => {
  const hundred = Array.from({ length: 100 }, (_, index) => index + 1);

  expect([0.5, 0.95, 0.99].map((share) => percentile(hundred, share))).toEqual([50, 95, 99]);
  expect(percentile([7.26], 0.99)).toBe(7.3);
  expect(percentile([], 0.5)).toBeNull();
});

test("a report adds units up over the runs and keeps the worst exposure", () => {
  const report = summarizeRaces(
    [
      result({ soldUnits: 28, maxExposureUnits: 0 }),
      result({ soldUnits: 30, maxExposureUnits: 2 }),
    ],
    { seed: 1, runs: 2 },
  );

  expect(report.levels).toHaveLength(1);
  expect(report.levels[0]).toMatchObject({
    soldUnits: 58,
    stockUnits: 60,
    maxExposureUnits: 2,
    writesPerSale: 0.34,
    faults: { throttled: 4 },
  });
});

test.each<readonly [string, Partial<RaceResult>]>([
  ["an oversell", { oversoldUnits: 1 }],
  ["too much on offer", { maxExposureUnits: 1 }],
  ["books that do not add up", { conserved: false }],
  ["stores that disagree", { converged: false }],
])("under strict, %s is a broken promise", (_, change) => {
  const summarize = (...results: readonly RaceResult[]) =>
    findBrokenPromises(summarizeRaces(results, { seed: 1, runs: 1 }));

  expect(summarize(result({}))).toEqual([]);
  expect(summarize(result(change))).toHaveLength(1);
});

test("a mirror promises no more than it can keep: an oversell breaks nothing", () => {
  const contest = { ...result({}).contest, protection: "mirror" as const };
  const oversold = result({ contest, oversoldUnits: 60, maxExposureUnits: 270 });

  expect(findBrokenPromises(summarizeRaces([oversold], { seed: 1, runs: 1 }))).toEqual([]);
});

test("the demo's options are checked", () => {
  expect(parseDemoOptions(["--exit", "--seed", "7"], "/home")).toMatchObject({
    exit: true,
    seed: 7,
    protections: ["strict", "balanced", "mirror"],
  });
  expect(parseDemoOptions(["--json", "report.json"], "/home").jsonFile).toBe("/home/report.json");
  for (const wrong of [["--seed", "x"], ["--protection", "none"], ["--fast"]]) {
    expect(() => parseDemoOptions(wrong, "/home")).toThrow(DemoOptionsError);
  }
});

test("what is started while everything is being ended is ended too", async () => {
  const ended: string[] = [];
  const complaints: unknown[] = [];
  const cleanups = createCleanups((error) => complaints.push(error));
  cleanups.add(() => ended.push("first"));
  cleanups.add(() => {
    throw new Error("it does not end");
  });
  cleanups.add(() => ended.push("last"));

  const running = cleanups.run();
  cleanups.add(() => ended.push("late"));
  await running;
  await cleanups.run();

  expect(ended[0]).toBe("last");
  expect(ended.sort()).toEqual(["first", "last", "late"]);
  expect(complaints).toHaveLength(1);
});

function result(change: Partial<RaceResult>): RaceResult {
  return {
    contest: { protection: "strict", run: 1, pools: [], shoppers: [] },
    storeCount: 10,
    stockUnits: 30,
    purchaseAttempts: 100,
    soldUnits: 29,
    refusedUnits: 70,
    failedPayments: 1,
    returnedUnits: 0,
    oversoldUnits: 0,
    maxExposureUnits: 0,
    conserved: true,
    converged: true,
    mistakes: [],
    timings: {
      ...{ propagationMs: [], fanOutMs: [], lockWaitMs: [1], accountingMs: [1] },
      writeCount: 10,
    },
    faults: { throttled: 2 },
    raceMs: 1_000,
    convergenceMs: 500,
    ...change,
  };
}
