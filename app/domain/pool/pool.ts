import { assert } from "../assert.ts";

import type { Balance } from "./balance.ts";
import type { Guard } from "./guard.ts";
import type { QuotaOperation } from "./operation.ts";
import type { Protection, Target } from "./protection.ts";

/**
 * The state of one pool: everything `step` needs to decide, and nothing else.
 *
 * Every unit is at any moment in exactly one place: in one store's level, in `freeUnits`, or in an
 * operation on its way. With *level* for what a listing is expected to show,
 *
 *     ledgerUnits = freeUnits + Σ levels + Σ draining takes + Σ grants planned, dispatched or quarantined
 *
 * holds after every step, exactly: {@link assertAccounted}. Sales and returns change `ledgerUnits` and
 * one level together, so `freeUnits` is right even when every webhook is lost.
 */
export type Pool = {
  readonly id: string;
  readonly protection: Protection;
  readonly target: Target;
  /**
   * The way from a mirror, or from an unknown start, to quotas:
   *
   * ```
   * taking ──▶ reading ──▶ none
   *    ▲          │
   *    └──────────┘  a sale nobody could prevent: more must be taken
   * ```
   *
   * - `taking`: units are taken from the stores until together they offer no more than the pool holds.
   *   It ends when every take, of any kind and whenever it was planned, has drained and settled.
   * - `reading`: every level is read once more; deficits are given back first.
   * - `none`: under quotas the pool is safe from now on; a mirror never switches.
   */
  readonly switching: "none" | "taking" | "reading";
  /** Counts the readings of `switching`, so that an older read cannot stand for a newer one. */
  readonly switchNumber: number;
  readonly isPaused: boolean;
  /** Units that no store may sell at the moment. Negative while stores together show more than there is. */
  readonly freeUnits: number;
  /** The sum of the ledger: units believed to exist and not yet sold. Negative after an oversell. */
  readonly ledgerUnits: number;
  /** The most units by which the ledger ever was below zero. */
  readonly oversoldUnits: number;
  readonly nextOperationNumber: number;
  /** How long a taken unit waits before it is free: longer than any payment in progress can last. */
  readonly drainMs: number;
  readonly balance: Balance;
  /** When it is to be stepped again though nothing happened, by the wall clock in ms; null for never. */
  readonly lookAtMs: number | null;
  readonly listings: readonly Listing[];
  /** Those that are planned, dispatched, draining or quarantined. */
  readonly operations: readonly QuotaOperation[];
};

/** What one store shows of the pool, as far as it is known. */
export type Listing = {
  readonly id: string;
  /** Lower is served first when units are too few to go round. */
  readonly priority: number;
  /** The store's `available` as last accounted, plus our operations confirmed since. */
  readonly expectedUnits: number;
  /** Shopify's time of the newest accounted observation, ms. */
  readonly observedAtMs: number;
  /** Shopify's time of the newest rise that is known, ms. */
  readonly raisedAtMs: number;
  /** A moment, by the wall clock in ms, as of which the level is known: nothing older is hidden. */
  readonly confirmedAtMs: number;
  /** An observation that came while a dispatch was out; it is judged after the answer. */
  readonly waiting: { readonly units: number; readonly atMs: number } | null;
  /**
   * Rises with every dispatch, answer, accounted change and change of guard: a read from before is
   * recognised by it.
   */
  readonly revision: number;
  /** When a fresh read is due, by the wall clock in ms; null when none is needed. */
  readonly readDueAtMs: number | null;
  /** The pool's `switchNumber` for which this level was read. */
  readonly readForSwitch: number;
  /** Units by which the level fell and rose without our doing. */
  readonly fallenUnits: number;
  readonly risenUnits: number;
  /** Units that orders said were sold and given back. */
  readonly orderedUnits: number;
  readonly returnedUnits: number;
  /** Units sold here lately, each counting half as much after `demandHalfLifeMs`. */
  readonly demandUnits: number;
  readonly demandAtMs: number;
  readonly guard: Guard;
};

/**
 * Whether the pool's promise holds now: no unit can be sold twice on guarded channels, whatever
 * happens to webhooks, the lock or this app.
 */
export function isGuaranteed(pool: Pool): boolean {
  return (
    pool.target === "quotas" &&
    pool.switching === "none" &&
    pool.freeUnits >= 0 &&
    pool.ledgerUnits >= 0 &&
    pool.listings.every(({ guard }) => guard === "guarded") &&
    pool.operations.every(({ state }) => state !== "quarantined")
  );
}

/** The books hold 32-bit numbers. */
const countedUnitsMax = 2 ** 31 - 1;

/** @throws BrokenInvariantError unless every unit of the ledger is in exactly one place. */
export function assertAccounted(pool: Pool): void {
  let units = pool.freeUnits;
  for (const listing of pool.listings) units += listing.expectedUnits;
  for (const { kind, state, units: moved } of pool.operations) {
    if (kind === "grant" || state === "draining") units += moved;
  }
  assert(
    units === pool.ledgerUnits,
    `every unit is in one place: ${units} found, ${pool.ledgerUnits} in the ledger`,
  );
  assert(
    Math.max(Math.abs(pool.ledgerUnits), Math.abs(pool.freeUnits)) <= countedUnitsMax,
    "a pool counts no more units than its books can hold",
  );
  const isUnderQuotas = pool.target === "quotas" && pool.switching === "none";
  assert(
    !isUnderQuotas || pool.freeUnits >= 0,
    "under quotas no unit is granted before it is free",
  );
}
