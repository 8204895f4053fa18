import { randomBytes } from "node:crypto";
import { resolve } from "node:path";
import { expect, inject, onTestFinished } from "vitest";

import type { Protection } from "#app/domain/pool/protection.ts";
import { buildApp, isBuildStale } from "#test/demo/build-app.ts";
import { createCleanups } from "#test/demo/cleanups.ts";
import { composeWorld } from "#test/demo/composed-world.ts";
import type { Contest } from "#test/demo/composed-world.ts";
import type { RaceResult } from "#test/demo/race.ts";
import { startStand } from "#test/demo/stand.ts";
import type { Stand } from "#test/demo/stand.ts";
import { readScenario } from "#test/scenarios/read-scenario.ts";
import type { Scenario } from "#test/scenarios/scenario.ts";

import { startRedisServers } from "./redis-servers.ts";
import type { RedisServer } from "./redis-servers.ts";

export type RaceStand = {
  readonly stand: Stand;
  readonly redisServers: readonly RedisServer[];
  /** One race per protection, in the order asked for. */
  readonly contests: readonly Contest[];
  /** As the scenario has them. */
  readonly faults: Scenario["faults"];
};

/**
 * The race of the demo with everything real, for one test: PostgreSQL, three Redis nodes, two web
 * processes and two workers as they are deployed, and the simulated stores. `CHAOS_SEED` plays another
 * course of it.
 *
 * @param adapt makes another race of the demo's.
 */
export async function startRaceStand(
  protections: readonly Protection[],
  adapt: (scenario: Scenario) => Scenario = (scenario) => scenario,
): Promise<RaceStand> {
  const cleanups = createCleanups();
  onTestFinished(cleanups.run);
  if (isBuildStale()) await buildApp();
  const race = adapt(readScenario(resolve(import.meta.dirname, "../scenarios/race.json")));
  const seed = Number(process.env.CHAOS_SEED ?? race.seed);
  const world = composeWorld(race, { protections, seed, runs: 1, stories: [] });

  const redisServers = await startRedisServers(3);
  cleanups.add(() => Promise.all(redisServers.map((server) => server.stop())));
  const stand = await startStand(
    {
      scenario: world.scenario,
      databaseServerUrl: inject("postgresUrl"),
      databaseName: `chaos_${randomBytes(6).toString("hex")}`,
      redisUrls: redisServers.map(({ url }) => url),
      webCount: 2,
      workerCount: 2,
    },
    cleanups,
  );
  return { stand, redisServers, contests: world.contests, faults: race.faults };
}

/** What holds after every race, whatever went wrong: each unit is accounted for, once, everywhere. */
export function expectBooksInOrder(result: RaceResult): void {
  expect(result.mistakes).toEqual([]);
  expect(result).toMatchObject({ conserved: true, converged: true });
}

/** What holds under quotas on top of it: no unit could have been sold twice, and most were sold. */
export function expectNothingSoldTwice(result: RaceResult): void {
  expectBooksInOrder(result);
  expect(result.oversoldUnits).toBe(0);
  expect(result.maxExposureUnits).toBeLessThanOrEqual(0);
  expect(result.soldUnits).toBeGreaterThanOrEqual(0.8 * result.stockUnits);
}
