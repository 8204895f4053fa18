/**
 * A change of one store's quota by a delta: a **take** lowers its `available`, a **grant** raises it.
 *
 * ```
 * take   planned → dispatched → draining → done
 * grant  planned → dispatched → done
 *        planned → cancelled               changed its mind before anything was sent
 *                  dispatched → failed     refused, for certain: nothing was applied, nothing will be
 *                  dispatched → quarantined  nobody knows; a person, or a full comparison, decides
 * ```
 *
 * A listing has at most one operation planned, which adds up while at most one is dispatched; any
 * number of its takes may be draining.
 */
export type QuotaOperation = {
  /** Unique within the pool, rising. */
  readonly number: number;
  readonly listingId: string;
  readonly kind: "take" | "grant";
  /** Whole units, at least 1. */
  readonly units: number;
  /**
   * The part of a grant that gives back what the store had already sold. Its units were never free, so
   * a failure does not make them free: it is planned again.
   */
  readonly repairUnits: number;
  readonly state: OperationState;
  /** Inbox events that led to it: with them, one sale can be followed through the loop. */
  readonly causeEventIds: readonly number[];
};

export type OperationState =
  "planned" | "dispatched" | "draining" | "done" | "failed" | "cancelled" | "quarantined";

/** What the operation does to the store's level once it is applied. */
export function deltaOf(operation: Pick<QuotaOperation, "kind" | "units">): number {
  return operation.kind === "take" ? -operation.units : operation.units;
}
