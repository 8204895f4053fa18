import { resolve } from "node:path";
import { expect, test } from "vitest";

import { playRace } from "#test/demo/race.ts";
import { spreadOf } from "#test/demo/propagation.ts";
import { readScenario } from "#test/scenarios/read-scenario.ts";
import type { Scenario } from "#test/scenarios/scenario.ts";
import { expectBooksInOrder, startRaceStand } from "#test/support/race-stand.ts";

const slowApi = readScenario(resolve(import.meta.dirname, "../scenarios/slow-api.json"));

/** Calls of these stores take 100 ms, the slowest of ten about 145; on a busy machine everything takes longer. */
const spreadWithinMs = 500;
/** Half a minute of the scenario. */
const salesEnough = 6;
/** A call costs some 13 points of 20 a second: what was saved up is sent within a few of them. */
const caughtUpWithinMs = 20_000;

test("with 20 points a second every store shows a sale soon, at one every five seconds", async () => {
  const { stand, contests } = await startRaceStand(["mirror"], () => ({
    ...slowApi,
    shoppers: slowApi.shoppers.slice(0, salesEnough),
  }));

  const result = await playRace(stand, contests[0]!, { faults: slowApi.faults });

  expectBooksInOrder(result);
  expect(spreadOf(result.timings.propagationMs).p50).toBeLessThan(spreadWithinMs);
});

test("at ten times that rate, with nothing saved up, no store starves", async () => {
  const { stand, contests } = await startRaceStand(["mirror"], () => tenTimesFaster(slowApi));

  const result = await playRace(stand, contests[0]!, {
    faults: slowApi.faults,
    convergeWithinMs: caughtUpWithinMs,
  });

  expectBooksInOrder(result);
  expect(result.soldUnits).toBe(result.purchaseAttempts);
});

/** Ten times the shoppers in the same time, and buckets that hold five seconds instead of twenty. */
function tenTimesFaster(scenario: Scenario): Scenario {
  const every = 500;
  const sales = 40;
  const first = scenario.shoppers.filter((shoppers) => shoppers.kind === "one");
  return {
    ...scenario,
    shops: scenario.shops.map((shop) => ({ ...shop, bucketPoints: 100 })),
    shoppers: Array.from({ length: sales }, (_, index) => ({
      ...first[index % first.length]!,
      atMs: index * every,
    })),
  };
}
