import type { PoolEvent } from "#app/domain/pool/event.ts";
import { isReachable } from "#app/domain/pool/guard.ts";
import { deltaOf } from "#app/domain/pool/operation.ts";
import type { Pool } from "#app/domain/pool/pool.ts";

import type { Rules } from "../world.ts";
import { firstRequest, levelOf, nameOf, withAt } from "./small-world.ts";
import type { Move, SmallDispatch, SmallWorld } from "./small-world.ts";

/** What the app may do next of itself: read what is due or has drained. The rest are answers. */
export function appMoves(world: SmallWorld, rules: Rules): readonly Move[] {
  return [...readMoves(world, rules), ...readAnswerMoves(world, rules)];
}

/**
 * One transaction of the loop: an event is stepped, and what is planned then is sent. Events wait for it
 * on their way here; a step that was not committed, or was refused, has not happened.
 */
export function stepWith(world: SmallWorld, event: PoolEvent, rules: Rules): SmallWorld {
  const { pool } = rules.step(world.pool, [{ eventId: 1, event }], 0);
  return packAll(beginDrains({ ...world, pool }, world.pool));
}

/** A take whose drain begins now is not over before every payment that runs now has ended. */
function beginDrains(world: SmallWorld, before: Pool): SmallWorld {
  const old = new Set(drainingOf(before).map(({ number }) => number));
  const begun = drainingOf(world.pool).filter(({ number }) => !old.has(number));
  if (begun.length === 0) return world;
  return {
    ...world,
    payments: world.payments.map((payment) => {
      const listingId = world.pool.listings[payment.storeIndex]!.id;
      const drains = begun.filter((take) => take.listingId === listingId);
      return { ...payment, drains: [...payment.drains, ...drains.map(({ number }) => number)] };
    }),
  };
}

function drainingOf({ operations }: Pool): Pool["operations"] {
  return operations.filter(({ state }) => state === "draining");
}

/** Writes dispatches for what is planned, where nothing is out, and sends them. */
export function packAll(world: SmallWorld): SmallWorld {
  let packed = world;
  for (const [storeIndex, listing] of world.pool.listings.entries()) {
    const own = world.pool.operations.filter(({ listingId }) => listingId === listing.id);
    const planned = own.find(({ state }) => state === "planned");
    const isOut = own.some(({ state }) => state === "dispatched");
    if (!planned || isOut || !isReachable(listing)) continue;
    const dispatch: SmallDispatch = {
      operationNumber: planned.number,
      storeIndex,
      deltaUnits: deltaOf(planned),
      isAnswered: false,
      senders: [true],
      requests: [firstRequest(0)],
    };
    const { pool } = packed;
    packed = {
      ...packed,
      dispatches: [...packed.dispatches, dispatch],
      pool: {
        ...pool,
        listings: withAt(pool.listings, storeIndex, { ...listing, revision: listing.revision + 1 }),
        operations: pool.operations.map((each) =>
          each.number === planned.number ? { ...each, state: "dispatched" } : each,
        ),
      },
    };
  }
  return packed;
}

function readMoves(world: SmallWorld, rules: Rules): readonly Move[] {
  const { pool, reads } = world;
  return pool.listings.flatMap((listing, storeIndex): readonly Move[] => {
    const isAsked = reads.some((read) => read.storeIndex === storeIndex);
    if (isAsked || listing.guard === "closed") return [];
    const own = pool.operations.filter(({ listingId }) => listingId === listing.id);
    const isOut = own.some(({ state }) => state === "dispatched");
    const drainedOperations = own
      .filter(({ state, number }) => state === "draining" && isDrained(world, number, rules))
      .map(({ number }) => number);
    const isDue = !isOut && listing.readDueAtMs !== null;
    if (!isDue && drainedOperations.length === 0) return [];
    const { revision, id: listingId } = listing;
    const { switchNumber } = pool;
    const read = { listingId, storeIndex, revision, switchNumber, drainedOperations, told: null };
    return [
      {
        what: `the level of ${nameOf(storeIndex)} is asked for, ${drainedOperations.length} takes have drained`,
        world: { ...world, reads: [...reads, read] },
      },
    ];
  });
}

function isDrained(world: SmallWorld, operationNumber: number, rules: Rules): boolean {
  if (rules.departures.has("settles-without-drain")) return true;
  return !world.payments.some(({ drains }) => drains.includes(operationNumber));
}

/** The store tells its level, and some time later the app comes to step it. */
function readAnswerMoves(world: SmallWorld, rules: Rules): readonly Move[] {
  return world.reads.map((read, index): Move => {
    const { storeIndex, told, ...before } = read;
    if (told) {
      const rest = { ...world, reads: withAt(world.reads, index, null) };
      return {
        what: `the app steps the level read in ${nameOf(storeIndex)}: ${told.level?.units ?? "none"}`,
        world: stepWith(rest, { kind: "level-read", ...before, ...told }, rules),
      };
    }
    const store = world.stores[storeIndex]!;
    const level = store.isStocked ? levelOf(store) : null;
    return {
      what: `${nameOf(storeIndex)} tells that it shows ${level?.units ?? "nothing"}`,
      world: { ...world, reads: withAt(world.reads, index, { ...read, told: { level } }) },
    };
  });
}
