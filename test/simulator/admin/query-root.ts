import { parseGid, parseLevelGid, toGid } from "../world/gid.ts";
import type { Item, Location, Order, Product, Shop, Variant } from "../world/shop.ts";
import { toIsoSeconds } from "../world/time.ts";
import { toConnection } from "./connection.ts";
import type { PageArguments } from "./connection.ts";
import type { AdminContext, Entity, TypeResolvers } from "./resolver.ts";
import { search } from "./search-query.ts";
import { validationQueries } from "./validations.ts";

type ListArguments = PageArguments & {
  readonly query?: string | null;
  readonly sortKey?: string | null;
};
type ById = { readonly id: string };

/** Lists come in the order of ids, whatever the sort key: everything has its id from its age. */
export const queryRoot: TypeResolvers = {
  shop: (_root: unknown, _args: unknown, { shop }: AdminContext) => shop,
  location: (_root: unknown, { id }: { readonly id?: string | null }, { shop }: AdminContext) =>
    id ? findLocation(shop, id) : (shop.locations[0] ?? null),
  locations: (
    _root: unknown,
    args: ListArguments & { readonly includeInactive?: boolean | null },
    { shop }: AdminContext,
  ) => {
    const shown = shop.locations.filter(({ isActive }) => isActive || args.includeInactive);
    const found = search(shown, args.query, {
      id: ({ id }) => id,
      name: ({ name }) => name,
      active: ({ isActive }) => String(isActive),
      is_active: ({ isActive }) => String(isActive),
    });
    return toConnection(found, args, ({ id }) => id);
  },
  product: (_root: unknown, { id }: ById, { shop }: AdminContext) =>
    shop.products.get(parseGid("Product", id) ?? -1) ?? null,
  products: (_root: unknown, args: ListArguments, { shop }: AdminContext) =>
    toConnection(findProducts(shop, args.query), args, ({ id }) => id),
  productVariant: (_root: unknown, { id }: ById, { shop }: AdminContext) =>
    shop.variants.get(parseGid("ProductVariant", id) ?? -1) ?? null,
  productVariants: (_root: unknown, args: ListArguments, { shop }: AdminContext) =>
    toConnection(findVariants(shop, args.query), args, ({ id }) => id),
  productVariantsCount: (
    _root: unknown,
    { query }: { readonly query?: string | null },
    { shop }: AdminContext,
  ) => ({ count: findVariants(shop, query).length, precision: "EXACT" }),
  productsCount: (
    _root: unknown,
    { query }: { readonly query?: string | null },
    { shop }: AdminContext,
  ) => ({ count: findProducts(shop, query).length, precision: "EXACT" }),
  inventoryItem: (_root: unknown, { id }: ById, { shop }: AdminContext) =>
    shop.items.get(parseGid("InventoryItem", id) ?? -1) ?? null,
  inventoryItems: (_root: unknown, args: ListArguments, { shop }: AdminContext) => {
    const found = search<Item>([...shop.items.values()], args.query, {
      id: ({ id }) => id,
      sku: ({ variantId }) => shop.variants.get(variantId)?.sku ?? null,
    });
    return toConnection(found, args, ({ id }) => id);
  },
  inventoryLevel: (_root: unknown, { id }: ById, { shop }: AdminContext) => findLevel(shop, id),
  order: (_root: unknown, { id }: ById, { shop }: AdminContext) =>
    shop.orders.get(parseGid("Order", id) ?? -1) ?? null,
  orders: (_root: unknown, args: ListArguments, { shop }: AdminContext) => {
    const found = search<Order>([...shop.orders.values()], args.query, {
      id: ({ id }) => id,
      name: ({ number }) => `#${number}`,
      sku: ({ lines }) => lines[0]?.sku ?? null,
      status: ({ cancelledAtMs }) => (cancelledAtMs === null ? "open" : "cancelled"),
    });
    return toConnection(found, args, ({ id }) => id);
  },
  node: (_root: unknown, { id }: ById, context: AdminContext) => findNode(context, id),
  nodes: (_root: unknown, { ids }: { readonly ids: readonly string[] }, context: AdminContext) =>
    ids.map((id) => findNode(context, id)),
  currentAppInstallation: () => appInstallation,
  appInstallation: () => appInstallation,
  app: () => app,
  webhookSubscriptions: (
    _root: unknown,
    args: ListArguments & { readonly topics?: readonly string[] | null },
    { shop, subscriptions }: AdminContext,
  ) => {
    const found = subscriptions
      .listOfShop(shop.domain)
      .filter(({ topic }) => args.topics?.includes(toEnum(topic)) ?? true);
    return toConnection(found, args, ({ id }) => id);
  },
  ...validationQueries,
};

