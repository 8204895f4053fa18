import type { HistoryEvent, SimulatorStats } from "../history.ts";
import type { TokenGrant } from "../identity/installations.ts";
import type { ShopperProgress } from "../storefront/shoppers.ts";
import type { Measurement } from "./measure.ts";

export type ShopSummary = {
  readonly domain: string;
  readonly name: string;
  readonly isInstalled: boolean;
  /** Ids are gids. */
  readonly locations: readonly { readonly id: string; readonly name: string }[];
  readonly variants: readonly {
    readonly variantId: string;
    readonly productId: string;
    readonly inventoryItemId: string;
    readonly sku: string;
    readonly title: string;
  }[];
};

export type LevelSummary = {
  readonly available: number;
  readonly committed: number;
  readonly onHand: number;
  /** Units that payments in progress hold; no API of Shopify's tells them. */
  readonly heldUnits: number;
  readonly isActive: boolean;
  readonly updatedAtMs: number;
};

export type PurchaseResult =
  | { readonly kind: "bought"; readonly orderId: number }
  | { readonly kind: "sold-out" }
  | { readonly kind: "failed" };

/** What the control API answers, by the name of the request. */
export type ControlOutputs = {
  readonly loadScenario: null;
  readonly reseed: null;
  readonly setFaults: null;
  readonly shops: readonly ShopSummary[];
  readonly stats: SimulatorStats;
  readonly history: readonly HistoryEvent[];
  readonly quiet: { readonly isQuiet: boolean };
  /** Null: the item is not stocked there. */
  readonly level: LevelSummary | null;
  readonly setStock: LevelSummary;
  readonly adjust: LevelSummary;
  readonly setVariant: null;
  readonly setLocationActive: null;
  readonly deleteLocation: null;
  readonly connect: LevelSummary;
  readonly disconnect: null;
  readonly deleteProduct: null;
  readonly purchase: PurchaseResult;
  readonly posSale: { readonly orderId: number };
  readonly cancelOrder: null;
  readonly editOrder: null;
  readonly refund: { readonly refundId: number };
  readonly startShoppers: ShopperProgress;
  readonly shopperProgress: ShopperProgress;
  readonly waitForShoppers: ShopperProgress;
  readonly measure: Measurement;
  readonly measurement: Measurement;
  readonly stopMeasure: Measurement;
  readonly sessionToken: { readonly token: string };
  readonly install: TokenGrant;
  readonly uninstall: null;
  readonly revokeTokens: null;
  readonly expireTokens: null;
  readonly sendWebhook: null;
};
