import type { Location, Order, Refund, Shop, Variant } from "../world/shop.ts";
import { changeQuantities } from "../world/stock.ts";
import type { QuantityChange } from "../world/stock.ts";
import { newAction, tellObservers } from "../world/world.ts";
import type { Action, World } from "../world/world.ts";
import { routeUnits } from "./routing.ts";
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

/**
 * Cancels what is left of the order. With `restock` its units are for sale again where they came from,
 * and the order has a refund that says so.
 */
export function cancelOrder(
  world: World,
  shop: Shop,
  { order, restock }: { readonly order: Order; readonly restock: boolean },
): void {
  if (order.cancelledAtMs !== null) return;
  const action = newAction();
  const line = order.lines[0]!;
  const quantity = line.currentQuantity;
  order.cancelledAtMs = action.atMs;
  const refund = giveBack(world, order, { quantity, restock, action });
  changeQuantities(world, shop, {
    cause: { kind: "cancel", orderId: order.id },
    changes: restockChanges(order, { quantity, restock }),
    action,
  });
  if (restock && quantity > 0) {
    order.refunds.push(refund);
    tellObservers(world, { kind: "refund-created", shop, action, order, refund });
  }
  tellObservers(world, { kind: "order-cancelled", shop, action, order });
}

/**
 * The merchant adds units to the order's line, or takes units off it, which are for sale again with
 * `restock`. Units that are added are taken whether they are there or not: an edit asks no level.
 *
 * @returns whether the line has so many units to take off.
 */
export function editOrder(
  world: World,
  shop: Shop,
  {
    order,
    deltaUnits,
    restock,
  }: { readonly order: Order; readonly deltaUnits: number; readonly restock: boolean },
): boolean {
  const line = order.lines[0]!;
  const item = shop.variants.get(line.variantId)?.item;
  if (line.currentQuantity + deltaUnits < 0) return false;
  const action = newAction();
  const added = item?.tracked && deltaUnits > 0 ? routeUnits(shop, item, deltaUnits) : [];
  const removed = partsOf(line.takenFrom, Math.max(0, -deltaUnits));
  line.quantity += Math.max(0, deltaUnits);
  line.currentQuantity += deltaUnits;
  line.takenFrom = [...line.takenFrom, ...added];
  order.updatedAtMs = action.atMs;
  changeQuantities(world, shop, {
    cause: { kind: "edit", orderId: order.id },
    changes: [
      ...added.flatMap(({ level, units }): QuantityChange[] => [
        { level, name: "available", deltaUnits: -units },
        { level, name: "committed", deltaUnits: units },
      ]),
      ...removed.flatMap(({ level, units }): QuantityChange[] => [
        { level, name: "available", deltaUnits: restock ? units : 0 },
        { level, name: "committed", deltaUnits: -units },
      ]),
    ],
    action,
  });
  tellObservers(world, { kind: "order-edited", shop, action, order, deltaUnits });
  return true;
}

/** Refunds so many units of the order's line; null when it does not have so many left. */
export function refundOrder(
  world: World,
  shop: Shop,
  {
    order,
    quantity,
    restock,
  }: { readonly order: Order; readonly quantity: number; readonly restock: boolean },
): Refund | null {
  if (order.lines[0]!.currentQuantity < quantity || quantity < 1) return null;
  const action = newAction();
  const refund = giveBack(world, order, { quantity, restock, action });
  order.refunds.push(refund);
  changeQuantities(world, shop, {
    cause: { kind: "refund", orderId: order.id },
    changes: restockChanges(order, { quantity, restock }),
    action,
  });
  tellObservers(world, { kind: "refund-created", shop, action, order, refund });
  return refund;
}

/** Takes the units off the order's line. */
function giveBack(
  world: World,
  order: Order,
  {
    quantity,
    restock,
    action,
  }: { readonly quantity: number; readonly restock: boolean; readonly action: Action },
): Refund {
  const line = order.lines[0]!;
  line.currentQuantity -= quantity;
  order.updatedAtMs = action.atMs;
  const id = firstRefundId + world.nextNumber("refund");
  // Nothing of a web order is fulfilled here: what goes back was never sent.
  const given = order.source === "pos" ? "return" : "cancel";
  return {
    kind: "Refund",
    id,
    createdAtMs: action.atMs,
    lines: [
      {
        id,
        line,
        quantity,
        restockType: restock ? given : "no_restock",
        locationId: restock
          ? (partsOf(line.takenFrom, quantity)[0]?.level.location.id ?? null)
          : null,
      },
    ],
  };
}

function restockChanges(
  order: Order,
  { quantity, restock }: { readonly quantity: number; readonly restock: boolean },
): readonly QuantityChange[] {
  return partsOf(order.lines[0]!.takenFrom, quantity).flatMap(({ level, units }) => [
    { level, name: "available", deltaUnits: restock ? units : 0 },
    { level, name: "committed", deltaUnits: order.source === "pos" ? 0 : -units },
  ]);
}

/** The levels that so many units of a line go back to, the last taken first. */
function partsOf(takenFrom: readonly RoutedUnits[], units: number): readonly RoutedUnits[] {
  const parts: RoutedUnits[] = [];
  let missing = units;
  for (const { level, units: taken } of takenFrom.toReversed()) {
    const part = Math.min(missing, taken);
    if (part > 0) parts.push({ level, units: part });
    missing -= part;
  }
  return parts;
}
