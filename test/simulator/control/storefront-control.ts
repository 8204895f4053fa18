import type { Simulation } from "../simulation.ts";
import { startCheckout } from "../storefront/checkout.ts";
import { cancelOrder, editOrder, refundOrder, sellAtCounter } from "../storefront/orders.ts";
import type { Order, Shop } from "../world/shop.ts";
import type { Control } from "./contract.ts";
import { getLocation, getShop, getVariant } from "./find.ts";

type StorefrontControl = Pick<
  Control,
  | "purchase"
  | "posSale"
  | "cancelOrder"
  | "editOrder"
  | "refund"
  | "startShoppers"
  | "shopperProgress"
  | "waitForShoppers"
>;

/** What shoppers do, and the merchant with their orders. */
export function storefrontControl(
  current: () => Simulation,
  waitUntil: (isDone: () => boolean, withinMs: number) => Promise<boolean>,
): StorefrontControl {
  const findOrder = (shop: Shop, orderId: number): Order => {
    const order = shop.orders.get(orderId);
    if (!order) throw new Error(`${shop.domain} has no order ${orderId}.`);
    return order;
  };

  return {
    purchase: async ({ shop: domain, sku, ...wish }) => {
      const simulation = current();
      const shop = getShop(simulation.world, domain);
      const variant = getVariant(shop, sku);
      const checkout = startCheckout(simulation.world, shop, { ...wish, variant });
      if (checkout.kind === "sold-out") return { kind: "sold-out" };
      simulation.purchasesInPayment += 1;
      const order = await checkout.finished;
      simulation.purchasesInPayment -= 1;
      return order ? { kind: "bought", orderId: order.id } : { kind: "failed" };
    },
    posSale: ({ shop: domain, sku, location: name, quantity }) => {
      const { world } = current();
      const shop = getShop(world, domain);
      const variant = getVariant(shop, sku);
      const location = getLocation(shop, name);
      return { orderId: sellAtCounter(world, shop, { variant, location, quantity }).id };
    },
    cancelOrder: ({ shop: domain, orderId, restock }) => {
      const { world } = current();
      const shop = getShop(world, domain);
      cancelOrder(world, shop, { order: findOrder(shop, orderId), restock });
      return null;
    },
    editOrder: ({ shop: domain, orderId, ...edit }) => {
      const { world } = current();
      const shop = getShop(world, domain);
      const order = findOrder(shop, orderId);
      if (!editOrder(world, shop, { ...edit, order })) {
        throw new Error(`Order ${orderId} has no ${-edit.deltaUnits} units to take off.`);
      }
      return null;
    },
    refund: ({ shop: domain, orderId, quantity, restock }) => {
      const { world } = current();
      const shop = getShop(world, domain);
      const order = findOrder(shop, orderId);
      const refund = refundOrder(world, shop, { order, quantity, restock });
      if (!refund) throw new Error(`Order ${orderId} has no ${quantity} units left to refund.`);
      return { refundId: refund.id };
    },
    startShoppers: ({ shoppers }) => {
      const simulation = current();
      simulation.shoppers.start(shoppers ?? simulation.world.scenario.shoppers);
      return simulation.shoppers.progress();
    },
    shopperProgress: () => current().shoppers.progress(),
    waitForShoppers: async ({ withinMs }) => {
      await waitUntil(() => current().shoppers.isDone(), withinMs);
      return current().shoppers.progress();
    },
  };
}
