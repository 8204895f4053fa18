import type { ConfiguredSubscription } from "./app-config.ts";

/** One that was made through the Admin API: it belongs to one store, and is deleted when it keeps failing. */
export type ApiSubscription = ConfiguredSubscription & {
  readonly kind: "WebhookSubscription";
  readonly id: number;
  readonly createdAtMs: number;
  failuresInARow: number;
};

export type Subscription = ConfiguredSubscription | ApiSubscription;

/** Who is told of what: the app's configuration counts in every store, the rest in one. */
export type Subscriptions = {
  readonly find: (shop: string, topic: string) => readonly Subscription[];
  readonly listOfShop: (shop: string) => readonly ApiSubscription[];
  readonly add: (shop: string, subscription: ApiSubscription) => void;
  /** Whether it was there. */
  readonly remove: (shop: string, id: number) => boolean;
};

export function createSubscriptions(configured: readonly ConfiguredSubscription[]): Subscriptions {
  const ofShops = new Map<string, ApiSubscription[]>();
  const listOfShop = (shop: string): readonly ApiSubscription[] => ofShops.get(shop) ?? [];
  return {
    find: (shop, topic) =>
      [...configured, ...listOfShop(shop)].filter((one) => one.topic === topic),
    listOfShop,
    add: (shop, subscription) => {
      ofShops.set(shop, [...listOfShop(shop), subscription]);
    },
    remove: (shop, id) => {
      const kept = listOfShop(shop).filter((one) => one.id !== id);
      const isRemoved = kept.length < listOfShop(shop).length;
      ofShops.set(shop, kept);
      return isRemoved;
    },
  };
}
