import { requestRead } from "./accounting.ts";
import {
  confirmFromMs,
  isConfirmed,
  isReadyForMirror,
  leaseEndsMs,
  mustEndMirror,
  quotasUntilMs,
} from "./mirror-rules.ts";
import type { Draft } from "./draft.ts";
import { beginMirror, beginSwitch } from "./switching.ts";

/**
 * Under `balanced`, decides whether the stores are to show the whole pool or their quotas, and asks for
 * the levels that a mirror, or the beginning of one, needs to know (mirror-rules.ts tells the states).
 */
export function chooseTarget(draft: Draft): void {
  const { nowMs } = draft;
  if (draft.target === "mirror") {
    if (mustEndMirror(draft, nowMs)) beginSwitch(draft);
    else confirmLevels(draft);
    return;
  }
  if (draft.switching !== "none" || draft.freeUnits < 0 || !isReadyForMirror(draft, nowMs)) return;
  if (isConfirmed(draft, nowMs)) beginMirror(draft);
  else confirmLevels(draft);
}

/**
 * When a balanced pool is to be stepped again though nothing happened, by the wall clock; null when no
 * time that passes changes what it does. Always later than now.
 */
export function whenToLook(draft: Draft): number | null {
  if (draft.protection !== "balanced" || draft.isPaused) return null;
  const { nowMs } = draft;
  if (draft.target === "mirror" || isReadyForMirror(draft, nowMs)) {
    const nextMs = draft.listings
      .map((listing) => confirmFromMs(listing, draft))
      .filter((dueMs) => dueMs > nowMs);
    // Of the stores that were asked already, the first whose lease ends without an answer ends it.
    return Math.max(Math.min(...nextMs, leaseEndsMs(draft) + 1), nowMs + lookAgainMs);
  }
  const untilMs = quotasUntilMs(draft);
  return untilMs > nowMs ? untilMs : null;
}

/** A store whose answer is late is not waited for more often than this. */
const lookAgainMs = 250;

function confirmLevels(draft: Draft): void {
  for (const listing of draft.listings) {
    if (confirmFromMs(listing, draft) <= draft.nowMs) requestRead(listing, draft.nowMs);
  }
}
