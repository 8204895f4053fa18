import { decideAnswer } from "#app/domain/dispatch/answer.ts";
import { openPool } from "#app/domain/pool/opening.ts";
import { step } from "#app/domain/pool/step.ts";
import type { StepResult } from "#app/domain/pool/step.ts";

import { createAppProcess, receive, start } from "./app-process.ts";
import { dispatch } from "./app-dispatching.ts";
import { processPool } from "./app-processing.ts";
import { read, watch } from "./app-reading.ts";
import type { PoolRow } from "./books.ts";
import { scheduleSilence } from "./balanced.ts";
import { createChance } from "./chance.ts";
import { isSafeFromTheStart, withoutFaults } from "./config.ts";
import type { WorldConfig, WorldKind } from "./config.ts";
import { drawWorld } from "./draw-balanced.ts";
import { endDisruptions, hear, scheduleDisruptions } from "./disruptions.ts";
import { createEventQueue } from "./event-queue.ts";
import { openMarket, startPayment } from "./market.ts";
import { checkAlways, checkAtRest, findUnrest, ViolationError } from "./oracle.ts";
import { createTrace } from "./trace.ts";
import type { Trace } from "./trace.ts";
import { after, tell } from "./world.ts";
import type { App, Rules, Shelf, TruePool, World } from "./world.ts";

export type Outcome = {
  readonly seed: number;
  readonly kind: WorldKind;
  /** What was wrong first; null if nothing was. */
  readonly violation: string | null;
  readonly trace: Trace;
  readonly config: WorldConfig;
  readonly soldUnits: number;
  /** The most that was sold and did not exist, of all products together. */
  readonly oversoldUnits: number;
  /** All units that ever were for sale: stock, restocks, and what was given back. */
  readonly offeredUnits: number;
  /** Calls that were sent to change levels, repeated ones included. */
  readonly writeCount: number;
};

/** What is put into a world: an app, and what must be true of it. */
export type Design = {
  readonly app: App;
  readonly checkAlways: (world: World) => void;
  readonly checkAtRest: (world: World) => void;
  /** What is left to do; null when nothing is. */
  readonly findUnrest: (world: World) => string | null;
};

export type WorldOptions = {
  readonly rules?: Rules;
  readonly withEntries?: boolean;
  /** Other than the seed draws it. */
  readonly config?: WorldConfig;
  readonly design?: Design;
};

/** This app, and everything that it promises. */
const ourDesign: Design = {
  app: { receive, processPool, dispatch, watch },
  checkAlways,
  checkAtRest,
  findUnrest,
};

/** The code as it is, in a shell as it should be. */
export const soundRules: Rules = { step, decideAnswer, departures: new Set() };

/** How often levels are compared once it is quiet. */
const sweepEveryMs = 4_000;

/** Runs one world to its end. The same arguments give the same outcome, event for event. */
export function runWorld(seed: number, kind: WorldKind, options: WorldOptions = {}): Outcome {
  const config = options.config ?? drawWorld(seed, kind);
  const design = options.design ?? ourDesign;
  const world = createWorld(seed, config, design.app, options);
  let violation: string | null = null;
  try {
    play(world, design);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const isFound = error instanceof ViolationError || error.name === "BrokenInvariantError";
    if (!isFound) throw error;
    violation = error.message;
    tell(world, `VIOLATION: ${violation}`);
  }
  const total = (units: (pool: TruePool) => number): number =>
    world.pools.reduce((sum, pool) => sum + units(pool), 0);
  return {
    seed,
    kind,
    violation,
    config,
    trace: world.trace,
    soldUnits: total((pool) => pool.soldUnits),
    oversoldUnits: total((pool) => pool.oversoldUnits),
    offeredUnits: total((pool) => pool.physicalUnits + pool.soldUnits),
    writeCount: world.writeCount,
  };
}

function play(world: World, design: Design): void {
  begin(world);
  design.checkAlways(world);
  const { busyMs } = world.config;
  world.queue.schedule(busyMs, () => {
    becomeQuiet(world);
  });
  const restByMs = busyMs + restWithinMs(world.config);
  for (;;) {
    const event = world.queue.next();
    if (!event) throw new ViolationError("nothing will ever happen again");
    world.nowMs = event.atMs;
    world.trace.eventCount += 1;
    event.action();
    design.checkAlways(world);
    if (!world.isQuiet) continue;
    const unrest = design.findUnrest(world);
    if (unrest === null && isSwept(world)) break;
    if (world.nowMs > restByMs) throw new ViolationError(`it never comes to rest: ${unrest ?? ""}`);
  }
  tell(world, "rests");
  design.checkAtRest(world);
}

/**
 * The liveness bound: payments end, late requests arrive, and then a few rounds of take, drain, settle
 * and grant, each with its read and its answer.
 */
function restWithinMs({ drainMs, holdMaxMs, api }: WorldConfig): number {
  return holdMaxMs + api.lateMaxMs + 6 * (drainMs + 5_000);
}

