/** What the services need of Shopify, as types. An adapter implements it. */
import type { ReadLevel } from "../loop/ports.ts";

export type ShopLocation = {
  /** Admin API gid. */
  readonly id: string;
  readonly name: string;
  readonly isActive: boolean;
};

/** One variant of a shop as one of its locations sells it. Ids are Admin API gids. */
export type ShopListing = {
  readonly sku: string;
  readonly title: string;
  readonly barcode: string | null;
  readonly variantId: string;
  readonly inventoryItemId: string;
  /** Whether Shopify counts the item at all. */
  readonly isTracked: boolean;
  /** Whether the shop goes on selling it when nothing is left. */
  readonly continuesSelling: boolean;
  /** Null when the item is not stocked at the location. */
  readonly level: ReadLevel | null;
};

/** What a shop told, or why it could not be asked: a sentence for the merchant. */
export type CatalogReply<Found> =
  | { readonly kind: "read"; readonly found: readonly Found[] }
  | { readonly kind: "unreachable"; readonly reason: string };

/** Reads a shop's locations and products. Failed reads are tried again within reason. */
export type ShopifyCatalog = {
  /** Every location, inactive ones too. */
  readonly findLocations: (shopDomain: string) => Promise<CatalogReply<ShopLocation>>;
  /**
   * The variants with exactly these SKUs. A SKU that no variant has is absent; one that several
   * variants have comes several times.
   */
  readonly findListings: (request: {
    readonly shopDomain: string;
    readonly locationId: string;
    readonly skus: readonly string[];
  }) => Promise<CatalogReply<ShopListing>>;
};
