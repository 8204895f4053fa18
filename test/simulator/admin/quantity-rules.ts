import { parseGid } from "../world/gid.ts";
import type { Item, Level, Location, Shop } from "../world/shop.ts";
import { badRequest } from "./errors.ts";

/** One refused part of an input. */
export type UserError = {
  readonly field: readonly string[] | null;
  readonly message: string;
  readonly code: string;
};

/** No array of an input may be longer. */
export const inputArrayMax = 250;
const quantityMax = 1_000_000_000;
const deltaMax = 2_000_000_000;

const reasons = [
  "correction",
  "cycle_count_available",
  "damaged",
  "movement_canceled",
  "movement_created",
  "movement_received",
  "movement_updated",
  "other",
  "promotion",
  "quality_control",
  "received",
  "reservation_created",
  "reservation_deleted",
  "reservation_updated",
  "restock",
  "safety_stock",
  "shrinkage",
];

export type QuantityRow = {
  readonly inventoryItemId: string;
  readonly locationId: string;
  /** Undefined: not sent, which Shopify refuses. Null: no comparison. */
  readonly changeFromQuantity?: number | null;
};

/** What a row of an input speaks of. `level` is null where the item has none at the location yet. */
export type Target = {
  readonly item: Item;
  readonly location: Location;
  readonly level: Level | null;
};

/** Throws what Shopify answers, before it looks at anything else, for an array that is too long. */
export function requireArraySize(list: string, size: number): void {
  if (size <= inputArrayMax) return;
  throw badRequest(
    `The input array size of ${size} is greater than the maximum allowed of ${inputArrayMax}. (${list})`,
    "MAX_INPUT_SIZE_EXCEEDED",
  );
}

/** From 2026-04 on every row must say what it changes from, if only null. */
export function requireChangeFrom(inputType: string, rows: readonly QuantityRow[]): void {
  if (rows.every(({ changeFromQuantity }) => changeFromQuantity !== undefined)) return;
  throw badRequest(
    `${inputType} must include the following argument: changeFromQuantity.`,
    "INVALID_FIELD_ARGUMENTS",
  );
}

export function reasonErrors(reason: string): readonly UserError[] {
  if (reasons.includes(reason)) return [];
  return [
    {
      field: ["input", "reason"],
      message: `The specified reason is invalid. Valid values are: ${reasons.join(", ")}.`,
      code: "INVALID_REASON",
    },
  ];
}

export function documentErrors(uri: string | null | undefined): readonly UserError[] {
  if (uri === null || uri === undefined || /^[a-z][a-z0-9+.-]*:\S+$/i.test(uri)) return [];
  return [
    {
      field: ["input", "referenceDocumentUri"],
      message: "The specified reference document is invalid.",
      code: "INVALID_REFERENCE_DOCUMENT",
    },
  ];
}

/** Finds what the rows speak of; errors for those that speak of nothing, or of the same twice. */
export function findTargets(
  shop: Shop,
  list: "changes" | "quantities",
  rows: readonly QuantityRow[],
): { readonly targets: readonly (Target | null)[]; readonly errors: readonly UserError[] } {
  const errors: UserError[] = [];
  const pairs = new Map<string, number>();
  const locations = new Map(shop.locations.map((location) => [location.id, location]));
  for (const { inventoryItemId, locationId } of rows) {
    const pair = `${inventoryItemId} ${locationId}`;
    pairs.set(pair, (pairs.get(pair) ?? 0) + 1);
  }
  const targets = rows.map(({ inventoryItemId, locationId }, index) => {
    const item = shop.items.get(parseGid("InventoryItem", inventoryItemId) ?? -1);
    const location = locations.get(parseGid("Location", locationId) ?? -1);
    const refuse = (field: string, message: string, code: string): void => {
      errors.push({ field: ["input", list, String(index), field], message, code });
    };
    if (!item) {
      refuse(
        "inventoryItemId",
        "The specified inventory item could not be found.",
        "INVALID_INVENTORY_ITEM",
      );
    }
    if (!location) {
      refuse("locationId", "The specified location could not be found.", "INVALID_LOCATION");
    }
    if (pairs.get(`${inventoryItemId} ${locationId}`)! > 1) {
      refuse(
        "locationId",
        "The combination of inventoryItemId and locationId must be unique.",
        list === "changes"
          ? "ADJUST_QUANTITIES_FAILED"
          : "NO_DUPLICATE_INVENTORY_ITEM_ID_GROUP_ID_PAIR",
      );
    }
    return item && location
      ? { item, location, level: item.levels.get(location.id) ?? null }
      : null;
  });
  return { targets, errors };
}

export function deltaErrors(deltas: readonly number[]): readonly UserError[] {
  return deltas.flatMap((delta, index) => {
    if (Math.abs(delta) <= deltaMax) return [];
    return [tooFar(["input", "changes", String(index), "delta"], delta, deltaMax)];
  });
}

export function quantityErrors(name: string, quantities: readonly number[]): readonly UserError[] {
  return quantities.flatMap((quantity, index) => {
    const field = ["input", "quantities", String(index), "quantity"];
    if (Math.abs(quantity) > quantityMax) return [tooFar(field, quantity, quantityMax)];
    if (name !== "on_hand" || quantity >= 0) return [];
    return [
      { field, message: "The quantity can't be negative.", code: "INVALID_QUANTITY_NEGATIVE" },
    ];
  });
}

function tooFar(field: readonly string[], quantity: number, max: number): UserError {
  const bound = max.toLocaleString("en-US");
  return quantity > 0
    ? {
        field,
        message: `The quantity can't be higher than ${bound}.`,
        code: "INVALID_QUANTITY_TOO_HIGH",
      }
    : {
        field,
        message: `The quantity can't be lower than -${bound}.`,
        code: "INVALID_QUANTITY_TOO_LOW",
      };
}

/** Rows whose comparison does not hold any more. `unitsOf` tells what a target holds at the moment. */
export function staleErrors(
  list: "changes" | "quantities",
  rows: readonly QuantityRow[],
  unitsOf: (index: number) => number,
): readonly UserError[] {
  return rows.flatMap(({ changeFromQuantity }, index) => {
    if (changeFromQuantity === null || changeFromQuantity === undefined) return [];
    if (changeFromQuantity === unitsOf(index)) return [];
    return [
      {
        field: ["input", list, String(index), "changeFromQuantity"],
        message: "The changeFromQuantity argument no longer matches the persisted quantity.",
        code: "CHANGE_FROM_QUANTITY_STALE",
      },
    ];
  });
}
