import type { Location, Order, Refund, Shop, Variant } from "../world/shop.ts";
import { changeQuantities } from "../world/stock.ts";
import type { QuantityChange } from "../world/stock.ts";
import { newAction, tellObservers } from "../world/world.ts";
import type { World } from "../world/world.ts";
import type { RoutedUnits } from "./routing.ts";

const firstOrderId = 5_600_000_000_000;
const firstLineId = 13_900_000_000_000;
const firstRefundId = 930_000_000_000;
const firstOrderNumber = 1_000;

/** The order exists from here on: its units leave `available` for `committed`, and both sorts of webhook go out. */
export function createOrder(
  world: World,
  shop: Shop,
  {
    variant,
    quantity,
    takenFrom,
    source,
    locationId = null,
  }: {
    readonly variant: Variant;
    readonly quantity: number;
    readonly takenFrom: readonly RoutedUnits[];
    readonly source: Order["source"];
    readonly locationId?: number | null;
  },
): Order {
  const action = newAction();
  const product = shop.products.get(variant.productId);
  const number = world.nextNumber("order");
  const order: Order = {
    kind: "Order",
    id: firstOrderId + number,
    number: firstOrderNumber + world.nextNumber(`order/${shop.domain}`),
    source,
    locationId,
    lines: [
      {
        kind: "LineItem",
        id: firstLineId + number,
        variantId: variant.id,
        productId: variant.productId,
        sku: variant.sku,
        title: product?.title ?? variant.sku,
        price: variant.price,
        quantity,
        currentQuantity: quantity,
        takenFrom,
      },
    ],
    refunds: [],
    createdAtMs: action.atMs,
    updatedAtMs: action.atMs,
    cancelledAtMs: null,
  };
  shop.orders.set(order.id, order);
  changeQuantities(world, shop, {
    cause: { kind: source === "pos" ? "pos" : "order", orderId: order.id },
    // A POS sale hands the goods over: nothing is left to commit.
    changes: takenFrom.flatMap(({ level, units }): QuantityChange[] => [
      { level, name: "available", deltaUnits: -units },
      { level, name: "committed", deltaUnits: source === "pos" ? 0 : units },
    ]),
    action,
  });
  tellObservers(world, { kind: "order-created", shop, action, order });
  return order;
}

/** A sale at the counter. It looks at no level. */
export function sellAtCounter(
  world: World,
  shop: Shop,
  {
    variant,
    quantity,
    location,
  }: { readonly variant: Variant; readonly quantity: number; readonly location: Location },
): Order {
  const level = variant.item.tracked ? variant.item.levels.get(location.id) : undefined;
  return createOrder(world, shop, {
    variant,
    quantity,
    takenFrom: level ? [{ level, units: quantity }] : [],
    source: "pos",
    locationId: location.id,
  });
}

/** Cancels what is left of the order. With `restock` its units are for sale again where they came from. */
export function cancelOrder(
  world: World,
  shop: Shop,
  { order, restock }: { readonly order: Order; readonly restock: boolean },
): void {
  if (order.cancelledAtMs !== null) return;
  const action = newAction();
  order.cancelledAtMs = action.atMs;
  order.updatedAtMs = action.atMs;
  const changes = order.lines.flatMap((line) => {
    const units = line.currentQuantity;
    line.currentQuantity = 0;
    return givenBack(line.takenFrom, units).flatMap(({ level, units: part }): QuantityChange[] => [
      { level, name: "available", deltaUnits: restock ? part : 0 },
      { level, name: "committed", deltaUnits: order.source === "pos" ? 0 : -part },
    ]);
  });
  changeQuantities(world, shop, { cause: { kind: "cancel", orderId: order.id }, changes, action });
  tellObservers(world, { kind: "order-cancelled", shop, action, order });
}

/** Refunds so many units of the order's first line; null when it does not have so many left. */
export function refundOrder(
  world: World,
  shop: Shop,
  {
    order,
    quantity,
    restock,
  }: { readonly order: Order; readonly quantity: number; readonly restock: boolean },
): Refund | null {
  const line = order.lines[0];
  if (!line || line.currentQuantity < quantity || quantity < 1) return null;
  const action = newAction();
  line.currentQuantity -= quantity;
  order.updatedAtMs = action.atMs;
  const parts = givenBack(line.takenFrom, quantity);
  const number = world.nextNumber("refund");
  const refund: Refund = {
    kind: "Refund",
    id: firstRefundId + number,
    createdAtMs: action.atMs,
    lines: [
      {
        id: firstRefundId + number,
        line,
        quantity,
        restock,
        locationId: parts[0]?.level.location.id ?? null,
      },
    ],
  };
  order.refunds.push(refund);
  changeQuantities(world, shop, {
    cause: { kind: "refund", orderId: order.id },
    changes: parts.flatMap(({ level, units }): QuantityChange[] => [
      { level, name: "available", deltaUnits: restock ? units : 0 },
      { level, name: "committed", deltaUnits: order.source === "pos" ? 0 : -units },
    ]),
    action,
  });
  tellObservers(world, { kind: "refund-created", shop, action, order, refund });
  return refund;
}

/** The levels that so many units of a line go back to, the last taken first. */
function givenBack(takenFrom: readonly RoutedUnits[], units: number): readonly RoutedUnits[] {
  const parts: RoutedUnits[] = [];
  let missing = units;
  for (const { level, units: taken } of takenFrom.toReversed()) {
    const part = Math.min(missing, taken);
    if (part > 0) parts.push({ level, units: part });
    missing -= part;
  }
  return parts;
}
