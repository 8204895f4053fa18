import type { Simulation } from "../simulation.ts";
import { changeQuantities, connectLevel, disconnectLevel } from "../world/stock.ts";
import type { Level, Shop } from "../world/shop.ts";
import { newAction, tellObservers } from "../world/world.ts";
import type { Control } from "./contract.ts";
import { getLevel, getLocation, getShop, getVariant, summarizeLevel } from "./find.ts";

type StockControl = Pick<
  Control,
  | "level"
  | "setStock"
  | "adjust"
  | "setVariant"
  | "setLocationActive"
  | "deleteLocation"
  | "connect"
  | "disconnect"
  | "deleteProduct"
>;

/** What the merchant does to the stock, in the admin of one store. */
export function stockControl(current: () => Simulation): StockControl {
  const find = (request: {
    readonly shop: string;
    readonly sku: string;
    readonly location?: string | undefined;
  }): { readonly shop: Shop; readonly level: Level } => {
    const shop = getShop(current().world, request.shop);
    const location = getLocation(shop, request.location);
    return { shop, level: getLevel(getVariant(shop, request.sku), location) };
  };
  const adjust = (
    shop: Shop,
    level: Level,
    deltaUnits: number,
    countsAsReceived: boolean,
  ): void => {
    changeQuantities(current().world, shop, {
      cause: { kind: "manual", countsAsReceived },
      changes: [{ level, name: "available", deltaUnits }],
    });
  };

  return {
    level: ({ shop: domain, sku, location }) => {
      const shop = getShop(current().world, domain);
      const { item } = getVariant(shop, sku);
      const level = item.levels.get(getLocation(shop, location).id);
      return level ? summarizeLevel(level) : null;
    },
    setStock: ({ units, countsAsReceived, ...request }) => {
      const { shop, level } = find(request);
      adjust(shop, level, units - level.quantities.available, countsAsReceived);
      return summarizeLevel(level);
    },
    adjust: ({ deltaUnits, countsAsReceived, ...request }) => {
      const { shop, level } = find(request);
      adjust(shop, level, deltaUnits, countsAsReceived);
      return summarizeLevel(level);
    },
    setVariant: ({ shop: domain, sku, policy, tracked }) => {
      const { world } = current();
      const shop = getShop(world, domain);
      const variant = getVariant(shop, sku);
      const action = newAction();
      if (tracked !== undefined) {
        variant.item.tracked = tracked;
        variant.item.updatedAtMs = action.atMs;
        tellObservers(world, { kind: "item-updated", shop, action, item: variant.item });
      }
      if (policy !== undefined) {
        const product = shop.products.get(variant.productId)!;
        variant.policy = policy;
        variant.updatedAtMs = action.atMs;
        product.updatedAtMs = action.atMs;
        tellObservers(world, { kind: "product-updated", shop, action, product });
      }
      return null;
    },
    setLocationActive: ({ shop: domain, location: name, isActive }) => {
      const { world } = current();
      const shop = getShop(world, domain);
      const location = getLocation(shop, name);
      const action = newAction();
      location.isActive = isActive;
      location.updatedAtMs = action.atMs;
      tellObservers(world, { kind: "location-switched", shop, action, location });
      return null;
    },
    deleteLocation: ({ shop: domain, location: name }) => {
      const { world } = current();
      const shop = getShop(world, domain);
      const location = getLocation(shop, name);
      location.isActive = false;
      shop.locations.splice(shop.locations.indexOf(location), 1);
      for (const item of shop.items.values()) item.levels.delete(location.id);
      tellObservers(world, { kind: "location-deleted", shop, action: newAction(), location });
      return null;
    },
    connect: ({ shop: domain, sku, location: name, units }) => {
      const { world } = current();
      const shop = getShop(world, domain);
      const { item } = getVariant(shop, sku);
      const location = getLocation(shop, name);
      return summarizeLevel(connectLevel(world, shop, { item, location, units }));
    },
    disconnect: (request) => {
      const { shop, level } = find(request);
      disconnectLevel(current().world, shop, level);
      return null;
    },
    deleteProduct: ({ shop: domain, sku }) => {
      const { world } = current();
      const shop = getShop(world, domain);
      const variant = getVariant(shop, sku);
      const product = shop.products.get(variant.productId)!;
      shop.products.delete(product.id);
      shop.variants.delete(variant.id);
      shop.items.delete(variant.item.id);
      shop.variantsBySku.delete(sku);
      tellObservers(world, { kind: "product-deleted", shop, action: newAction(), product });
      return null;
    },
  };
}
