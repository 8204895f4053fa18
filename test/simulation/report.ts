import type { Exploration } from "./exhaustive/explore.ts";
import type { SimulateOptions } from "./options.ts";
import { contenders } from "./race.ts";
import type { Contender, RaceResult } from "./race.ts";
import { rareThings } from "./rare-things.ts";
import { addTallies, emptyTally, soldThrough } from "./tally.ts";
import type { Tally } from "./tally.ts";
import type { TaskResult } from "./task.ts";
import { addSurveys, emptySurvey } from "./worlds.ts";
import type { Survey } from "./worlds.ts";

/** What a run found: exactly this is written as JSON. */
export type SimulateReport = {
  readonly seedsFrom: number;
  readonly seeds: number;
  readonly seedsPerMinute: number;
  readonly eventsPerSeed: number;
  readonly violations: readonly { readonly seed: number; readonly invariant: string }[];
  readonly oversoldRuns: Readonly<Record<string, number>>;
  readonly soldThrough: Readonly<Record<string, number>>;
  readonly coverage: Readonly<Record<string, number>>;
  /** By scenario: what each contender sold in the same worlds. */
  readonly contenders?: Readonly<Record<Contender, Tally>>;
  readonly explorations?: readonly Exploration[];
  /** The first seed that shows it; null when none of the first 200 does. */
  readonly plantedBugs?: Readonly<Record<string, number | null>>;
};

export function reportOf(
  options: SimulateOptions,
  results: readonly TaskResult[],
  elapsedMs: number,
): SimulateReport {
  const survey = surveyOf(results);
  const races = racesOf(results);
  const explorations = results.flatMap((each) =>
    each.kind === "exhaustive" ? [each.exploration] : [],
  );
  const isRace = options.scenario !== null;
  const tallies: Readonly<Record<string, Tally>> = isRace ? races.tallies : survey.tallies;
  const worldCount = isRace
    ? Object.values(races.tallies).reduce((sum, tally) => sum + tally.worldCount, 0)
    : survey.worldCount;
  return {
    seedsFrom: options.firstSeed,
    seeds: options.mode === "exhaustive" ? 0 : options.seedCount,
    seedsPerMinute: Math.round((worldCount / elapsedMs) * 60_000),
    eventsPerSeed: survey.worldCount > 0 ? Math.round(survey.eventCount / survey.worldCount) : 0,
    violations: [
      ...survey.violations.map(({ seed, invariant }) => ({ seed, invariant })),
      ...races.violations.map(({ seed, invariant }) => ({ seed, invariant })),
      ...explorations.flatMap(({ violation }) =>
        violation ? [{ seed: 0, invariant: violation.invariant }] : [],
      ),
    ],
    oversoldRuns: {
      strict: tallies.strict?.oversoldRuns ?? 0,
      balanced: tallies.balanced?.oversoldRuns ?? 0,
      // Played only by their own tests: these worlds last for minutes.
      balancedOutsideAssumption: survey.tallies.balancedOutsideAssumption.oversoldRuns,
      mirror: tallies.mirror?.oversoldRuns ?? 0,
      ...(isRace ? { plainMirror: races.tallies["plain-mirror"].oversoldRuns } : {}),
    },
    soldThrough: Object.fromEntries(
      Object.entries(tallies).map(([name, tally]) => [name, rounded(soldThrough(tally))]),
    ),
    coverage: Object.fromEntries(rareThings.map((what) => [what, survey.counts[what] ?? 0])),
    ...(isRace ? { contenders: races.tallies } : {}),
    ...(explorations.length > 0 ? { explorations } : {}),
    ...(options.plantedBugs ? { plantedBugs: bugsOf(results) } : {}),
  };
}

function surveyOf(results: readonly TaskResult[]): Survey {
  return results.reduce(
    (sum, each) => (each.kind === "worlds" ? addSurveys(sum, each.survey) : sum),
    emptySurvey,
  );
}

type Races = {
  readonly tallies: Readonly<Record<Contender, Tally>>;
  readonly violations: RaceResult["violations"];
};

function racesOf(results: readonly TaskResult[]): Races {
  const of = (contender: Contender): readonly RaceResult[] =>
    results.flatMap((each) =>
      each.kind === "races" && each.contender === contender ? [each.result] : [],
    );
  const tally = (contender: Contender): Tally =>
    of(contender).reduce((sum, each) => addTallies(sum, each.tally), emptyTally);
  return {
    tallies: {
      strict: tally("strict"),
      balanced: tally("balanced"),
      mirror: tally("mirror"),
      "plain-mirror": tally("plain-mirror"),
    },
    violations: contenders.flatMap((contender) => of(contender).flatMap((each) => each.violations)),
  };
}

function bugsOf(results: readonly TaskResult[]): Readonly<Record<string, number | null>> {
  return Object.fromEntries(
    results.flatMap((each) =>
      each.kind === "planted-bug" ? [[each.name, each.firstSeed] as const] : [],
    ),
  );
}

function rounded(share: number): number {
  return Math.round(share * 10_000) / 10_000;
}

/** Whether anything was found that must not be, or a planted bug was not. */
export function isFailed(report: SimulateReport): boolean {
  const isBlind = Object.values(report.plantedBugs ?? {}).includes(null);
  return report.violations.length > 0 || isBlind;
}
