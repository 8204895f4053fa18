import type { Order, Shop, Variant } from "../world/shop.ts";
import { tellObservers } from "../world/world.ts";
import type { World } from "../world/world.ts";
import { createOrder } from "./orders.ts";
import { routeUnits, sellableUnits } from "./routing.ts";
import type { RoutedUnits } from "./routing.ts";

/**
 * What a shopper does after "Complete purchase". `fail` and `abandon` end alike for the stock: the hold
 * is released when `paymentMs` are over.
 */
export type PaymentOutcome = "pay" | "fail" | "abandon";

export type Checkout =
  | { readonly kind: "sold-out" }
  /** Resolves when the payment is over: with the order, or null when it failed. */
  | { readonly kind: "paying"; readonly finished: Promise<Order | null> };

/**
 * A shopper starts to pay. The store admits the payment if the units are there, in one step, and holds
 * them while it lasts; the hold shows in no API. A payment that succeeds is deducted from `available`
 * whatever the level is by then, so that a level lowered in the meantime goes below zero.
 *
 * Source: Shopify's "Scaling inventory reservations"; reservation at payment, claim at its success.
 */
export function startCheckout(
  world: World,
  shop: Shop,
  {
    variant,
    quantity,
    paymentMs,
    outcome,
  }: {
    readonly variant: Variant;
    readonly quantity: number;
    readonly paymentMs: number;
    readonly outcome: PaymentOutcome;
  },
): Checkout {
  const { item } = variant;
  const isGuarded = item.tracked && variant.policy === "deny";
  if (isGuarded && sellableUnits(item) < quantity) {
    tellObservers(world, { kind: "purchase-refused", shop, item, units: quantity });
    return { kind: "sold-out" };
  }
  const route = item.tracked ? routeUnits(shop, item, quantity) : [];
  const finish = (): Order | null => {
    // Before the order tells anybody: the units are never counted twice, nor not at all.
    addToHolds(route, -1);
    if (outcome === "pay") {
      return createOrder(world, shop, { variant, quantity, takenFrom: route, source: "web" });
    }
    tellObservers(world, { kind: "holds-changed", shop, item });
    return null;
  };
  addToHolds(route, 1);
  if (paymentMs <= 0) return { kind: "paying", finished: Promise.resolve(finish()) };

  tellObservers(world, { kind: "holds-changed", shop, item });
  return { kind: "paying", finished: world.timers.pause(paymentMs).then(finish) };
}

function addToHolds(route: readonly RoutedUnits[], sign: 1 | -1): void {
  for (const { level, units } of route) level.heldUnits += sign * units;
}