/** Faults are over, payments have ended, late messages are in, and levels were compared after that. */
function isSwept({ nowMs, config }: World): boolean {
  return nowMs > sweptAtMs(config) + sweepEveryMs;
}

function sweptAtMs({ busyMs, holdMaxMs, api, webhooks }: WorldConfig): number {
  return busyMs + holdMaxMs + Math.max(api.lateMaxMs, webhooks.lateMaxMs) + 10_000;
}

function becomeQuiet(world: World): void {
  tell(world, "quiet");
  world.isQuiet = true;
  world.config = withoutFaults(world.config);
  for (const process of world.processes) {
    process.stalledUntilMs = 0;
    if (!process.isUp) start(world, process);
  }
  endDisruptions(world);
  sweep(world);
}

/** Compares every level, and looks again at every item that was said to be gone. */
function sweep(world: World): void {
  for (const { pool } of world.books.pools) {
    const poolIndex = Number(pool.id);
    pool.listings.forEach(({ id, guard }, storeIndex) => {
      if (guard !== "guarded") {
        hear(world, poolIndex, { kind: "guard-changed", listingId: id, guard: "guarded" });
      }
      read(world, world.processes[0]!, poolIndex, storeIndex, true);
    });
  }
  after(world, sweepEveryMs, () => {
    sweep(world);
  });
}

function createWorld(seed: number, config: WorldConfig, app: App, options: WorldOptions): World {
  const chance = (concern: string) => createChance(seed, concern);
  const opening = chance("opening");
  const shelved = Array.from({ length: config.poolCount }, (_, poolIndex) =>
    stock(config, poolIndex, (high) => opening.whole(0, high)),
  );
  return {
    config,
    rules: options.rules ?? soundRules,
    app,
    queue: createEventQueue(),
    trace: createTrace({ withEntries: options.withEntries ?? false }),
    nowMs: 0,
    isQuiet: false,
    chances: {
      shoppers: chance("shoppers"),
      payments: chance("payments"),
      api: chance("api"),
      webhooks: chance("webhooks"),
      processes: chance("processes"),
      merchant: chance("merchant"),
    },
    stores: Array.from({ length: config.storeCount }, (_, index) => ({
      index,
      isOpen: true,
      isSilent: false,
    })),
    pools: shelved,
    books: {
      pools: shelved.map((pool) => openBooks(config, pool)),
      dispatches: new Set(),
      eventKeys: new Set(),
      nextEventId: 0,
    },
    keys: new Map(),
    processes: [createAppProcess(0), createAppProcess(1)],
    nextId: 0,
    writeCount: 0,
  };
}

/** Stock as it is when the pool is opened: shown once, or everywhere at once. */
function stock(config: WorldConfig, poolIndex: number, draw: (high: number) => number): TruePool {
  const isSafe = isSafeFromTheStart(config) || config.balance !== null;
  let leftUnits = config.stockUnits;
  const shelves = Array.from({ length: config.storeCount }, (_, storeIndex): Shelf => {
    const shareUnits = config.isSplitEvenly
      ? Math.ceil(leftUnits / (config.storeCount - storeIndex))
      : draw(leftUnits);
    const availableUnits = isSafe ? shareUnits : config.stockUnits;
    if (isSafe) leftUnits -= availableUnits;
    return {
      id: `pool-${poolIndex}-store-${storeIndex}`,
      poolIndex,
      storeIndex,
      availableUnits,
      heldUnits: 0,
      updatedAtMs: 0,
      isStocked: true,
      risenUnits: 0,
      laggingUnits: availableUnits,
    };
  });
  return {
    index: poolIndex,
    shelves,
    physicalUnits: config.stockUnits,
    soldUnits: 0,
    oversoldUnits: 0,
    shopperCount: 0,
    appliedCounts: new Map(),
    isTouched: true,
  };
}

function openBooks(config: WorldConfig, { index, shelves, physicalUnits }: TruePool): PoolRow {
  const opened: StepResult = openPool({
    id: String(index),
    protection: config.protection,
    ...(config.balance ? { balanceTerms: config.balance.terms } : {}),
    openingUnits: physicalUnits,
    drainMs: config.drainMs,
    nowMs: 0,
    listings: shelves.map(({ id, availableUnits }, priority) => ({
      id,
      levelUnits: availableUnits,
      levelAtMs: 0,
      priority,
      guard: "guarded",
    })),
  });
  const ledgerUnits = opened.ledger.reduce((sum, { units }) => sum + units, 0);
  return { pool: opened.pool, version: 0, waiting: [], ledgerUnits };
}

function begin(world: World): void {
  for (const process of world.processes) start(world, process);
  scheduleDisruptions(world);
  scheduleSilence(world);
  for (const pool of world.pools) {
    // Some are paying while the pool is opened.
    if (world.config.shopperCount === null) {
      for (const shelf of pool.shelves) startPayment(world, pool, shelf, 1);
    }
    openMarket(world, pool);
  }
}
