import type { Pool } from "#app/domain/pool/pool.ts";
import { isGuaranteed } from "#app/domain/pool/pool.ts";

import type { PoolRow } from "./books.ts";
import { isSafeFromTheStart } from "./config.ts";
import { tell } from "./world.ts";
import type { TruePool, World } from "./world.ts";

/** What an oracle found wrong; the first one ends the world. */
export class ViolationError extends Error {
  override readonly name = "ViolationError";
}

/** Looks at every pool that changed. Called after each event of the world. */
export function checkAlways(world: World): void {
  for (const pool of world.pools) {
    if (!pool.isTouched) continue;
    pool.isTouched = false;
    const row = world.books.pools[pool.index]!;
    checkAppliedOnce(pool);
    if (!world.rules.departures.has("foreign-writer")) checkEveryUnitIsSomewhere(pool, row);
    if (row.ledgerUnits !== row.pool.ledgerUnits) {
      fail(`the ledger adds up to ${row.ledgerUnits}, the pool says ${row.pool.ledgerUnits}`);
    }
    if (world.config.unguardedSale === 0) checkPromise(world, pool, row.pool);
  }
}

/**
 * Delays are what they were measured to be: more is hidden than was held back only with the accepted
 * risk. So nothing is oversold, and from the moment the stores were taken down to what they may offer,
 * nothing can be.
 */
function checkBalanced(pool: TruePool, booked: Pool, sellableUnits: number): void {
  if (pool.physicalUnits < 0) fail(`${-pool.physicalUnits} units were oversold under balanced`);
  const isTakenDown =
    booked.target === "quotas" &&
    booked.operations.every(({ state }) => state !== "planned" && state !== "dispatched");
  if (isTakenDown && sellableUnits > pool.physicalUnits) {
    fail(`balanced stores can sell ${sellableUnits} of ${pool.physicalUnits} units`);
  }
}

function checkAppliedOnce({ appliedCounts }: TruePool): void {
  for (const [number, count] of appliedCounts) {
    if (count > 1) fail(`operation ${number} was applied ${count} times`);
  }
}

/**
 * The accounting identity against the truth: what exists and is in no level is free, draining, granted
 * and not applied yet, or taken and not confirmed yet. No webhook and no read is needed for it to hold.
 */
function checkEveryUnitIsSomewhere(pool: TruePool, { pool: booked }: PoolRow): void {
  let shownUnits = 0;
  for (const { availableUnits } of pool.shelves) shownUnits += availableUnits;
  let onTheWayUnits = 0;
  for (const { kind, state, units, number } of booked.operations) {
    const isApplied = pool.appliedCounts.has(number);
    if (kind === "grant" && !isApplied) onTheWayUnits += units;
    if (kind === "take" && (state === "draining" || isApplied)) onTheWayUnits += units;
  }
  const elsewhereUnits = pool.physicalUnits - shownUnits;
  if (elsewhereUnits !== booked.freeUnits + onTheWayUnits) {
    fail(
      `${elsewhereUnits} units are in no store, but ${booked.freeUnits} are free and ` +
        `${onTheWayUnits} on their way`,
    );
  }
}

/**
 * The promise, as a state and not as an outcome: whatever shoppers do from here, the stores together
 * sell no more than there is beside the free units. This holds under every protection and at every
 * moment; where free units are not below zero, nothing can be oversold. It breaks long before an
 * oversell happens, and in far more worlds.
 */
function checkPromise(world: World, pool: TruePool, booked: Pool): void {
  const sellableUnits = sellable(pool);
  if (sellableUnits + booked.freeUnits > pool.physicalUnits) {
    fail(
      `stores can sell ${sellableUnits} and ${booked.freeUnits} are free, ` +
        `of ${pool.physicalUnits} units`,
    );
  }
  if (isGuaranteed(booked)) {
    tell(world, "guaranteed");
    if (sellableUnits > pool.physicalUnits) fail(`guaranteed, and ${sellableUnits} can be sold`);
  }
  if (world.config.kind === "balanced-within") checkBalanced(pool, booked, sellableUnits);
  if (isSafeFromTheStart(world.config)) {
    if (pool.physicalUnits < 0) fail(`${-pool.physicalUnits} units were oversold`);
    if (sellableUnits > pool.physicalUnits) {
      fail(`the stores can sell ${sellableUnits} of ${pool.physicalUnits} units`);
    }
  }
}

/** The most that stores can sell without another grant: payments in progress count, levels or not. */
function sellable({ shelves }: TruePool): number {
  let units = 0;
  for (const { availableUnits, heldUnits } of shelves) {
    units += Math.max(availableUnits, heldUnits, 0);
  }
  return units;
}

/** Whether nothing is left to do; what keeps it from that, otherwise. */
export function findUnrest(world: World): string | null {
  if (world.books.dispatches.size > 0) return "a dispatch has no answer";
  for (const pool of world.pools) {
    const { pool: booked, waiting } = world.books.pools[pool.index]!;
    if (waiting.length > 0) return "an event waits";
    const operation = booked.operations.find(({ state }) => state !== "quarantined");
    if (operation) return `operation ${operation.number} is ${operation.state}`;
    const due = booked.listings.find(({ readDueAtMs }) => readDueAtMs !== null);
    if (due) return `a read of ${due.id} is due`;
    const held = pool.shelves.find(({ heldUnits }) => heldUnits > 0);
    if (held) return `a payment at ${held.id} is in progress`;
  }
  return null;
}

/** What must be true once nothing is left to do: the books tell the truth, and every store sells its part. */
export function checkAtRest(world: World): void {
  for (const pool of world.pools) {
    const { pool: booked } = world.books.pools[pool.index]!;
    // Nobody knows whether these were applied: the pool says so, and promises nothing.
    if (booked.operations.some(({ state }) => state === "quarantined")) {
      tell(world, "rests with a quarantine");
      continue;
    }
    if (booked.ledgerUnits !== pool.physicalUnits) {
      fail(`the ledger has ${booked.ledgerUnits} of ${pool.physicalUnits} units`);
    }
    pool.shelves.forEach(({ id, availableUnits, risenUnits }, index) => {
      const { expectedUnits, risenUnits: bookedUnits } = booked.listings[index]!;
      // After an answer without levels a late webhook can be misread until the read that is due.
      if (bookedUnits > risenUnits && world.config.api.withoutLevels === 0) {
        fail(`${bookedUnits} units are said to have come to ${id}, only ${risenUnits} have`);
      }
      if (expectedUnits !== availableUnits) {
        fail(`${id} shows ${availableUnits}, the pool expects ${expectedUnits}`);
      }
    });
    if (booked.target === "mirror") checkMirror(pool);
    else checkQuotas(pool, booked);
  }
}

function checkMirror({ shelves, physicalUnits }: TruePool): void {
  const shownUnits = Math.max(0, physicalUnits);
  const other = shelves.find(({ availableUnits }) => availableUnits !== shownUnits);
  if (other) fail(`${other.id} shows ${other.availableUnits} of ${shownUnits} units`);
}

function checkQuotas({ physicalUnits, shelves }: TruePool, booked: Pool): void {
  if (physicalUnits < 0) return; // it was oversold before, or by an unguarded sale: only stock helps
  if (!isGuaranteed(booked)) fail("nothing is left to do, and the pool is not guaranteed");
  if (booked.freeUnits !== 0) fail(`${booked.freeUnits} units are free, and nobody sells them`);
  const owed = shelves.find(({ availableUnits }) => availableUnits < 0);
  if (owed) fail(`${owed.id} is owed ${-owed.availableUnits} units`);
}

function fail(what: string): never {
  throw new ViolationError(what);
}
