import type { Simulation } from "../simulation.ts";
import { toGid } from "../world/gid.ts";
import { onHandUnits } from "../world/shop.ts";
import type { Level, Location, Shop, Variant } from "../world/shop.ts";
import type { World } from "../world/world.ts";
import type { LevelSummary, ShopSummary } from "./outputs.ts";

/** What requests name; each throws a sentence for what is not there. */
export function getShop(world: World, domain: string): Shop {
  const shop = world.shops.get(domain);
  if (!shop) throw new Error(`There is no shop ${domain}.`);
  return shop;
}

export function getVariant(shop: Shop, sku: string): Variant {
  const variant = shop.variantsBySku.get(sku);
  if (!variant) throw new Error(`${shop.domain} has no product ${sku}.`);
  return variant;
}

/** Without a name, the shop's first. */
export function getLocation(shop: Shop, name: string | undefined): Location {
  const location =
    name === undefined ? shop.locations[0] : shop.locations.find((one) => one.name === name);
  if (!location) throw new Error(`${shop.domain} has no location ${name ?? "at all"}.`);
  return location;
}

export function getLevel(variant: Variant, location: Location): Level {
  const level = variant.item.levels.get(location.id);
  if (!level) throw new Error(`${variant.sku} is not stocked at ${location.name}.`);
  return level;
}

export function summarizeLevel(level: Level): LevelSummary {
  return {
    available: level.quantities.available,
    committed: level.quantities.committed,
    onHand: onHandUnits(level),
    heldUnits: level.heldUnits,
    isActive: level.isActive,
    updatedAtMs: level.updatedAtMs,
  };
}

export function summarizeShop({ installations }: Simulation, shop: Shop): ShopSummary {
  return {
    domain: shop.domain,
    name: shop.name,
    isInstalled: installations.isInstalled(shop.domain),
    locations: shop.locations.map(({ id, name }) => ({ id: toGid("Location", id), name })),
    variants: [...shop.variants.values()].map(({ id, productId, item, sku }) => ({
      variantId: toGid("ProductVariant", id),
      productId: toGid("Product", productId),
      inventoryItemId: toGid("InventoryItem", item.id),
      sku,
      title: shop.products.get(productId)?.title ?? sku,
    })),
  };
}
