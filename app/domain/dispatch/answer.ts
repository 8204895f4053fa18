/**
 * What came back for an attempt to send a dispatch.
 *
 * - `applied`: Shopify did it, now or at an earlier attempt under the same idempotency key.
 * - `refused-lines`: user errors; they name some lines, and nothing of the whole call was applied.
 * - `refused-shop`: 401, 402, 403, 404 or 423: revoked, frozen, uninstalled or locked.
 * - `previous-attempt-failed`: IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED.
 * - `throttled`: THROTTLED or 429; not applied.
 * - `still-running`: IDEMPOTENCY_CONCURRENT_REQUEST.
 * - `key-mismatch`: IDEMPOTENCY_KEY_PARAMETER_MISMATCH; the bytes changed under a key, our bug.
 * - `unknown`: a timeout, a reset connection or a 5xx: it may have been applied, or may be yet.
 */
export type DispatchAnswer =
  | { readonly kind: "applied" }
  | { readonly kind: "refused-lines"; readonly lines: readonly number[] }
  | { readonly kind: "refused-shop" }
  | { readonly kind: "previous-attempt-failed" }
  | { readonly kind: "throttled" }
  | { readonly kind: "still-running" }
  | { readonly kind: "key-mismatch" }
  | { readonly kind: "unknown" };

/** What an answer decides about a dispatch. */
export type DispatchDecision =
  | { readonly kind: "applied" }
  /** The same bytes under the same key, later. */
  | { readonly kind: "send-again" }
  /** Nothing was applied, for certain: `failedLines` fail, the others go into a new dispatch. */
  | { readonly kind: "dead"; readonly failedLines: readonly number[] }
  /** Nothing was applied, for certain, and the store takes nothing at the moment. */
  | { readonly kind: "dead-store" }
  /** Whether it was applied is not known, and asking again will not tell. Nothing may be guessed. */
  | { readonly kind: "quarantine"; readonly reason: string };

/**
 * Decides what an answer means for a dispatch.
 *
 * A refusal proves that nothing was applied only if no other attempt can have been: this process wrote
 * the dispatch, and every attempt before this one was answered with certainty (throttled). After an
 * attempt of unknown outcome, or one taken over from a process that died, a refusal says nothing of
 * the earlier attempt; calling it failed would give the same units out twice.
 *
 * @param isDefinite whether no attempt, by anyone, had an unknown outcome before this one.
 */
export function decideAnswer(answer: DispatchAnswer, isDefinite: boolean): DispatchDecision {
  switch (answer.kind) {
    case "applied":
      return { kind: "applied" };
    case "unknown":
    case "throttled":
    case "still-running":
      return { kind: "send-again" };
    case "refused-lines":
      return isDefinite
        ? { kind: "dead", failedLines: answer.lines }
        : { kind: "quarantine", reason: "refused after an attempt whose outcome is unknown" };
    case "refused-shop":
      return isDefinite
        ? { kind: "dead-store" }
        : { kind: "quarantine", reason: "the store closed after an attempt of unknown outcome" };
    case "previous-attempt-failed":
      return isDefinite
        ? { kind: "dead", failedLines: [] }
        : { kind: "quarantine", reason: "whether an earlier attempt was applied is not known" };
    case "key-mismatch":
      return { kind: "quarantine", reason: "the dispatch's key was used with other content" };
  }
}
