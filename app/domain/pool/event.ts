import type { BalanceTerms } from "./balance.ts";
import type { Delays } from "./delays.ts";
import type { Guard } from "./guard.ts";
import type { Protection } from "./protection.ts";

/**
 * Everything that can happen to a pool. Each is recorded in the inbox before it is stepped, and a pool
 * changes in no other way.
 */
export type PoolEvent =
  | LevelObserved
  | LevelRead
  | OrderSeen
  | DispatchAnswered
  | GuardChanged
  | ProtectionChanged
  | PauseChanged
  | BalanceTermsChanged
  | TimePassed;

/** A webhook told a store's level; when Shopify put the message together, not when it changed. */
export type LevelObserved = {
  readonly kind: "level-observed";
  readonly listingId: string;
  readonly units: number;
  /** Shopify's `updated_at`, in ms. */
  readonly atMs: number;
};

/** We asked a store for its level. */
export type LevelRead = {
  readonly kind: "level-read";
  readonly listingId: string;
  /** Null when the item has no level at the location: not stocked there, deleted, deactivated. */
  readonly level: { readonly units: number; readonly atMs: number } | null;
  /**
   * The listing's `revision` before the read was sent. While it is still the same, nothing has been
   * written or accounted since, and the read is newer than all that is known.
   */
  readonly revision: number;
  /**
   * When the read was sent, by the reader's wall clock: the level is not older. Without it, it is not
   * known for how long the level was so.
   */
  readonly askedAtMs?: number;
  /** The pool's `switchNumber` before the read was sent. */
  readonly switchNumber: number;
  /** Takes of this listing whose drain was over before the read was sent: it settles them. */
  readonly drainedOperations: readonly number[];
};

/** An order webhook named the listing. Levels give the quantity; orders give cause and demand. */
export type OrderSeen = {
  readonly kind: "order-seen";
  readonly listingId: string;
  readonly orderId: string;
  /** Units sold (`orders/create`, units added by `orders/edited`), at least 0. */
  readonly soldUnits: number;
  /** Units given back (`orders/cancelled`, `refunds/create` with restock), at least 0. */
  readonly returnedUnits: number;
};

/** What became of one operation of a dispatch, for certain. */
export type DispatchAnswered = {
  readonly kind: "dispatch-answered";
  readonly listingId: string;
  readonly operationNumber: number;
  readonly dispatchId: string;
  /**
   * - `applied`: the store's level was changed by it, once.
   * - `failed`: it was not, and never will be; `guard` says what is wrong with the listing, if anything.
   * - `quarantined`: nobody knows.
   */
  readonly outcome:
    | {
        readonly kind: "applied";
        readonly level: { readonly units: number; readonly atMs: number } | null;
      }
    | { readonly kind: "failed"; readonly guard: Guard | null }
    | { readonly kind: "quarantined"; readonly reason: string };
};

export type GuardChanged = {
  readonly kind: "guard-changed";
  readonly listingId: string;
  readonly guard: Guard;
};

export type ProtectionChanged = {
  readonly kind: "protection-changed";
  readonly protection: Protection;
};

export type PauseChanged = { readonly kind: "pause-changed"; readonly isPaused: boolean };

export type BalanceTermsChanged = {
  readonly kind: "balance-terms-changed";
  readonly terms: BalanceTerms;
};

/** The moment at which a pool asked to be looked at (`Pool.lookAtMs`) has come. */
export type TimePassed = { readonly kind: "time-passed"; readonly delays: Delays };
