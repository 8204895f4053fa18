import type { PoolEvent } from "#app/domain/pool/event.ts";
import type { Pool } from "#app/domain/pool/pool.ts";
import type { NumberedEvent } from "#app/domain/pool/step.ts";

/** What the database holds: each change to it is atomic, and survives every crash. */
export type Books = {
  readonly pools: readonly PoolRow[];
  /** Those without an answer yet. */
  readonly dispatches: Set<DispatchRow>;
  /** Keys of all inbox rows ever written. */
  readonly eventKeys: Set<string>;
  nextEventId: number;
};

export type PoolRow = {
  pool: Pool;
  version: number;
  /** Inbox rows that are not processed yet, in order. */
  waiting: NumberedEvent[];
  /** The sum of the ledger's lines. */
  ledgerUnits: number;
};

export type DispatchRow = {
  /** Also the idempotency key. */
  readonly id: string;
  readonly storeIndex: number;
  readonly lines: readonly DispatchLine[];
  /** Whoever holds the claim may send and answer; a new claim ends the one before. */
  claim: number;
  claimedUntilMs: number;
  isAnswered: boolean;
};

export type DispatchLine = {
  readonly poolIndex: number;
  readonly storeIndex: number;
  readonly listingId: string;
  readonly operationNumber: number;
  readonly deltaUnits: number;
};

/**
 * Writes an inbox row, unless one with the key exists.
 *
 * @returns whether the row is new.
 */
export function recordEvent(
  books: Books,
  poolIndex: number,
  key: string,
  event: PoolEvent,
): boolean {
  if (books.eventKeys.has(key)) return false;
  books.eventKeys.add(key);
  books.nextEventId += 1;
  books.pools[poolIndex]!.waiting.push({ eventId: books.nextEventId, event });
  return true;
}
