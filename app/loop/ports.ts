/**
 * What the loop needs of the outside: Shopify, the lock, time and a log. Everything else it uses
 * (PostgreSQL, the domain) is part of the system and is never replaced.
 */
import type { DispatchAnswer } from "../domain/dispatch/answer.ts";
import type { CostBucket } from "../domain/dispatch/budget.ts";

/** A shop's `available` of one item at one location, and Shopify's own time of it in ms. */
export type ReadLevel = { readonly units: number; readonly atMs: number };

export type OutgoingDispatch = {
  /** Also Shopify's idempotency key. */
  readonly id: string;
  readonly shopDomain: string;
  /** Admin API gid, as are the inventory items. */
  readonly locationId: string;
  /** At most 250; negative deltas lower the level. Sent in this order, the same at every attempt. */
  readonly lines: readonly { readonly inventoryItemId: string; readonly deltaUnits: number }[];
};

export type DispatchReply = {
  readonly answer: DispatchAnswer;
  /** The level after the dispatch, a line each; null where the answer does not tell it. */
  readonly levels: readonly (ReadLevel | null)[];
  readonly bucket: CostBucket | null;
  /** How long Shopify asked to wait (Retry-After, or until the bucket holds enough), in ms. */
  readonly retryAfterMs: number | null;
};

export type LevelsReply =
  | {
      readonly kind: "read";
      /** In the order asked for; null where the item has no level at the location. */
      readonly levels: readonly (ReadLevel | null)[];
      readonly bucket: CostBucket | null;
    }
  | {
      readonly kind: "throttled";
      readonly retryAfterMs: number | null;
      readonly bucket: CostBucket | null;
    }
  /** Revoked, frozen or uninstalled: asking again will not help before something changes there. */
  | { readonly kind: "refused" }
  | { readonly kind: "unavailable" };

/** The Admin API. Each call is one attempt: only the loop knows when trying again is right. */
export type ShopifyAdmin = {
  /** Sends `inventoryAdjustQuantities` under the dispatch's key. Outside failures are answers; it never throws for one. */
  readonly sendDispatch: (dispatch: OutgoingDispatch) => Promise<DispatchReply>;
  /** Reads `available` of at most 250 items at one location. It never throws for an outside failure. */
  readonly readLevels: (request: {
    readonly shopDomain: string;
    readonly locationId: string;
    readonly inventoryItemIds: readonly string[];
  }) => Promise<LevelsReply>;
};

export type HeldLock = {
  /** Which lock serves: it is shown on the health page and in reports. */
  readonly kind: "redis" | "postgres" | "none";
  readonly waitMs: number;
  readonly release: () => Promise<void>;
};

/**
 * Keeps two processes from planning one pool at once. An efficiency device: nothing that must hold
 * rests on it, because every commit names the version it read.
 */
export type PoolLock = {
  /**
   * Waits at most 250 ms; after that the caller goes on without the lock (`kind: "none"`), so that the
   * TTL of a process that died delays nobody. Never throws for a lock server that is away.
   */
  readonly acquire: (poolId: string) => Promise<HeldLock>;
  readonly close: () => Promise<void>;
};

/** The processes of the app, web and worker alike. */
export type Processes = {
  /** By which this process claims dispatches; a new one at every start. */
  readonly ownId: string;
  /** Those that are there now; one that was killed is gone within milliseconds. */
  readonly livingIds: () => Promise<ReadonlySet<string>>;
};

export type Clock = {
  readonly nowMs: () => number;
  /** Never jumps; comparable only within one process. */
  readonly monotonicMs: () => number;
  /** Resolves after so many ms, or as soon as `signal` says so. It keeps no process alive. */
  readonly pause: (ms: number, signal?: AbortSignal) => Promise<void>;
};

type LogFields = Readonly<Record<string, unknown>>;

export type Logger = {
  readonly debug: (fields: LogFields, message: string) => void;
  readonly info: (fields: LogFields, message: string) => void;
  readonly warn: (fields: LogFields, message: string) => void;
  readonly error: (fields: LogFields, message: string) => void;
};
