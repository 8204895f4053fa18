import type { decideAnswer } from "#app/domain/dispatch/answer.ts";
import type { PoolEvent } from "#app/domain/pool/event.ts";
import type { step } from "#app/domain/pool/step.ts";

import type { Books } from "./books.ts";
import type { Chance } from "./chance.ts";
import type { WorldConfig } from "./config.ts";
import type { EventQueue } from "./event-queue.ts";
import { note } from "./trace.ts";
import type { Trace } from "./trace.ts";

/**
 * A world in which the real pool rules run: stores that sell, a Shopify that answers late or not at all,
 * a database, and processes that crash. Everything outside the rules is a model, and all of it follows
 * from the seed.
 */
export type World = {
  /** Changes once: when it becomes quiet. */
  config: WorldConfig;
  readonly rules: Rules;
  readonly app: App;
  readonly queue: EventQueue;
  readonly trace: Trace;
  nowMs: number;
  isQuiet: boolean;
  readonly chances: Chances;
  readonly stores: readonly Store[];
  readonly pools: readonly TruePool[];
  readonly books: Books;
  readonly keys: Map<string, KeyRecord>;
  readonly processes: readonly AppProcess[];
  nextId: number;
  /** Calls that were sent to change levels, repeated ones included. */
  writeCount: number;
};

/** The code under test, and where the shell departs from the protocol: nowhere, unless a bug is planted. */
export type Rules = {
  readonly step: typeof step;
  readonly decideAnswer: typeof decideAnswer;
  readonly departures: ReadonlySet<Departure>;
};

/** Ways in which a shell, or what it rests on, can be wrong. */
export type Departure =
  | "settles-without-drain"
  | "measures-drain-from-sending"
  | "reads-before-drain-ends"
  | "new-key-on-retry"
  | "takeover-counts-as-first-attempt"
  | "answer-without-claim"
  | "commits-any-version"
  | "answer-and-events-apart"
  | "packs-while-one-is-out"
  | "reads-lag"
  | "payments-outlast-drain"
  | "foreign-writer";

/** The app's parts, as they call each other. */
export type App = {
  readonly receive: (
    world: World,
    process: AppProcess,
    poolIndex: number,
    key: string,
    event: PoolEvent,
  ) => void;
  readonly processPool: (world: World, process: AppProcess, poolIndex: number) => void;
  readonly dispatch: (world: World, process: AppProcess) => void;
  readonly watch: (world: World, process: AppProcess, poolIndex: number) => void;
};

/** One process of the app; a crash loses all of it but its index. */
export type AppProcess = {
  readonly index: number;
  /** Rises with every crash: what an earlier generation had begun never goes on. */
  generation: number;
  isUp: boolean;
  /** Until when nothing in it runs: stopped, swapped out, collecting garbage. */
  stalledUntilMs: number;
  /** Pools that are being processed, and whether again right after. */
  readonly processing: Map<number, { isWantedAgain: boolean }>;
  dispatching: { isWantedAgain: boolean } | null;
  /** By pool and operation: when this process first saw the take draining, by its own clock. */
  readonly drainingSinceMs: Map<string, number>;
  /** Listings whose read is under way. */
  readonly readsOut: Set<string>;
  /** Levels read too early: used only by a planted bug. */
  readonly earlyLevels: Map<string, number>;
};

export type Chances = {
  readonly shoppers: Chance;
  readonly payments: Chance;
  readonly api: Chance;
  readonly webhooks: Chance;
  readonly processes: Chance;
  readonly merchant: Chance;
};

export type Store = {
  readonly index: number;
  isOpen: boolean;
  /** Nothing is heard of it: no webhook leaves it and no read is answered. Writes are. */
  isSilent: boolean;
};

/** What a store really has of a pool: the truth, which the app sees only through answers and webhooks. */
export type Shelf = {
  readonly id: string;
  readonly poolIndex: number;
  readonly storeIndex: number;
  availableUnits: number;
  /** Units in payments in progress; `availableUnits` does not show them. */
  heldUnits: number;
  updatedAtMs: number;
  isStocked: boolean;
  /** Units that were given back or came in here. */
  risenUnits: number;
  /** The level as a replica would tell it that lags behind. */
  laggingUnits: number;
};

/** What there really is of a product. */
export type TruePool = {
  readonly index: number;
  readonly shelves: readonly Shelf[];
  /** Units that exist and are not sold; below 0 something was sold that did not exist. */
  physicalUnits: number;
  soldUnits: number;
  /** The most units that were sold and did not exist, at any moment. */
  oversoldUnits: number;
  /** Shoppers who have come so far. */
  shopperCount: number;
  /** How often each operation changed a level. */
  readonly appliedCounts: Map<number, number>;
  /** Whether anything changed that an oracle looks at. */
  isTouched: boolean;
};

/** What is sent under one key: always the same lines. */
export type Adjustment = {
  readonly key: string;
  readonly storeIndex: number;
  readonly lines: readonly AdjustmentLine[];
};

export type AdjustmentLine = {
  readonly poolIndex: number;
  readonly storeIndex: number;
  readonly operationNumber: number;
  readonly deltaUnits: number;
};

/** What Shopify remembers of an idempotency key. */
export type KeyRecord = {
  readonly lines: readonly AdjustmentLine[];
  state: "running" | "applied" | "failed";
};

export function after(world: World, delayMs: number, action: () => void): void {
  world.queue.schedule(world.nowMs + delayMs, action);
}

export function tell(world: World, what: string, ...details: readonly number[]): void {
  note(world.trace, world.nowMs, what, ...details);
}

/** An id that no other thing in this world has. */
export function newId(world: World): number {
  world.nextId += 1;
  return world.nextId;
}

export function departs(world: World, departure: Departure): boolean {
  return world.rules.departures.has(departure);
}

export function shelfOf(
  world: World,
  { poolIndex, storeIndex }: { readonly poolIndex: number; readonly storeIndex: number },
): Shelf {
  return world.pools[poolIndex]!.shelves[storeIndex]!;
}
