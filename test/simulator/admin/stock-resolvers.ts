import { toGid, toLevelGid, parseGid } from "../world/gid.ts";
import type { Item, Level, Location, Product, Shop, Variant } from "../world/shop.ts";
import { availableUnits, onHandUnits, storedQuantityNames } from "../world/shop.ts";
import { toIsoSeconds } from "../world/time.ts";
import { toConnection } from "./connection.ts";
import type { PageArguments } from "./connection.ts";
import { badRequest } from "./errors.ts";
import { metafieldFieldsOf } from "./metafields.ts";
import type { AdminContext, TypeResolvers } from "./resolver.ts";

type Dated = { readonly createdAtMs: number; readonly updatedAtMs: number };

const dates: TypeResolvers = {
  createdAt: ({ createdAtMs }: Dated) => toIsoSeconds(createdAtMs),
  updatedAt: ({ updatedAtMs }: Dated) => toIsoSeconds(updatedAtMs),
};

type LevelFilter = { readonly includeInactive?: boolean | null };

const isShown = (level: Level, { includeInactive }: LevelFilter): boolean =>
  includeInactive === true || (level.isActive && level.location.isActive);

/** The product, its variants, and where how many of them are. */
export const stockResolvers: Readonly<Record<string, TypeResolvers>> = {
  InventoryItem: {
    id: ({ id }: Item) => toGid("InventoryItem", id),
    legacyResourceId: ({ id }: Item) => String(id),
    sku: (item: Item, _args: unknown, { shop }: AdminContext) => variantOf(shop, item).sku,
    tracked: ({ tracked }: Item) => tracked,
    requiresShipping: () => true,
    variant: (item: Item, _args: unknown, { shop }: AdminContext) => variantOf(shop, item),
    variants: (item: Item, args: PageArguments, { shop }: AdminContext) =>
      toConnection([variantOf(shop, item)], args, ({ id }) => id),
    inventoryLevel: (
      { levels }: Item,
      { locationId, ...filter }: LevelFilter & { readonly locationId: string },
    ) => {
      const level = levels.get(parseGid("Location", locationId) ?? -1);
      return level && isShown(level, filter) ? level : null;
    },
    inventoryLevels: ({ levels }: Item, args: PageArguments & LevelFilter) =>
      toConnection(
        [...levels.values()].filter((level) => isShown(level, args)),
        args,
        ({ location }) => location.id,
      ),
    ...dates,
  },
  InventoryLevel: {
    id: ({ item, location }: Level) => toLevelGid(location.levelNumber, item.id),
    item: ({ item }: Level) => item,
    location: ({ location }: Level) => location,
    isActive: ({ isActive }: Level) => isActive,
    quantities: (level: Level, { names }: { readonly names: readonly string[] }) =>
      names.map((name) => quantityOf(level, name)),
    ...dates,
  },
  Location: {
    id: ({ id }: Location) => toGid("Location", id),
    legacyResourceId: ({ id }: Location) => String(id),
    name: ({ name }: Location) => name,
    isActive: ({ isActive }: Location) => isActive,
    fulfillsOnlineOrders: ({ isActive }: Location) => isActive,
    shipsInventory: ({ isActive }: Location) => isActive,
    hasActiveInventory: (location: Location, _args: unknown, { shop }: AdminContext) =>
      levelsAt(shop, location).some(({ isActive }) => isActive),
    isFulfillmentService: () => false,
    fulfillmentService: () => null,
    isPrimary: (location: Location, _args: unknown, { shop }: AdminContext) =>
      shop.locations[0] === location,
    inventoryLevel: (
      location: Location,
      { inventoryItemId, ...filter }: LevelFilter & { readonly inventoryItemId: string },
      { shop }: AdminContext,
    ) => {
      const item = shop.items.get(parseGid("InventoryItem", inventoryItemId) ?? -1);
      const level = item?.levels.get(location.id);
      return level && isShown(level, filter) ? level : null;
    },
    inventoryLevels: (
      location: Location,
      args: PageArguments & LevelFilter,
      { shop }: AdminContext,
    ) =>
      toConnection(
        levelsAt(shop, location).filter((level) => isShown(level, args)),
        args,
        ({ item }) => item.id,
      ),
    ...metafieldFieldsOf(({ id }: Location) => toGid("Location", id)),
    ...dates,
  },
  ProductVariant: {
    id: ({ id }: Variant) => toGid("ProductVariant", id),
    legacyResourceId: ({ id }: Variant) => String(id),
    sku: ({ sku }: Variant) => sku,
    barcode: ({ barcode }: Variant) => barcode,
    title: ({ title }: Variant) => title,
    displayName: (variant: Variant, _args: unknown, { shop }: AdminContext) =>
      `${productOf(shop, variant).title} - ${variant.title}`,
    price: ({ price }: Variant) => price,
    position: () => 1,
    inventoryPolicy: ({ policy }: Variant) => policy.toUpperCase(),
    inventoryQuantity: ({ item }: Variant) => availableUnits(item),
    sellableOnlineQuantity: ({ item }: Variant) => availableUnits(item),
    availableForSale: ({ item, policy }: Variant) =>
      !item.tracked || policy === "continue" || availableUnits(item) > 0,
    inventoryItem: ({ item }: Variant) => item,
    product: (variant: Variant, _args: unknown, { shop }: AdminContext) => productOf(shop, variant),
    // The stores of a scenario have no pictures.
    image: () => null,
    ...metafieldFieldsOf(({ id }: Variant) => toGid("ProductVariant", id)),
    ...dates,
  },
  Product: {
    id: ({ id }: Product) => toGid("Product", id),
    legacyResourceId: ({ id }: Product) => String(id),
    title: ({ title }: Product) => title,
    handle: ({ handle }: Product) => handle,
    status: () => "ACTIVE",
    hasOnlyDefaultVariant: ({ variants }: Product) => variants.length === 1,
    tracksInventory: ({ variants }: Product) => variants.some(({ item }) => item.tracked),
    totalInventory: ({ variants }: Product) =>
      variants.reduce((sum, { item }) => sum + availableUnits(item), 0),
    variants: ({ variants }: Product, args: PageArguments) =>
      toConnection(variants, args, ({ id }) => id),
    featuredMedia: () => null,
    featuredImage: () => null,
    ...metafieldFieldsOf(({ id }: Product) => toGid("Product", id)),
    ...dates,
  },
};

function quantityOf(level: Level, name: string): object {
  const number = toLevelGid(level.location.levelNumber, level.item.id).split("/").at(-1)!;
  const id = `gid://shopify/InventoryQuantity/${number}&name=${name}`;
  if (name === "on_hand") return { id, name, quantity: onHandUnits(level), updatedAt: null };
  const stored = storedQuantityNames.find((candidate) => candidate === name);
  if (!stored) {
    throw badRequest(`The quantity name "${name}" is not valid.`, "INVALID_FIELD_ARGUMENTS");
  }
  return {
    id,
    name,
    quantity: level.quantities[stored],
    updatedAt: toIsoSeconds(level.updatedAtMs),
  };
}

function levelsAt(shop: Shop, location: Location): readonly Level[] {
  return [...shop.items.values()].flatMap(({ levels }) => levels.get(location.id) ?? []);
}

function variantOf(shop: Shop, item: Item): Variant {
  return shop.variants.get(item.variantId)!;
}

function productOf(shop: Shop, variant: Variant): Product {
  return shop.products.get(variant.productId)!;
}
