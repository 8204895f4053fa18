import { withheldAtSwitch } from "./mirror-rules.ts";
import type { Draft, DraftListing } from "./draft.ts";
import { planDelta, operationsOf } from "./draft.ts";
import { excessUnits, planRepairs, planTakes } from "./placement.ts";
import { isReachable } from "./guard.ts";
import { requestRead } from "./accounting.ts";

/**
 * Begins the way to quotas: no unit is granted until the pool is safe. Out of a mirror, the units that
 * may have been sold unseen are held back until every level is known.
 */
export function beginSwitch(draft: Draft): void {
  if (draft.target === "mirror") {
    const withheldUnits = withheldAtSwitch(draft, draft.nowMs);
    draft.balance = { ...draft.balance, withheldUnits, targetSinceMs: draft.nowMs };
  }
  draft.target = "quotas";
  draft.switching = "taking";
}

/** Every store shows the whole pool again. Units may be granted that are not free. */
export function beginMirror(draft: Draft): void {
  draft.balance = { ...draft.balance, withheldUnits: 0, targetSinceMs: draft.nowMs };
  draft.target = "mirror";
  draft.switching = "none";
}

/**
 * Moves the switch to quotas on as far as it can go now (`Pool.switching` tells the stages).
 *
 * The wait covers every take of the pool, also those a mirror planned before the switch: exhaustive
 * search of small worlds finds an oversell if it covers only the switch's own.
 */
export function continueSwitch(draft: Draft): void {
  if (draft.switching === "taking") {
    planTakes(draft, draft.balance.withheldUnits);
    draft.balance = { ...draft.balance, withheldUnits: 0 };
    if (isAnythingUnderWay(draft) || excessUnits(draft) > 0) return;
    beginReading(draft);
  }
  if (excessUnits(draft) > 0) {
    draft.switching = "taking";
    planTakes(draft);
    return;
  }
  if (draft.listings.some((listing) => isReachable(listing) && !isRead(draft, listing))) return;
  planRepairs(draft);
  // Below zero with nothing left to take: more was sold than there was. Only new stock helps.
  if (draft.freeUnits >= 0) draft.switching = "none";
}

function isRead(draft: Draft, listing: { readonly readForSwitch: number }): boolean {
  return listing.readForSwitch >= draft.switchNumber;
}

function isAnythingUnderWay(draft: Draft): boolean {
  const closed = new Set(
    draft.listings.filter((listing) => !isReachable(listing)).map(({ id }) => id),
  );
  return draft.operations.some(
    ({ state, listingId }) =>
      state === "dispatched" ||
      state === "draining" ||
      // Nothing planned for a store that cannot be reached will be sent before it can be.
      (state === "planned" && !closed.has(listingId)),
  );
}

/** Reads that are under way were sent before the last drain ended, under the number before. */
function beginReading(draft: Draft): void {
  draft.switching = "reading";
  draft.switchNumber += 1;
  for (const listing of draft.listings.filter(isReachable)) {
    requestRead(listing, draft.nowMs);
  }
}

/** Withdraws what is planned and not sent; what is owed to a store stays planned. */
export function withdrawPlans(draft: Draft, listings: readonly DraftListing[]): void {
  for (const listing of listings) {
    if (operationsOf(draft, listing, "planned").length > 0) planDelta(draft, listing, 0);
  }
}
