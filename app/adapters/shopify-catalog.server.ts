import { z } from "zod";

import { parseLevelTime } from "../domain/pool/observation.ts";
import type { ShopListing, ShopLocation, ShopifyCatalog } from "../services/ports.ts";

import type { ShopifyGraphql } from "./shopify-graphql.server.ts";
import { PageInfo, readPages } from "./shopify-pages.ts";

/** Source: a connection's page holds at most 250 (Admin API usage limits, 2026-10). */
const pageSize = 250;
/** A SKU is unique in most shops; where it is not, or the search finds more than meant, there are more pages. */
const variantsPerSku = 2;
const smallestPage = 10;
/** Keeps a search below Shopify's limit for the length of a query, with SKUs as long as they come. */
const skusPerSearch = 40;

export const findLocationsQuery = `#graphql
  query FindLocations($first: Int!, $after: String) {
    locations(first: $first, after: $after, includeInactive: true) {
      nodes {
        id
        name
        isActive
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }`;

/** Without `includeInactive`: a level that was deactivated sells nothing, and counts as none. */
export const findListingsQuery = `#graphql
  query FindListings($first: Int!, $after: String, $search: String!, $locationId: ID!) {
    productVariants(first: $first, after: $after, query: $search) {
      nodes {
        id
        sku
        barcode
        inventoryPolicy
        product {
          title
        }
        inventoryItem {
          id
          tracked
          inventoryLevel(locationId: $locationId) {
            quantities(names: ["available"]) {
              quantity
              updatedAt
            }
          }
        }
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }`;

const LocationPage = z
  .object({
    locations: z.object({
      nodes: z.array(z.object({ id: z.string(), name: z.string(), isActive: z.boolean() })),
      pageInfo: PageInfo,
    }),
  })
  .transform(({ locations }) => locations);

const VariantPage = z
  .object({
    productVariants: z.object({
      nodes: z.array(
        z.object({
          id: z.string(),
          sku: z.string().nullable(),
          barcode: z.string().nullable(),
          inventoryPolicy: z.enum(["DENY", "CONTINUE"]),
          product: z.object({ title: z.string() }),
          inventoryItem: z.object({
            id: z.string(),
            tracked: z.boolean(),
            inventoryLevel: z
              .object({
                quantities: z.array(
                  z.object({ quantity: z.number().int(), updatedAt: z.string().nullable() }),
                ),
              })
              .nullable(),
          }),
        }),
      ),
      pageInfo: PageInfo,
    }),
  })
  .transform(({ productVariants }) => productVariants);

type Variant = z.infer<typeof VariantPage>["nodes"][number];

/** Reads locations and products by the Admin API. */
export function createShopifyCatalog(graphql: ShopifyGraphql): ShopifyCatalog {
  return {
    findLocations: (shopDomain) =>
      readPages<ShopLocation>(graphql, shopDomain, LocationPage, (after) => ({
        query: findLocationsQuery,
        variables: { first: pageSize, after },
      })),

    async findListings({ shopDomain, locationId, skus }) {
      const listings: ShopListing[] = [];
      const wanted = new Set(skus);
      for (let first = 0; first < skus.length; first += skusPerSearch) {
        const searched = skus.slice(first, first + skusPerSearch);
        const search = searched.map((sku) => `sku:${quote(sku)}`).join(" OR ");
        const reply = await readPages<Variant>(graphql, shopDomain, VariantPage, (after) => ({
          query: findListingsQuery,
          variables: { first: pageSizeFor(searched.length), after, search, locationId },
        }));
        if (reply.kind === "unreachable") return reply;
        // Shopify's search ignores case and more; a SKU is matched exactly or not at all.
        const found = reply.found.filter(({ sku }) => sku !== null && wanted.has(sku));
        listings.push(...found.map(toListing));
      }
      return { kind: "read", found: listings };
    },
  };
}

/** A page is charged by its size, full or not: one for few SKUs leaves the budget to what is urgent. */
function pageSizeFor(skuCount: number): number {
  return Math.min(pageSize, Math.max(smallestPage, variantsPerSku * skuCount));
}

function toListing(variant: Variant): ShopListing {
  const { inventoryItem } = variant;
  const [level] = inventoryItem.inventoryLevel?.quantities ?? [];
  return {
    sku: variant.sku ?? "",
    title: variant.product.title,
    barcode: variant.barcode,
    variantId: variant.id,
    inventoryItemId: inventoryItem.id,
    isTracked: inventoryItem.tracked,
    continuesSelling: variant.inventoryPolicy === "CONTINUE",
    level: level ? { units: level.quantity, atMs: parseLevelTime(level.updatedAt) } : null,
  };
}

/** Source: search syntax, values in double quotes, quotes and backslashes escaped by a backslash. */
function quote(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}
