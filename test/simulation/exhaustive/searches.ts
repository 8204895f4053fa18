import { openPool } from "#app/domain/pool/opening.ts";
import type { Protection } from "#app/domain/pool/protection.ts";

import { packAll } from "./app-moves.ts";
import type { Left, SmallWorld } from "./small-world.ts";

/** One small world to begin with, and how much may happen in it. */
export type Search = {
  readonly name: SearchName;
  readonly protection: Protection;
  readonly physicalUnits: number;
  readonly levels: readonly number[];
  readonly left: Left;
  /** Courses in which the app plans more operations than this are not followed further. */
  readonly operationsMax: number;
};

export type SearchName = (typeof searches)[number]["name"];

/**
 * The worlds that are searched. Those whose name begins with `small` are searched in the tests; the
 * others take minutes.
 */
export const searches = [
  {
    name: "small switch: both stores show both units, and strict is turned on",
    protection: "mirror",
    physicalUnits: 2,
    levels: [2, 2],
    left: { payments: 2, faults: 0, webhooks: 1, removals: 0, switches: 1 },
    operationsMax: 3,
  },
  {
    name: "small start: the stores show one unit too many",
    protection: "strict",
    physicalUnits: 2,
    levels: [2, 1],
    left: { payments: 2, faults: 1, webhooks: 0, removals: 0, switches: 0 },
    operationsMax: 3,
  },
  {
    name: "small grant: a free unit, and an item that goes and comes back",
    protection: "strict",
    physicalUnits: 2,
    levels: [1, 0],
    left: { payments: 2, faults: 1, webhooks: 0, removals: 1, switches: 0 },
    operationsMax: 2,
  },
  {
    name: "switch: both stores show all three units, and strict is turned on",
    protection: "mirror",
    physicalUnits: 3,
    levels: [3, 3],
    left: { payments: 3, faults: 1, webhooks: 1, removals: 0, switches: 1 },
    operationsMax: 3,
  },
  {
    name: "start: the stores show one unit too many",
    protection: "strict",
    physicalUnits: 3,
    levels: [2, 2],
    left: { payments: 3, faults: 2, webhooks: 1, removals: 0, switches: 0 },
    operationsMax: 3,
  },
  {
    name: "grant: a free unit, and an item that goes and comes back",
    protection: "strict",
    physicalUnits: 2,
    levels: [1, 0],
    left: { payments: 3, faults: 2, webhooks: 1, removals: 1, switches: 0 },
    operationsMax: 3,
  },
] as const satisfies readonly (Omit<Search, "name"> & { readonly name: string })[];

export function openSmallWorld(search: Search): SmallWorld {
  const { pool } = openPool({
    id: "pool",
    protection: search.protection,
    openingUnits: search.physicalUnits,
    drainMs: 1,
    nowMs: 0,
    listings: search.levels.map((levelUnits, index) => ({
      id: `store ${index + 1}`,
      levelUnits,
      levelAtMs: 0,
      priority: index,
      guard: "guarded",
    })),
  });
  return packAll({
    pool,
    stores: search.levels.map((availableUnits) => ({
      availableUnits,
      changeCount: 0,
      isStocked: true,
    })),
    payments: [],
    physicalUnits: search.physicalUnits,
    dispatches: [],
    applied: [],
    reads: [],
    webhooks: [],
    left: search.left,
  });
}
