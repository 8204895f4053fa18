import { assert } from "../assert.ts";

/** Shopify's limit for an input array. Source: Admin API usage limits. */
export const linesMax = 250;

/** A planned operation that may be sent: nothing of its listing is out. */
export type PackableOperation = {
  readonly poolId: string;
  readonly number: number;
  readonly listingId: string;
  readonly shopId: string;
  readonly locationId: string;
  readonly inventoryItemId: string;
  /** Negative lowers the level; never 0. */
  readonly deltaUnits: number;
  /** The lower, the sooner it is sent: {@link urgencyOf}. */
  readonly urgency: number;
};

/** One mutation for one store's location. */
export type PackedDispatch = {
  readonly shopId: string;
  readonly locationId: string;
  /** At most {@link linesMax}, the most urgent first, each listing once. */
  readonly lines: readonly PackableOperation[];
};

/**
 * What goes first when a store's API budget is short: repairs and the takes that make a pool safe, then
 * pools that are nearly sold out, then the rest.
 *
 * @param leftUnits what the pool has left.
 */
export function urgencyOf(operation: {
  readonly repairUnits: number;
  readonly isSwitching: boolean;
  readonly leftUnits: number;
}): number {
  if (operation.repairUnits > 0 || operation.isSwitching) return 0;
  return operation.leftUnits <= scarceUnits ? 2 : 3;
}

/** Below this many units a second more or less decides whether a unit is shown that is gone. */
const scarceUnits = 10;

/** Packs operations per store and location, the most urgent first; what exceeds a dispatch waits. */
export function packDispatches(
  operations: readonly PackableOperation[],
): readonly PackedDispatch[] {
  const packed = new Map<string, PackedDispatch & { readonly lines: PackableOperation[] }>();
  const listings = new Set<string>();
  const inOrder = [...operations].sort((one, other) => one.urgency - other.urgency);
  for (const operation of inOrder) {
    assert(operation.deltaUnits !== 0, "an operation moves units");
    assert(!listings.has(operation.listingId), "a listing has one operation out");
    const { shopId, locationId } = operation;
    const key = `${shopId} ${locationId}`;
    const dispatch = packed.get(key) ?? { shopId, locationId, lines: [] };
    if (dispatch.lines.length === linesMax) continue;
    dispatch.lines.push(operation);
    listings.add(operation.listingId);
    packed.set(key, dispatch);
  }
  return [...packed.values()];
}
