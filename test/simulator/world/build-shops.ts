import type { Scenario } from "#test/scenarios/scenario.ts";
import type { Item, Level, Location, Product, Shop, StoredQuantityName, Variant } from "./shop.ts";
import { storedQuantityNames } from "./shop.ts";

type ScenarioShop = Scenario["shops"][number];
type ScenarioProduct = Scenario["products"][number];

/** Where the numbers of each kind of id begin: as long as Shopify's, and the same for the same scenario. */
const firstIds = {
  shop: 60_000_000_001,
  location: 75_000_000_001,
  level: 110_000_000_001,
  product: 7_800_000_000_001,
  variant: 44_000_000_000_001,
  item: 46_000_000_000_001,
};
/** More than a scenario may have of anything within one store. */
const idsPerShop = 1_000_000;

/** Cost points a second that Shopify restores on each plan. */
const restorePointsPerSecond = { standard: 100, advanced: 200, plus: 1_000, enterprise: 2_000 };
/** A bucket holds what is restored in this time. */
const bucketSeconds = 20;

/** Scenarios name no prices; the order payload has one. */
const unitPrice = "10.00";

/** The stores of a scenario, by domain. */
export function buildShops(scenario: Scenario, atMs: number): Map<string, Shop> {
  return new Map(
    scenario.shops.map((shop, index) => {
      const products = scenario.products.filter(({ stock }) => stock[shop.domain] !== undefined);
      return [shop.domain, buildShop(shop, index, products, atMs)];
    }),
  );
}

function buildShop(
  { domain, name, plan, pointsPerSecond, bucketPoints, locations }: ScenarioShop,
  index: number,
  products: readonly ScenarioProduct[],
  atMs: number,
): Shop {
  const base = index * idsPerShop;
  const restored = pointsPerSecond ?? restorePointsPerSecond[plan];
  const shop: Shop = {
    kind: "Shop",
    id: firstIds.shop + index,
    domain,
    name: name ?? domain.replace(".myshopify.com", ""),
    plan,
    bucket: {
      maximumPoints: bucketPoints ?? restored * bucketSeconds,
      restorePointsPerSecond: restored,
    },
    locations: locations.map((locationName, position) => ({
      kind: "Location",
      id: firstIds.location + base + position,
      levelNumber: firstIds.level + base + position,
      name: locationName,
      isActive: true,
      createdAtMs: atMs,
      updatedAtMs: atMs,
    })),
    products: new Map(),
    variants: new Map(),
    items: new Map(),
    variantsBySku: new Map(),
    orders: new Map(),
    createdAtMs: atMs,
  };
  products.forEach((product, position) => {
    addProduct(shop, product, base + position, atMs);
  });
  return shop;
}

function addProduct(shop: Shop, product: ScenarioProduct, offset: number, atMs: number): void {
  const dates = { createdAtMs: atMs, updatedAtMs: atMs };
  const productId = firstIds.product + offset;
  const variantId = firstIds.variant + offset;
  const item: Item = {
    kind: "InventoryItem",
    id: firstIds.item + offset,
    variantId,
    levels: new Map(),
    tracked: product.tracked,
    ...dates,
  };
  const variant: Variant = {
    kind: "ProductVariant",
    id: variantId,
    productId,
    item,
    title: "Default Title",
    sku: product.sku,
    barcode: product.barcode ?? null,
    price: unitPrice,
    policy: product.policy,
    ...dates,
  };
  const built: Product = {
    kind: "Product",
    id: productId,
    title: product.title ?? product.sku,
    handle: (product.title ?? product.sku).toLowerCase().replaceAll(/[^a-z0-9]+/g, "-"),
    variants: [variant],
    ...dates,
  };
  for (const [location, units] of stockByLocation(shop, product)) {
    item.levels.set(location.id, newLevel(item, location, units, atMs));
  }
  shop.products.set(productId, built);
  shop.variants.set(variantId, variant);
  shop.items.set(item.id, item);
  shop.variantsBySku.set(product.sku, variant);
}

function stockByLocation(
  shop: Shop,
  product: ScenarioProduct,
): readonly (readonly [Location, number])[] {
  const stock = product.stock[shop.domain]!;
  if (typeof stock === "number") return [[shop.locations[0]!, stock]];
  return Object.entries(stock).map(([name, units]) => {
    const location = shop.locations.find((candidate) => candidate.name === name);
    if (!location) throw new Error(`${product.sku}: ${shop.domain} has no location "${name}".`);
    return [location, units];
  });
}

/** An active level with this much for sale and nothing else. */
export function newLevel(item: Item, location: Location, units: number, atMs: number): Level {
  const quantities = Object.fromEntries(storedQuantityNames.map((name) => [name, 0])) as Record<
    StoredQuantityName,
    number
  >;
  return {
    kind: "InventoryLevel",
    item,
    location,
    quantities: { ...quantities, available: units },
    heldUnits: 0,
    isActive: true,
    createdAtMs: atMs,
    updatedAtMs: atMs,
  };
}
