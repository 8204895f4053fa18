import { safeDelays } from "./delays.ts";
import type { Delays } from "./delays.ts";
import { newSalesHistory } from "./sales.ts";
import type { SalesHistory } from "./sales.ts";

/** What `balanced` decides by (mirror-rules.ts): kept with the pool. */
export type Balance = {
  readonly terms: BalanceTerms;
  readonly delays: Delays;
  readonly sales: SalesHistory;
  /** Since when the pool has its target, by the wall clock. */
  readonly targetSinceMs: number;
  /** Units that the takes of a switch are to hold back; 0 once they are planned. */
  readonly withheldUnits: number;
};

/** What the merchant sets for a group. */
export type BalanceTerms = {
  /** The probability of an oversell that is accepted each time the stock ends, above 0. */
  readonly oversellRisk: number;
  /** How long quotas stay at least, so that a pool at the edge does not go to and fro. */
  readonly quotasAtLeastMs: number;
  /** How long sales must have been watched before they say how the next may come. */
  readonly historyAtLeastMs: number;
  /** How old what is known of a store's level may be in a mirror; webhooks that are slower extend it. */
  readonly confirmWithinMs: number;
  /** A rate that the merchant expects, where it is more than what was seen. */
  readonly plannedUnitsPerHour: number;
  /** Until when quotas stay because of a flash sale; null for none. */
  readonly flashSaleUntilMs: number | null;
};

export const defaultBalanceTerms: BalanceTerms = {
  oversellRisk: 1e-6,
  quotasAtLeastMs: 30 * 60_000,
  historyAtLeastMs: 24 * 3_600_000,
  confirmWithinMs: 60_000,
  plannedUnitsPerHour: 0,
  flashSaleUntilMs: null,
};

export function openBalance(terms: BalanceTerms, nowMs: number): Balance {
  return {
    terms,
    delays: safeDelays,
    sales: newSalesHistory(nowMs),
    targetSinceMs: nowMs,
    withheldUnits: 0,
  };
}
