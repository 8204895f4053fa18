import type { Item, Level, Shop } from "../world/shop.ts";

export type RoutedUnits = { readonly level: Level; readonly units: number };

/** Units that a store would sell now: what its active locations offer, less what payments hold. */
export function sellableUnits(item: Item): number {
  let units = 0;
  for (const level of activeLevels(item)) units += level.quantities.available - level.heldUnits;
  return units;
}

/**
 * Which levels an order's units come from, in the store's order of locations: the first that has them
 * all; else the store splits them; what nobody has is owed by the first, whose level goes below zero.
 *
 * @returns empty for an item that is stocked nowhere.
 */
export function routeUnits(shop: Shop, item: Item, units: number): readonly RoutedUnits[] {
  const levels = shop.locations.flatMap(({ id }) => {
    const level = item.levels.get(id);
    return level?.isActive && level.location.isActive ? [level] : [];
  });
  const first = levels[0];
  if (!first) return [];
  const free = (level: Level): number => Math.max(0, level.quantities.available - level.heldUnits);
  const whole = levels.find((level) => free(level) >= units);
  if (whole) return [{ level: whole, units }];

  const parts = new Map<Level, number>();
  let missing = units;
  for (const level of levels) {
    const part = Math.min(missing, free(level));
    if (part > 0) parts.set(level, part);
    missing -= part;
  }
  if (missing > 0) parts.set(first, (parts.get(first) ?? 0) + missing);
  return [...parts].map(([level, part]) => ({ level, units: part }));
}

function activeLevels(item: Item): readonly Level[] {
  return [...item.levels.values()].filter((level) => level.isActive && level.location.isActive);
}
