import { createCleanups } from "#test/demo/cleanups.ts";
import type { Cleanups } from "#test/demo/cleanups.ts";
import { composeWorld } from "#test/demo/composed-world.ts";
import type { Contest } from "#test/demo/composed-world.ts";
import { playRace } from "#test/demo/race.ts";
import type { FinishedRace } from "#test/demo/report.ts";
import type { Scenario } from "#test/scenarios/scenario.ts";
import type { ShopperProgress } from "#test/simulator/client.ts";

import { adaptToCourse, chooseCourse, shoppersComeForMs } from "./course.ts";
import type { CourseKind } from "./course.ts";
import { startChaosStand } from "./chaos-stand.ts";
import type { ChaosPostgres } from "./chaos-stand.ts";
import { createNemesis } from "./nemesis/nemesis.ts";
import type { Victims } from "./nemesis/nemesis.ts";
import { planDisruptions } from "./nemesis/plan.ts";
import type { RunId } from "./run-record.ts";

/** Runs that share a stand: it takes some ten seconds to start, and holds so many pools with ease. */
export type Block = { readonly runs: readonly RunId[] };

export type BlockSettings = {
  readonly scenario: Scenario;
  readonly postgres: ChaosPostgres;
  readonly redisUrls: readonly string[];
  readonly isSlow: boolean;
  /** Once it is aborted everything is being ended: what fails then is nobody's trouble. */
  readonly stopping: AbortSignal;
};

export type PlayedRun = { readonly race: FinishedRace; readonly course: CourseKind };

export type BlockListener = {
  readonly onProgress?: (run: RunId, progress: ShopperProgress) => void;
  readonly onPlayed: (run: RunId, played: PlayedRun, output: () => string) => void;
  /** The run could not be played; the rest of the block is not. */
  readonly onTrouble: (run: RunId, error: unknown, output: () => string) => void;
};

/**
 * Plays the runs of a block one after the other on a stand of its own, each in products of its own, by the
 * chances of its own seed, while its nemesis is at work.
 *
 * @param outside ended first, whatever the block is doing, when everything ends.
 */
export async function playBlock(
  block: Block,
  settings: BlockSettings,
  listener: BlockListener,
  outside: Cleanups,
): Promise<void> {
  const own = createCleanups();
  outside.add(own.run);
  const seeds = [...new Set(block.runs.map(({ seed }) => seed))];
  const world = composeWorld(settings.scenario, {
    protections: [...new Set(block.runs.map(({ protection }) => protection))],
    runs: seeds.length,
    adapt: (race, run) => adaptToCourse(race, seeds[run - 1] ?? 0),
    seed: seeds[0] ?? 0,
    stories: [],
  });
  const printed = { output: () => "" };
  let current = block.runs[0];
  try {
    const victims = await startChaosStand({ ...settings, scenario: world.scenario }, own);
    printed.output = victims.stand.output;
    for (const run of block.runs) {
      current = run;
      const contest = world.contests.find(
        ({ protection, run: number }) =>
          protection === run.protection && seeds[number - 1] === run.seed,
      );
      const played = await playRun(victims, { ...run, contest: contest! }, settings, listener);
      listener.onPlayed(run, played, printed.output);
    }
  } catch (error) {
    if (current && !settings.stopping.aborted) listener.onTrouble(current, error, printed.output);
  } finally {
    await own.run();
  }
}

async function playRun(
  victims: Victims,
  run: RunId & { readonly contest: Contest },
  { scenario, postgres, isSlow }: BlockSettings,
  { onProgress }: BlockListener,
): Promise<PlayedRun> {
  const { stand, redisServers } = victims;
  const limits = {
    killsPostgres: postgres.kill !== null,
    killsRedis: redisServers.length > 0,
    isSlow,
  };
  const plan = planDisruptions(run.seed, limits, shoppersComeForMs(run.contest));
  const nemesis = createNemesis(victims, plan);
  const healed: { counts: Readonly<Record<string, number>> } = { counts: {} };
  const { contest, ...race } = await playRace(stand, run.contest, {
    faults: scenario.faults,
    onProgress: (progress) => onProgress?.(run, progress),
    beforeShoppers: async () => {
      await stand.simulator.reseed({ seed: run.seed });
      nemesis.begin();
    },
    afterShoppers: async () => {
      healed.counts = await nemesis.heal();
    },
  });
  return {
    course: chooseCourse(run.seed),
    race: {
      ...race,
      contest: { protection: contest.protection },
      faults: { ...race.faults, ...healed.counts },
    },
  };
}
