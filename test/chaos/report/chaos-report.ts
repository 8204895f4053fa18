import { summarizeRaces } from "#test/demo/report.ts";
import type { LevelReport, RaceReport } from "#test/demo/report.ts";

import type { RunRecord } from "../run-record.ts";

export type ChaosLevelReport = LevelReport & {
  /** Of the runs, those in which a crowd besieged a few stores. */
  readonly rushRuns: number;
  readonly oversoldRuns: number;
  /** What was sold of what could be: of the stock, or of what was asked for where that was less. 0 to 1. */
  readonly soldThrough: number;
  /**
   * The share of such runs that oversell is lower than this, at 95 % confidence, after none did; null if
   * one did.
   */
  readonly oversellRateBelow: number | null;
};

export type ChaosReport = Omit<RaceReport, "levels"> & {
  readonly scenario: string;
  readonly lastSeed: number;
  readonly levels: readonly ChaosLevelReport[];
  /** Runs that could not be played to their end, and why. */
  readonly troubles: readonly string[];
};

/**
 * The rule of three: when an event of probability p did not happen in n independent runs, then (1 − p)ⁿ is
 * 5 % or more only for p < 3 / n, nearly exactly.
 */
const ruleOfThree = 3;

/** @param records of one commit and scenario, at least one. */
export function summarizeRuns(records: readonly RunRecord[]): ChaosReport {
  const seeds = records.map(({ seed }) => seed);
  const races = records.flatMap(({ race }) => race ?? []);
  // Spread into Math.min, a hundred thousand runs would be too many arguments.
  const seed = seeds.reduce((least, each) => Math.min(least, each), Infinity);
  const report = summarizeRaces(races, { seed, runs: new Set(seeds).size });
  return {
    ...report,
    commit: records[0]?.commit ?? report.commit,
    scenario: records[0]?.scenario ?? "",
    lastSeed: seeds.reduce((most, each) => Math.max(most, each), 0),
    levels: report.levels.map((level) =>
      addProof(
        level,
        records.filter(({ race, protection }) => race && protection === level.protection),
      ),
    ),
    troubles: records.flatMap(({ protection, seed: itsSeed, trouble }) =>
      trouble === null ? [] : [`${protection}, seed ${itsSeed}: ${trouble}`],
    ),
  };
}

function addProof(level: LevelReport, records: readonly RunRecord[]): ChaosLevelReport {
  const oversoldRuns = records.filter(({ race }) => race && race.oversoldUnits > 0).length;
  const sellableUnits = records.reduce(
    (sum, { race }) => sum + Math.min(race?.stockUnits ?? 0, race?.purchaseAttempts ?? 0),
    0,
  );
  return {
    ...level,
    rushRuns: records.filter(({ course }) => course === "rush").length,
    oversoldRuns,
    soldThrough: sellableUnits > 0 ? level.soldUnits / sellableUnits : 0,
    oversellRateBelow: oversoldRuns === 0 ? Math.min(1, ruleOfThree / level.runs) : null,
  };
}

/** What the runs of a level prove about the next one, in a sentence. */
export function tellProof(level: ChaosLevelReport): string {
  return `${tellOversells(level)} ${tellSold(level)}`;
}

function tellSold({ soldThrough, runs, rushRuns }: ChaosLevelReport): string {
  const rushes = rushRuns > 0 ? ` ${rushRuns} of ${runs} runs besieged a few stores.` : "";
  return `Sold: ${Math.round(soldThrough * 100)} % of what could be sold.${rushes}`;
}

function tellOversells({ runs, oversoldRuns, oversellRateBelow }: ChaosLevelReport): string {
  if (oversellRateBelow === null) {
    return `${oversoldRuns} of ${runs} runs sold units that did not exist.`;
  }
  const share = oversellRateBelow * 100;
  const percent = share >= 1 ? share.toFixed(0) : share.toPrecision(1);
  return `0 of ${runs} runs oversold: fewer than ${percent} % of such runs do, at 95 % confidence (3/n).`;
}
