import { assert } from "../assert.ts";

import { closeDraft, plan } from "./step.ts";
import type { StepResult } from "./step.ts";
import { defaultBalanceTerms, openBalance } from "./balance.ts";
import type { BalanceTerms } from "./balance.ts";
import { openDraft } from "./draft.ts";
import type { Guard } from "./guard.ts";
import type { Pool } from "./pool.ts";
import { targetOf } from "./protection.ts";
import type { Protection } from "./protection.ts";

export type OpeningListing = {
  readonly id: string;
  /** The store's `available` now; negative when it has sold more than it had. */
  readonly levelUnits: number;
  /** Shopify's time of that level, ms. */
  readonly levelAtMs: number;
  readonly priority: number;
  readonly guard: Guard;
};

/**
 * Opens a pool over stores that sell already: the merchant says how many units there are, the stores
 * show what they show, and what they show together beyond that is taken before anything is safe.
 *
 * @param opening.openingUnits what is physically there and not yet sold, at least 0.
 * @returns the pool with its first operations planned, and its first ledger line.
 */
export function openPool(opening: {
  readonly id: string;
  readonly protection: Protection;
  readonly openingUnits: number;
  readonly drainMs: number;
  readonly balanceTerms?: BalanceTerms;
  readonly listings: readonly OpeningListing[];
  readonly nowMs: number;
}): StepResult {
  const { openingUnits, nowMs } = opening;
  assert(Number.isSafeInteger(openingUnits) && openingUnits >= 0, "a count is of whole units");
  const shownUnits = opening.listings.reduce((sum, { levelUnits }) => sum + levelUnits, 0);
  const target = targetOf(opening.protection);
  const pool: Pool = {
    id: opening.id,
    protection: opening.protection,
    target,
    switching: target === "mirror" ? "none" : "taking",
    switchNumber: 0,
    isPaused: false,
    freeUnits: openingUnits - shownUnits,
    ledgerUnits: openingUnits,
    oversoldUnits: 0,
    nextOperationNumber: 1,
    drainMs: opening.drainMs,
    balance: openBalance(opening.balanceTerms ?? defaultBalanceTerms, nowMs),
    lookAtMs: null,
    listings: opening.listings.map(({ id, levelUnits, levelAtMs, priority, guard }) => ({
      id,
      priority,
      expectedUnits: levelUnits,
      observedAtMs: levelAtMs,
      raisedAtMs: levelAtMs,
      confirmedAtMs: Math.min(levelAtMs, nowMs),
      waiting: null,
      revision: 0,
      readDueAtMs: null,
      readForSwitch: 0,
      fallenUnits: 0,
      risenUnits: 0,
      orderedUnits: 0,
      returnedUnits: 0,
      demandUnits: 0,
      demandAtMs: nowMs,
      guard,
    })),
    operations: [],
  };
  const draft = openDraft(pool, nowMs);
  if (openingUnits > 0) {
    draft.ledger.push({ listingId: null, units: openingUnits, cause: "opening", eventId: null });
  }
  plan(draft);
  return closeDraft(draft);
}
