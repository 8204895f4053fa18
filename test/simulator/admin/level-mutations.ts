import type { GraphQLResolveInfo } from "graphql";

import { parseGid, parseLevelGid } from "../world/gid.ts";
import { connectLevel, disconnectLevel } from "../world/stock.ts";
import { requireIdempotencyKey } from "./idempotency.ts";
import type { AdminContext, TypeResolvers } from "./resolver.ts";

type ActivateArguments = {
  readonly inventoryItemId: string;
  readonly locationId: string;
  readonly available?: number | null;
  readonly onHand?: number | null;
};

/** Stocking an item at a location, and no longer doing so. Their user errors have no codes. */
export const levelMutations: TypeResolvers = {
  inventoryActivate: (
    _root: unknown,
    args: ActivateArguments,
    context: AdminContext,
    info: GraphQLResolveInfo,
  ) => {
    const key = requireIdempotencyKey(info);
    context.usedKeys.push(key);
    const attempt = context.keys.begin<object>(key, "inventoryActivate", args);
    if (attempt.kind === "replay") return attempt.outcome;
    if (attempt.kind !== "first") {
      return refused([], "A request with this idempotency key is in progress or was different.");
    }
    const outcome = activate(args, context);
    attempt.finish("isRefused" in outcome ? null : outcome);
    return outcome;
  },
  inventoryDeactivate: (
    _root: unknown,
    { inventoryLevelId }: { readonly inventoryLevelId: string },
    { world, shop }: AdminContext,
  ) => {
    const ids = parseLevelGid(inventoryLevelId);
    const item = shop.items.get(ids?.itemId ?? -1);
    const location = shop.locations.find(({ levelNumber }) => levelNumber === ids?.levelNumber);
    const level = item?.levels.get(location?.id ?? -1);
    const refuse = (message: string): object => ({ userErrors: [{ field: null, message }] });
    if (!item || !location || !level) {
      return refuse(
        "The product couldn't be unstocked because the product wasn't found at the location.",
      );
    }
    const activeCount = [...item.levels.values()].filter(({ isActive }) => isActive).length;
    if (level.isActive && activeCount === 1) {
      return refuse(
        `The product couldn't be unstocked from ${location.name} because products need to be stocked at a minimum of 1 location.`,
      );
    }
    if (level.isActive) disconnectLevel(world, shop, level);
    return { userErrors: [] };
  },
};

function activate(args: ActivateArguments, { world, shop }: AdminContext): object {
  const item = shop.items.get(parseGid("InventoryItem", args.inventoryItemId) ?? -1);
  const locationId = parseGid("Location", args.locationId);
  const location = shop.locations.find(({ id }) => id === locationId);
  const units = args.available ?? args.onHand ?? null;
  if (!item) {
    return refused(
      ["inventoryItemId"],
      "The product couldn't be stocked because the product wasn't found.",
    );
  }
  if (!location) {
    return refused(
      ["locationId"],
      "The product couldn't be stocked because the location wasn't found.",
    );
  }
  if (typeof args.available === "number" && typeof args.onHand === "number") {
    const message = "Not allowed to set available and on_hand quantities at the same time.";
    return {
      isRefused: true,
      inventoryLevel: null,
      userErrors: [
        { field: ["available"], message },
        { field: ["onHand"], message },
      ],
    };
  }
  const before = item.levels.get(location.id);
  if (before?.isActive && units !== null) {
    return refused(
      ["available"],
      "Not allowed to set available quantity when the item is already active at the location.",
    );
  }
  const level = before?.isActive ? before : connectLevel(world, shop, { item, location, units });
  return { inventoryLevel: level, userErrors: [] };
}

function refused(field: readonly string[], message: string): object {
  return { isRefused: true, inventoryLevel: null, userErrors: [{ field, message }] };
}
