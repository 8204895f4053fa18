import { newLevel } from "./build-shops.ts";
import type { Item, Level, Location, Shop, StoredQuantityName } from "./shop.ts";
import { newAction, tellObservers } from "./world.ts";
import type { Action, Cause, LevelEffect, World } from "./world.ts";

export type QuantityChange = {
  readonly level: Level;
  readonly name: StoredQuantityName;
  readonly deltaUnits: number;
};

/**
 * The one way in which quantities change: all at once, then the observers are told, once. `available`
 * may go below zero, as at Shopify.
 */
export function changeQuantities(
  world: World,
  shop: Shop,
  {
    cause,
    changes,
    action = newAction(),
  }: {
    readonly cause: Cause;
    readonly changes: readonly QuantityChange[];
    readonly action?: Action;
  },
): void {
  const effects: LevelEffect[] = [];
  for (const { level, name, deltaUnits } of changes) {
    if (deltaUnits === 0) continue;
    level.quantities[name] += deltaUnits;
    level.updatedAtMs = action.atMs;
    if (name === "available") {
      effects.push({ level, deltaUnits, availableUnits: level.quantities.available });
    }
  }
  if (effects.length > 0) {
    tellObservers(world, { kind: "levels-changed", shop, action, cause, effects });
  }
}

/** The item is stocked at the location from here on; a level that was there before keeps its quantities. */
export function connectLevel(
  world: World,
  shop: Shop,
  {
    item,
    location,
    units,
  }: { readonly item: Item; readonly location: Location; readonly units: number | null },
): Level {
  const action = newAction();
  const level = item.levels.get(location.id) ?? newLevel(item, location, units ?? 0, action.atMs);
  item.levels.set(location.id, level);
  level.isActive = true;
  if (units !== null) level.quantities.available = units;
  level.updatedAtMs = action.atMs;
  tellObservers(world, { kind: "level-connected", shop, action, level });
  return level;
}

/** The item is no longer sold from the location. The quantities stay, out of sight. */
export function disconnectLevel(world: World, shop: Shop, level: Level): void {
  const action = newAction();
  level.isActive = false;
  level.updatedAtMs = action.atMs;
  tellObservers(world, { kind: "level-disconnected", shop, action, level });
}
