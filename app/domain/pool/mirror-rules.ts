import { blindTime } from "./delays.ts";
import type { BlindTime } from "./delays.ts";
import { unitsToWithhold } from "./oversell-risk.ts";
import type { Listing, Pool } from "./pool.ts";
import { batchUnits, salesRate } from "./sales.ts";

/**
 * When a pool under `balanced` has units enough that its stores may all show them.
 *
 * ```
 *            units ≥ upper, and all of `mayMirror`
 *   quotas ─────────────────────────────────────────▶ mirror
 *      ▲                                                 │
 *      └─────────────────────────────────────────────────┘
 *            units ≤ lower, or anything of `mayMirror` is gone
 * ```
 *
 * When the mirror ends, the stores are left with `withheld` units less than are known to be there:
 * more than so many may have been sold unseen only with the probability that the merchant accepted.
 */
type Balanced = Pick<Pool, "balance" | "drainMs" | "ledgerUnits" | "operations"> & {
  readonly listings: readonly Pick<Listing, "guard" | "confirmedAtMs">[];
};

/** Units to hold back if a mirror ended now: the sales that may be hidden then. */
export function withheldAtSwitch(pool: Balanced, nowMs: number): number {
  const { sales, terms } = pool.balance;
  return unitsToWithhold({
    unitsPerMs: Math.max(salesRate(sales, nowMs), terms.plannedUnitsPerHour / 3_600_000),
    batchUnits: batchUnits(sales),
    windowMs: blindTimeOf(pool).windowMs,
    risk: terms.oversellRisk,
  });
}

/** The units at or below which a mirror ends, and those from which one may begin. */
export function thresholds(
  pool: Balanced,
  nowMs: number,
): { readonly lowerUnits: number; readonly upperUnits: number } {
  const storeCount = pool.listings.length;
  const lowerUnits = withheldAtSwitch(pool, nowMs) + storeCount;
  return { lowerUnits, upperUnits: Math.ceil(1.5 * lowerUnits) + storeCount };
}

/** Whether a mirror must end now. It never waits: only its beginning does. */
export function mustEndMirror(pool: Balanced, nowMs: number): boolean {
  return (
    !mayMirror(pool, nowMs) ||
    !isConfirmed(pool, nowMs) ||
    pool.ledgerUnits <= thresholds(pool, nowMs).lowerUnits
  );
}

/** Whether all is there for a mirror but, perhaps, that every store was heard of lately. */
export function isReadyForMirror(pool: Balanced, nowMs: number): boolean {
  return (
    mayMirror(pool, nowMs) &&
    quotasUntilMs(pool) <= nowMs &&
    pool.ledgerUnits >= thresholds(pool, nowMs).upperUnits
  );
}

/** Whether every store's level is known as of a moment within the lease. */
export function isConfirmed(pool: Balanced, nowMs: number): boolean {
  const { leaseMs } = blindTimeOf(pool);
  // A clock that was ahead has said nothing.
  const isPast = pool.listings.every(({ confirmedAtMs }) => confirmedAtMs <= nowMs + leaseMs);
  return isPast && leaseEndsMs(pool) >= nowMs;
}

/** When the first store was not heard of for the whole lease: the mirror ends then. */
export function leaseEndsMs(pool: Balanced): number {
  return firstConfirmedMs(pool) + blindTimeOf(pool).leaseMs;
}

/** From when on a store is asked for its level, so that its lease does not end. */
export function confirmFromMs(listing: { readonly confirmedAtMs: number }, pool: Balanced): number {
  return listing.confirmedAtMs + blindTimeOf(pool).leaseMs / 2;
}

/**
 * When quotas may end, if nothing else speaks against it: they have lasted, the pool has a history, and
 * no flash sale is on.
 */
export function quotasUntilMs({ balance }: Balanced): number {
  const { terms, sales, targetSinceMs } = balance;
  return Math.max(
    targetSinceMs + terms.quotasAtLeastMs,
    sales.watchedSinceMs + terms.historyAtLeastMs,
    terms.flashSaleUntilMs ?? 0,
  );
}

function mayMirror({ balance, listings, operations }: Balanced, nowMs: number): boolean {
  const { terms, sales } = balance;
  const isFlashSale = terms.flashSaleUntilMs !== null && nowMs < terms.flashSaleUntilMs;
  const hasHistory =
    nowMs >= sales.watchedSinceMs + terms.historyAtLeastMs && salesRate(sales, nowMs) > 0;
  return (
    hasHistory &&
    !isFlashSale &&
    listings.length > 0 &&
    listings.every(({ guard }) => guard === "guarded") &&
    operations.every(({ state }) => state !== "quarantined")
  );
}

function firstConfirmedMs({ listings }: Balanced): number {
  return Math.min(...listings.map(({ confirmedAtMs }) => confirmedAtMs));
}

function blindTimeOf({ balance, drainMs }: Balanced): BlindTime {
  return blindTime(balance.delays, { drainMs, confirmWithinMs: balance.terms.confirmWithinMs });
}
