/**
 * The things in a store, as the simulator keeps them. They are changed in place, and only by the
 * functions of this folder, which tell the world's observers.
 *
 * `kind` is the GraphQL type. Ids are the numbers of Shopify's gids.
 */
export type Shop = {
  readonly kind: "Shop";
  readonly id: number;
  readonly domain: string;
  readonly name: string;
  readonly plan: "standard" | "advanced" | "plus" | "enterprise";
  readonly bucket: { readonly maximumPoints: number; readonly restorePointsPerSecond: number };
  /** In the order in which online orders take from them. */
  readonly locations: Location[];
  readonly products: Map<number, Product>;
  readonly variants: Map<number, Variant>;
  readonly items: Map<number, Item>;
  readonly variantsBySku: Map<string, Variant>;
  readonly orders: Map<number, Order>;
  readonly createdAtMs: number;
};

export type Location = {
  readonly kind: "Location";
  readonly id: number;
  /** The number in the gid of the location's levels; not the location's own. */
  readonly levelNumber: number;
  readonly name: string;
  isActive: boolean;
  readonly createdAtMs: number;
  updatedAtMs: number;
};

export type Product = {
  readonly kind: "Product";
  readonly id: number;
  readonly title: string;
  readonly handle: string;
  readonly variants: readonly Variant[];
  readonly createdAtMs: number;
  updatedAtMs: number;
};

export type Variant = {
  readonly kind: "ProductVariant";
  readonly id: number;
  readonly productId: number;
  readonly item: Item;
  readonly title: string;
  sku: string;
  readonly barcode: string | null;
  readonly price: string;
  policy: "deny" | "continue";
  readonly createdAtMs: number;
  updatedAtMs: number;
};

export type Item = {
  readonly kind: "InventoryItem";
  readonly id: number;
  readonly variantId: number;
  /** By location id. A level that was deactivated stays, with its quantities. */
  readonly levels: Map<number, Level>;
  tracked: boolean;
  readonly createdAtMs: number;
  updatedAtMs: number;
};

export const storedQuantityNames = [
  "available",
  "committed",
  "damaged",
  "incoming",
  "quality_control",
  "reserved",
  "safety_stock",
] as const;
export type StoredQuantityName = (typeof storedQuantityNames)[number];

export type Level = {
  readonly kind: "InventoryLevel";
  readonly item: Item;
  readonly location: Location;
  readonly quantities: Record<StoredQuantityName, number>;
  /** Units that payments in progress hold. No API shows them. */
  heldUnits: number;
  isActive: boolean;
  readonly createdAtMs: number;
  updatedAtMs: number;
};

export type OrderLine = {
  readonly kind: "LineItem";
  readonly id: number;
  readonly variantId: number;
  readonly productId: number;
  readonly sku: string;
  readonly title: string;
  readonly price: string;
  /** With the units that an edit added. */
  quantity: number;
  /** Units neither cancelled nor refunded. */
  currentQuantity: number;
  /** From which levels the units were taken; empty for an item that is not tracked. */
  takenFrom: readonly { readonly level: Level; readonly units: number }[];
};

export type Refund = {
  readonly kind: "Refund";
  readonly id: number;
  readonly createdAtMs: number;
  readonly lines: readonly {
    readonly id: number;
    readonly line: OrderLine;
    readonly quantity: number;
    /** `cancel`: it was not sent yet. `return`: it came back. */
    readonly restockType: "cancel" | "return" | "no_restock";
    /** Where it was put back; null when it was not. */
    readonly locationId: number | null;
  }[];
};

export type Order = {
  readonly kind: "Order";
  readonly id: number;
  readonly number: number;
  readonly source: "web" | "pos";
  /** Where a POS sale was made; null online. */
  readonly locationId: number | null;
  readonly lines: readonly OrderLine[];
  readonly refunds: Refund[];
  readonly createdAtMs: number;
  updatedAtMs: number;
  cancelledAtMs: number | null;
};

/** Everything in the building: what is free to sell and what is not. `incoming` is not there yet. */
export function onHandUnits(level: Level): number {
  const { available, committed, damaged, quality_control, reserved, safety_stock } =
    level.quantities;
  return available + committed + damaged + quality_control + reserved + safety_stock;
}

/** What all active locations offer together; Shopify's `inventoryQuantity` of a variant. */
export function availableUnits(item: Item): number {
  let units = 0;
  for (const level of item.levels.values()) {
    if (level.isActive && level.location.isActive) units += level.quantities.available;
  }
  return units;
}
