import { parseSnapshotValue } from "./snapshot.ts";

export type CheckoutLine = {
  /** Items, at least 1. */
  readonly quantity: number;
  readonly productTitle: string;
  /** The value of the variant's metafield as it was read, or anything else that stood in its place. */
  readonly snapshotValue: unknown;
};

export type Refusal = {
  readonly poolId: string;
  /** Of the products in the cart that share the pool, each once, in the cart's order. */
  readonly productTitles: readonly string[];
  /** How many items can still be bought, counted in the smallest item of the cart; 0 is sold out. */
  readonly leftItems: number;
};

/**
 * Where a cart is refused. Not while it can still be edited: an error there would also refuse the very
 * edit that repairs the cart. Not at a step that Shopify does not name, for the same reason. At both
 * checkout steps, because some checkouts show no error at the last one.
 * Source: Cart and Checkout Validation Function API 2026-10, `buyerJourney.step`.
 */
const refusingSteps: readonly (string | null)[] = ["CHECKOUT_INTERACTION", "CHECKOUT_COMPLETION"];

/**
 * Which pools cannot give what the cart wants of them: one refusal each, in the cart's order.
 *
 * It can only stop sales, never permit one: whether a store may sell is decided by its own stock. So
 * every doubt allows. Snapshots reach the variants of a pool one after the other; where they disagree
 * the smallest counts, because it is lowered before it is raised.
 */
export function decideRefusals(
  step: string | null,
  lines: readonly CheckoutLine[],
): readonly Refusal[] {
  if (!refusingSteps.includes(step)) return [];
  return [...demandByPool(lines)]
    .filter(([, demand]) => demand.wantedUnits > demand.leftUnits)
    .map(([poolId, { productTitles, leftUnits, smallestItemUnits }]) => ({
      poolId,
      productTitles: [...productTitles],
      leftItems: Math.floor(leftUnits / smallestItemUnits),
    }));
}

type Demand = {
  wantedUnits: number;
  leftUnits: number;
  smallestItemUnits: number;
  readonly productTitles: Set<string>;
};

function demandByPool(lines: readonly CheckoutLine[]): ReadonlyMap<string, Readonly<Demand>> {
  const demands = new Map<string, Demand>();
  for (const { quantity, productTitle, snapshotValue } of lines) {
    const snapshot = parseSnapshotValue(snapshotValue);
    if (snapshot === null) continue;
    const { poolId, leftUnits, unitsPerItem } = snapshot;
    const demand = demands.get(poolId);
    if (demand) {
      demand.wantedUnits += quantity * unitsPerItem;
      demand.leftUnits = Math.min(demand.leftUnits, leftUnits);
      demand.smallestItemUnits = Math.min(demand.smallestItemUnits, unitsPerItem);
      demand.productTitles.add(productTitle);
    } else {
      demands.set(poolId, {
        wantedUnits: quantity * unitsPerItem,
        leftUnits,
        smallestItemUnits: unitsPerItem,
        productTitles: new Set([productTitle]),
      });
    }
  }
  return demands;
}
