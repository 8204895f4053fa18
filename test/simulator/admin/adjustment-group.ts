import { toGid } from "../world/gid.ts";
import type { Item, Location } from "../world/shop.ts";
import { toIsoSeconds } from "../world/time.ts";
import type { TypeResolvers } from "./resolver.ts";

/** What one mutation changed: a row for each quantity of each level, `on_hand` included. */
export type AdjustmentGroup = {
  readonly kind: "InventoryAdjustmentGroup";
  readonly id: number;
  readonly createdAtMs: number;
  readonly reason: string;
  readonly referenceDocumentUri: string | null;
  readonly changes: readonly {
    readonly kind: "InventoryChange";
    readonly item: Item;
    readonly location: Location;
    readonly name: string;
    readonly delta: number;
    readonly ledgerDocumentUri: string | null;
  }[];
};

export const adjustmentGroupResolvers: TypeResolvers = {
  id: ({ id }: AdjustmentGroup) => toGid("InventoryAdjustmentGroup", id),
  createdAt: ({ createdAtMs }: AdjustmentGroup) => toIsoSeconds(createdAtMs),
  reason: ({ reason }: AdjustmentGroup) => reason,
  referenceDocumentUri: ({ referenceDocumentUri }: AdjustmentGroup) => referenceDocumentUri,
  changes: (
    { changes }: AdjustmentGroup,
    filter: {
      readonly inventoryItemIds?: readonly string[] | null;
      readonly locationIds?: readonly string[] | null;
      readonly quantityNames?: readonly string[] | null;
    },
  ) =>
    changes.filter(
      ({ item, location, name }) =>
        (filter.inventoryItemIds?.includes(toGid("InventoryItem", item.id)) ?? true) &&
        (filter.locationIds?.includes(toGid("Location", location.id)) ?? true) &&
        (filter.quantityNames?.includes(name) ?? true),
    ),
};

type Change = AdjustmentGroup["changes"][number];

export const changeResolvers: TypeResolvers = {
  item: ({ item }: Change) => item,
  location: ({ location }: Change) => location,
  name: ({ name }: Change) => name,
  delta: ({ delta }: Change) => delta,
  ledgerDocumentUri: ({ ledgerDocumentUri }: Change) => ledgerDocumentUri,
  // Shopify tells it for moves only.
  quantityAfterChange: () => null,
};
