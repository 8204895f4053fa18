/**
 * What a variant tells the checkout about its pool. Units are the pool's; an item of this variant is
 * `unitsPerItem` of them (a pack of six, sold from a pool of single bottles, is 6).
 */
export type StockSnapshot = {
  readonly poolId: string;
  /** What the whole group can still sell, the same in all its stores; 0 or more. */
  readonly leftUnits: number;
  readonly unitsPerItem: number;
};

/**
 * The metafield of a product variant that carries it, in the app's own namespace, which only the app can
 * write. One for each variant: a single one for the shop would be cut to nothing beyond 10 kB, silently.
 */
export const snapshotMetafield = { namespace: "$app", key: "stock", type: "json" } as const;

/** An array, because a checkout with 200 lines pays for every name it has to read. */
export type SnapshotValue = readonly [poolId: string, leftUnits: number, unitsPerItem: number];

export function toSnapshotValue({ poolId, leftUnits, unitsPerItem }: StockSnapshot): SnapshotValue {
  return [poolId, leftUnits, unitsPerItem];
}

/** Null for whatever is not exactly a snapshot: what is not known must not stop a sale. */
export function parseSnapshotValue(value: unknown): StockSnapshot | null {
  if (!Array.isArray(value) || value.length !== 3) return null;
  const [poolId, leftUnits, unitsPerItem] = value as unknown[];
  if (typeof poolId !== "string" || poolId === "") return null;
  if (!isWhole(leftUnits) || leftUnits < 0) return null;
  if (!isWhole(unitsPerItem) || unitsPerItem < 1) return null;
  return { poolId, leftUnits, unitsPerItem };
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value);
}
