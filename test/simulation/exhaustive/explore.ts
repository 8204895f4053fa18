import { BrokenInvariantError } from "#app/domain/assert.ts";
import { isGuaranteed } from "#app/domain/pool/pool.ts";

import type { Rules } from "../world.ts";
import { soundRules } from "../run-world.ts";
import { fingerprint } from "./fingerprint.ts";
import { movesFrom } from "./moves.ts";
import { openSmallWorld, searches } from "./searches.ts";
import type { SearchName } from "./searches.ts";
import { heldUnits, nameOf } from "./small-world.ts";
import type { Move, SmallWorld } from "./small-world.ts";

export type Exploration = {
  readonly name: SearchName;
  readonly stateCount: number;
  readonly moveCount: number;
  /** Whether all of them were visited. */
  readonly isComplete: boolean;
  /** What was found wrong first, by the fewest moves; null if nothing was. */
  readonly violation: { readonly invariant: string; readonly story: readonly string[] } | null;
};

/** What a search looks for: everything that must be true, or only units that can be sold twice. */
export type Goal = "any-violation" | "oversell";

const statesMax = 2_000_000;

/** Follows every course of a small world, the shortest first, and each world only once. */
export function explore(
  name: SearchName,
  rules: Rules = soundRules,
  goal: Goal = "any-violation",
): Exploration {
  const search = searches.find((each) => each.name === name);
  if (!search) throw new Error(`No such search: ${name}.`);
  const first = openSmallWorld(search);
  const seen = new Set([fingerprint(first)]);
  const visits: Visit[] = [{ what: "", parentIndex: -1 }];
  let layer: { readonly world: SmallWorld; readonly index: number }[] = [
    { world: first, index: 0 },
  ];
  let moveCount = 0;
  const result = (violation: Exploration["violation"], isComplete: boolean): Exploration => ({
    name,
    stateCount: seen.size,
    moveCount,
    isComplete,
    violation,
  });
  while (layer.length > 0) {
    const nextLayer: typeof layer = [];
    for (const { world, index } of layer) {
      const moves = movesOrBroken(world, rules);
      if ("broken" in moves) {
        return result({ invariant: moves.broken, story: storyOf(visits, index) }, false);
      }
      for (const { what, world: next } of moves) {
        moveCount += 1;
        const print = fingerprint(next);
        if (seen.has(print)) continue;
        seen.add(print);
        visits.push({ what, parentIndex: index });
        const wrong = findWrong(next, goal);
        if (wrong !== null) {
          const story = [...storyOf(visits, visits.length - 1), ...soldAfter(next)];
          return result({ invariant: wrong, story }, false);
        }
        if (next.pool.nextOperationNumber - 1 > search.operationsMax) continue;
        nextLayer.push({ world: next, index: visits.length - 1 });
      }
    }
    if (seen.size > statesMax) return result(null, false);
    layer = nextLayer;
  }
  return result(null, true);
}

type Visit = { readonly what: string; readonly parentIndex: number };

/** What may happen next, or which of its own assertions the pool breaks then. */
function movesOrBroken(
  world: SmallWorld,
  rules: Rules,
): readonly Move[] | { readonly broken: string } {
  try {
    return movesFrom(world, rules);
  } catch (error) {
    if (error instanceof BrokenInvariantError) return { broken: error.message };
    throw error;
  }
}

function storyOf(visits: readonly Visit[], lastIndex: number): readonly string[] {
  const story: string[] = [];
  for (let index = lastIndex; index > 0; index = visits[index]!.parentIndex) {
    story.unshift(visits[index]!.what);
  }
  return story;
}

function findWrong(world: SmallWorld, goal: Goal): string | null {
  const sellableUnits = world.stores.reduce(
    (sum, { availableUnits }, index) => sum + Math.max(availableUnits, heldUnits(world, index), 0),
    0,
  );
  const { physicalUnits, pool } = world;
  if (isGuaranteed(pool) && sellableUnits > physicalUnits) {
    return `guaranteed, and the stores can sell ${sellableUnits} of ${physicalUnits} units`;
  }
  if (goal === "oversell") return null;
  if (sellableUnits + pool.freeUnits > physicalUnits) {
    return `the stores can sell ${sellableUnits} and ${pool.freeUnits} are free, of ${physicalUnits} units`;
  }
  return findUnaccounted(world);
}

/** The identity, read for the truth, and each operation applied once. */
function findUnaccounted({ pool, stores, physicalUnits, applied }: SmallWorld): string | null {
  if (new Set(applied).size < applied.length) return "an operation was applied twice";
  let units = pool.freeUnits;
  for (const { availableUnits } of stores) units += availableUnits;
  for (const { kind, state, number, units: moved } of pool.operations) {
    const isApplied = applied.includes(number);
    if (kind === "grant" ? !isApplied : state === "draining" || isApplied) units += moved;
  }
  return units === physicalUnits ? null : `${units} of ${physicalUnits} units are somewhere`;
}

/** How the units that can be sold twice are: the shoppers need nothing more from the app. */
function soldAfter(world: SmallWorld): readonly string[] {
  return world.stores.flatMap(({ availableUnits }, index) => {
    const units = Math.max(availableUnits, heldUnits(world, index), 0);
    return units > 0 ? [`${nameOf(index)} sells ${units} more`] : [];
  });
}
