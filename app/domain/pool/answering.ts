import { accountLevel, observeWaiting, requestRead } from "./accounting.ts";
import { endOperation, operationsOf, planRepair } from "./draft.ts";
import type { Draft, DraftListing, DraftOperation } from "./draft.ts";
import type { DispatchAnswered } from "./event.ts";
import { deltaOf } from "./operation.ts";

/** What became of one operation; one that was answered before is not answered again. */
export function applyAnswer(
  draft: Draft,
  listing: DraftListing,
  answer: DispatchAnswered,
  eventId: number,
): void {
  const operation = operationsOf(draft, listing, "dispatched").find(
    ({ number }) => number === answer.operationNumber,
  );
  if (!operation) return; // answered before: by another process that had taken the dispatch over
  listing.revision += 1;
  const { outcome } = answer;
  switch (outcome.kind) {
    case "applied":
      applyOperation(draft, listing, operation);
      if (outcome.level) {
        confirmLevel(draft, listing, operation, outcome.level, eventId);
      } else {
        // Whether the observation that waited includes the operation can be told by a read only.
        listing.waiting = null;
        requestRead(listing, draft.nowMs);
      }
      break;
    case "failed":
      failOperation(draft, listing, operation);
      if (outcome.guard) listing.guard = outcome.guard;
      break;
    case "quarantined":
      operation.state = "quarantined";
      requestRead(listing, draft.nowMs);
      draft.incidents.push({
        kind: "quarantine",
        listingId: listing.id,
        units: operation.units,
        detail: outcome.reason,
      });
      break;
  }
  observeWaiting(draft, listing, eventId);
}

function applyOperation(draft: Draft, listing: DraftListing, operation: DraftOperation): void {
  listing.expectedUnits += deltaOf(operation);
  if (operation.kind === "take") operation.state = "draining";
  else endOperation(draft, operation, "done");
}

/** The level in an answer is newer than all that was known: nothing else of the listing was out. */
function confirmLevel(
  draft: Draft,
  listing: DraftListing,
  operation: DraftOperation,
  level: { readonly units: number; readonly atMs: number },
  eventId: number,
): void {
  if (operation.kind === "grant") listing.raisedAtMs = Math.max(listing.raisedAtMs, level.atMs);
  accountLevel(draft, listing, level, eventId);
}

function failOperation(draft: Draft, listing: DraftListing, operation: DraftOperation): void {
  endOperation(draft, operation, "failed");
  if (operation.kind === "take") return;
  draft.freeUnits += operation.units - operation.repairUnits;
  if (operation.repairUnits > 0) planRepair(draft, listing, operation.repairUnits);
}