const app: Entity = { kind: "App" };
const appInstallation: Entity = { kind: "AppInstallation" };

const appGid = toGid("App", 1);

export const accountResolvers: Readonly<Record<string, TypeResolvers>> = {
  Shop: {
    id: ({ id }: Shop) => toGid("Shop", id),
    name: ({ name }: Shop) => name,
    myshopifyDomain: ({ domain }: Shop) => domain,
    url: ({ domain }: Shop) => `https://${domain}`,
    primaryDomain: ({ domain }: Shop) => ({
      host: domain,
      url: `https://${domain}`,
      sslEnabled: true,
    }),
    email: ({ domain }: Shop) => `owner@${domain}`,
    currencyCode: () => "USD",
    ianaTimezone: () => "Etc/UTC",
    createdAt: ({ createdAtMs }: Shop) => toIsoSeconds(createdAtMs),
    plan: ({ plan }: Shop) => ({
      displayName: planNames[plan],
      publicDisplayName: planNames[plan],
      partnerDevelopment: true,
      shopifyPlus: plan === "plus" || plan === "enterprise",
    }),
  },
  App: {
    id: () => appGid,
    apiKey: (_app: unknown, _args: unknown, { apiKey }: AdminContext) => apiKey,
    title: () => "App",
    handle: () => "app",
  },
  AppInstallation: {
    id: () => toGid("AppInstallation", 1),
    app: () => app,
    accessScopes: (_installation: unknown, _args: unknown, { scopes }: AdminContext) =>
      scopes.map((handle) => ({ handle, description: handle })),
    launchUrl: (_installation: unknown, _args: unknown, { shop, apiKey }: AdminContext) =>
      `https://${shop.domain}/admin/apps/${apiKey}`,
  },
};

const planNames = {
  standard: "Basic",
  advanced: "Advanced",
  plus: "Shopify Plus",
  enterprise: "Commerce Components",
};

/** `inventory_levels/update` in the words of the schema. */
export function toEnum(topic: string): string {
  return topic.toUpperCase().replaceAll("/", "_");
}

function findProducts(shop: Shop, query: string | null | undefined): readonly Product[] {
  return search<Product>([...shop.products.values()], query, {
    id: ({ id }) => id,
    title: ({ title }) => title,
    handle: ({ handle }) => handle,
    status: () => "active",
    sku: ({ variants }) => variants[0]?.sku ?? null,
    barcode: ({ variants }) => variants[0]?.barcode ?? null,
  });
}

function findVariants(shop: Shop, query: string | null | undefined): readonly Variant[] {
  const skuQuery = /^\s*sku:(["']?)([^"'\s()\\*<>=]+)\1\s*$/.exec(query ?? "")?.[2];
  const found = skuQuery === undefined ? undefined : shop.variantsBySku.get(skuQuery);
  if (found) return [found];
  return search<Variant>([...shop.variants.values()], query, {
    id: ({ id }) => id,
    sku: ({ sku }) => sku,
    barcode: ({ barcode }) => barcode,
    product_id: ({ productId }) => productId,
    title: ({ productId }) => shop.products.get(productId)?.title ?? null,
    product_title: ({ productId }) => shop.products.get(productId)?.title ?? null,
  });
}

function findLocation(shop: Shop, gid: string): Location | null {
  const wanted = parseGid("Location", gid);
  return shop.locations.find(({ id }) => id === wanted) ?? null;
}

function findLevel(shop: Shop, gid: string): Entity | null {
  const ids = parseLevelGid(gid);
  const location = shop.locations.find(({ levelNumber }) => levelNumber === ids?.levelNumber);
  return shop.items.get(ids?.itemId ?? -1)?.levels.get(location?.id ?? -1) ?? null;
}

function findNode({ shop, validations }: AdminContext, gid: string): Entity | null {
  const type = /^gid:\/\/shopify\/([A-Za-z]+)\//.exec(gid)?.[1];
  const id = parseGid(type ?? "", gid) ?? -1;
  switch (type) {
    case "Location":
      return findLocation(shop, gid);
    case "Product":
      return shop.products.get(id) ?? null;
    case "ProductVariant":
      return shop.variants.get(id) ?? null;
    case "InventoryItem":
      return shop.items.get(id) ?? null;
    case "InventoryLevel":
      return findLevel(shop, gid);
    case "Order":
      return shop.orders.get(id) ?? null;
    case "Shop":
      return id === shop.id ? shop : null;
    case "Validation":
      return validations.list.find((one) => one.id === id) ?? null;
    default:
      return null;
  }
}
