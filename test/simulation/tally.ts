import type { Outcome } from "./run-world.ts";

/** What worlds under one promise sold together; plain numbers, so that cores can add up their parts. */
export type Tally = {
  readonly worldCount: number;
  /** Worlds in which at any moment more was sold than there was. */
  readonly oversoldRuns: number;
  readonly oversoldUnits: number;
  readonly soldUnits: number;
  readonly offeredUnits: number;
  readonly writeCount: number;
};

export const emptyTally: Tally = {
  worldCount: 0,
  oversoldRuns: 0,
  oversoldUnits: 0,
  soldUnits: 0,
  offeredUnits: 0,
  writeCount: 0,
};

export function tallyOf(outcome: Outcome): Tally {
  const { oversoldUnits, soldUnits, offeredUnits, writeCount } = outcome;
  return {
    worldCount: 1,
    oversoldRuns: oversoldUnits > 0 ? 1 : 0,
    oversoldUnits,
    soldUnits,
    offeredUnits,
    writeCount,
  };
}

export function addTallies(one: Tally, other: Tally): Tally {
  return {
    worldCount: one.worldCount + other.worldCount,
    oversoldRuns: one.oversoldRuns + other.oversoldRuns,
    oversoldUnits: one.oversoldUnits + other.oversoldUnits,
    soldUnits: one.soldUnits + other.soldUnits,
    offeredUnits: one.offeredUnits + other.offeredUnits,
    writeCount: one.writeCount + other.writeCount,
  };
}

/** The part of all units ever offered that was sold; above 1 where more was sold than there was. */
export function soldThrough({ soldUnits, offeredUnits }: Tally): number {
  return offeredUnits > 0 ? soldUnits / offeredUnits : 0;
}

/**
 * The highest rate that `worldCount` independent worlds without an oversell leave possible, at 95 %
 * confidence: 3 in n.
 */
export function rateBelow(worldCount: number): number {
  return 3 / worldCount;
}
