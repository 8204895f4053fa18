import { execFileSync } from "node:child_process";
import { resolve } from "node:path";

import { protections } from "#app/domain/pool/protection.ts";
import type { Protection } from "#app/domain/pool/protection.ts";

import { spreadOf } from "./propagation.ts";
import type { Spread } from "./propagation.ts";
import type { RaceResult } from "./race.ts";

/** One protection level, over all runs. Units and counts are sums over the runs. */
export type LevelReport = {
  readonly protection: Protection;
  readonly runs: number;
  readonly storeCount: number;
  readonly stockUnits: number;
  readonly purchaseAttempts: number;
  readonly soldUnits: number;
  readonly refusedUnits: number;
  readonly failedPayments: number;
  readonly returnedUnits: number;
  readonly oversoldUnits: number;
  /** The highest of all runs. */
  readonly maxExposureUnits: number;
  readonly conserved: boolean;
  readonly converged: boolean;
  /** Null percentiles: nothing had to be propagated. */
  readonly propagationMs: Spread;
  readonly fanOutMs: Spread;
  readonly lockWaitMs: Pick<Spread, "p50" | "p99">;
  readonly writesPerSale: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly mistakes: readonly string[];
  readonly raceMs: number;
  readonly convergenceMs: number;
};

export type RaceReport = {
  readonly seed: number;
  readonly commit: string;
  readonly runs: number;
  readonly levels: readonly LevelReport[];
};

/** A race as it is reported: who its shoppers were is over. */
export type FinishedRace = Omit<RaceResult, "contest"> & {
  readonly contest: Pick<RaceResult["contest"], "protection">;
};

/** @param results every race that was played, in any order. */
export function summarizeRaces(
  results: readonly FinishedRace[],
  { seed, runs }: { readonly seed: number; readonly runs: number },
): RaceReport {
  return {
    seed,
    commit: findCommit(),
    runs,
    levels: protections.flatMap((protection) => {
      const races = results.filter(({ contest }) => contest.protection === protection);
      return races.length > 0 ? [summarizeLevel(protection, races)] : [];
    }),
  };
}

function summarizeLevel(protection: Protection, races: readonly FinishedRace[]): LevelReport {
  const sum = (count: (race: FinishedRace) => number) =>
    races.reduce((total, race) => total + count(race), 0);
  const soldUnits = sum((race) => race.soldUnits);
  const writeCount = sum(({ timings }) => timings.writeCount);
  const lockWait = spreadOf(races.flatMap(({ timings }) => timings.lockWaitMs));
  return {
    protection,
    runs: races.length,
    storeCount: Math.max(...races.map(({ storeCount }) => storeCount)),
    stockUnits: sum((race) => race.stockUnits),
    purchaseAttempts: sum((race) => race.purchaseAttempts),
    soldUnits,
    refusedUnits: sum((race) => race.refusedUnits),
    failedPayments: sum((race) => race.failedPayments),
    returnedUnits: sum((race) => race.returnedUnits),
    oversoldUnits: sum((race) => race.oversoldUnits),
    maxExposureUnits: Math.max(...races.map((race) => race.maxExposureUnits)),
    conserved: races.every(({ conserved }) => conserved),
    converged: races.every(({ converged }) => converged),
    propagationMs: spreadOf(races.flatMap(({ timings }) => timings.propagationMs)),
    fanOutMs: spreadOf(races.flatMap(({ timings }) => timings.fanOutMs)),
    lockWaitMs: { p50: lockWait.p50, p99: lockWait.p99 },
    writesPerSale: soldUnits > 0 ? Math.round((writeCount / soldUnits) * 100) / 100 : 0,
    faults: addUp(races.map(({ faults }) => faults)),
    mistakes: races.flatMap(({ mistakes }) => mistakes),
    raceMs: Math.round(sum((race) => race.raceMs)),
    convergenceMs: Math.round(sum((race) => race.convergenceMs)),
  };
}

/**
 * What was promised and not kept, a sentence each. Conservation is promised at every level; that no unit
 * is sold twice, where the stores have quotas.
 */
export function findBrokenPromises({ levels }: RaceReport): readonly string[] {
  return levels.flatMap((level) => {
    const broken: string[] = [];
    if (!level.conserved) broken.push("the books do not add up");
    if (!level.converged) broken.push("the stores and the app do not agree in the end");
    if (level.protection !== "mirror" && level.oversoldUnits > 0) {
      broken.push(`${level.oversoldUnits} units were sold that did not exist`);
    }
    if (level.protection !== "mirror" && level.maxExposureUnits > 0) {
      broken.push(`the stores offered ${level.maxExposureUnits} units too many at one moment`);
    }
    const details = level.mistakes.length > 0 ? ` (${level.mistakes.join("; ")})` : "";
    return broken.map((sentence) => `${level.protection}: ${sentence}${details}.`);
  });
}

function addUp(counts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const total: Record<string, number> = {};
  for (const [kind, count] of counts.flatMap((each) => Object.entries(each))) {
    total[kind] = (total[kind] ?? 0) + count;
  }
  return total;
}

/** "unknown" where the project is no git checkout. */
export function findCommit(): string {
  try {
    return execFileSync("git", ["rev-parse", "HEAD"], {
      cwd: resolve(import.meta.dirname, "../.."),
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  } catch {
    return "unknown";
  }
}
