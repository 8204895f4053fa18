import { assert } from "../assert.ts";

/** What a listing's level is believed to be, and since when. */
export type KnownLevel = {
  /** The level last accounted, plus our own operations confirmed since. */
  readonly expectedUnits: number;
  /** Shopify's time of that observation, in ms. */
  readonly observedAtMs: number;
  /** Shopify's time of the newest rise we know of: a grant of ours, a restock. */
  readonly raisedAtMs: number;
  /** Whether a dispatch is out that will change this level, or has already. */
  readonly isDispatchOut: boolean;
};

/** A level as a webhook tells it. Its time has a resolution of one second at Shopify. */
export type ObservedLevel = { readonly units: number; readonly atMs: number };

/** No level is higher, or lower than its negative. Source: inventorySetQuantities, Admin API 2026-10. */
export const levelUnitsMax = 1_000_000_000;

/** Whether a level can be one of Shopify's: whole units within its limits. */
export function isCountable(units: number): boolean {
  return Number.isSafeInteger(units) && Math.abs(units) <= levelUnitsMax;
}

/**
 * Shopify's time of a level, in ms and whole seconds: webhooks count no finer. A finer time from
 * elsewhere would make a sale of the same second look older than it is.
 *
 * @param updatedAt ISO 8601; null for a quantity that never changed, which is older than everything.
 */
export function parseLevelTime(updatedAt: string | null): number {
  if (updatedAt === null) return 0;
  const atMs = Date.parse(updatedAt);
  assert(Number.isFinite(atMs), "an observation has a time");
  return Math.floor(atMs / 1_000) * 1_000;
}

/**
 * What an observation means:
 *
 * - `echo`: it says what was expected, for example after our own write. Nothing is planned for it, so
 *   our writes cannot feed on their own webhooks.
 * - `change`: somebody else changed the level by `deltaUnits`; a fall is a sale until an order says more.
 * - `outdated`: a newer one was accounted.
 * - `wait`: a dispatch is out, and whether the level includes it cannot be told before its answer.
 * - `read-again`: neither newer nor older for certain; a fresh read decides.
 */
export type ObservationJudgement =
  | { readonly kind: "echo" | "outdated" | "wait" | "read-again" }
  | { readonly kind: "change"; readonly deltaUnits: number };

/**
 * Judges an observed level by what is known. Accounting is by level, not by event: a lost webhook is
 * made good by the next, a doubled one is an echo, and order does not matter.
 *
 * Observations are ordered by Shopify's time alone, never by our clock. Two within the same second are
 * told apart only if nothing raised the level in that second: then it only fell, and the lower is newer.
 */
export function judgeObservation(known: KnownLevel, observed: ObservedLevel): ObservationJudgement {
  assert(isCountable(observed.units), "a level counts whole units, at most a billion");
  assert(Number.isFinite(observed.atMs), "an observation has a time");

  if (known.isDispatchOut) return { kind: "wait" };
  if (observed.atMs < known.observedAtMs) return { kind: "outdated" };

  const deltaUnits = observed.units - known.expectedUnits;
  if (deltaUnits === 0) return { kind: "echo" };
  if (observed.atMs > known.observedAtMs) return { kind: "change", deltaUnits };

  const onlyFell = known.raisedAtMs < observed.atMs;
  return deltaUnits < 0 && onlyFell ? { kind: "change", deltaUnits } : { kind: "read-again" };
}
