import { toGid, toLevelGid } from "../world/gid.ts";
import type {
  Item,
  Level,
  Location,
  Order,
  OrderLine,
  Product,
  Refund,
  Shop,
} from "../world/shop.ts";
import { availableUnits } from "../world/shop.ts";
import { toIsoSeconds } from "../world/time.ts";

/**
 * Bodies of webhooks. Each is put together when the message is sent, not when the change happened, so
 * that two quick changes may produce two messages with the same level.
 *
 * An order is the part of Shopify's payload that concerns stock; names, addresses and prices of buyers
 * do not exist here.
 */
export function levelPayload(level: Level): object {
  return {
    inventory_item_id: level.item.id,
    location_id: level.location.id,
    available: level.item.tracked ? level.quantities.available : null,
    updated_at: toIsoSeconds(level.updatedAtMs),
    admin_graphql_api_id: toLevelGid(level.location.levelNumber, level.item.id),
  };
}

export function disconnectedLevelPayload(level: Level): object {
  return { inventory_item_id: level.item.id, location_id: level.location.id };
}

export function orderPayload(order: Order): object {
  const total = order.lines.reduce((sum, { price, quantity }) => sum + Number(price) * quantity, 0);
  return {
    id: order.id,
    admin_graphql_api_id: toGid("Order", order.id),
    app_id: null,
    cancel_reason: order.cancelledAtMs === null ? null : "other",
    cancelled_at: order.cancelledAtMs === null ? null : toIsoSeconds(order.cancelledAtMs),
    confirmed: true,
    created_at: toIsoSeconds(order.createdAtMs),
    currency: "USD",
    financial_status: financialStatus(order),
    fulfillment_status: null,
    fulfillments: [],
    line_items: order.lines.map(linePayload),
    location_id: order.locationId,
    name: `#${order.number}`,
    number: order.number - 1_000,
    order_number: order.number,
    processed_at: toIsoSeconds(order.createdAtMs),
    refunds: order.refunds.map((refund) => refundPayload(order, refund)),
    source_name: order.source,
    subtotal_price: total.toFixed(2),
    test: true,
    total_price: total.toFixed(2),
    updated_at: toIsoSeconds(order.updatedAtMs),
  };
}

/** An edit names lines and by how many units they grew or shrank; neither variants nor items. */
export function orderEditPayload(order: Order, deltaUnits: number, atMs: number): object {
  const lines = order.lines.map(({ id }) => ({ id, delta: Math.abs(deltaUnits) }));
  return {
    order_edit: {
      id: Math.floor(atMs),
      app_id: null,
      order_id: order.id,
      created_at: toIsoSeconds(atMs),
      committed_at: toIsoSeconds(atMs),
      notify_customer: false,
      staff_note: null,
      line_items: {
        additions: deltaUnits > 0 ? lines : [],
        removals: deltaUnits < 0 ? lines : [],
      },
    },
  };
}

export function financialStatus(order: Order): "paid" | "partially_refunded" | "refunded" {
  if (order.refunds.length === 0) return "paid";
  return order.lines.every(({ currentQuantity }) => currentQuantity === 0)
    ? "refunded"
    : "partially_refunded";
}

function linePayload(line: OrderLine): object {
  return {
    id: line.id,
    admin_graphql_api_id: toGid("LineItem", line.id),
    current_quantity: line.currentQuantity,
    fulfillable_quantity: line.currentQuantity,
    fulfillment_service: "manual",
    fulfillment_status: null,
    gift_card: false,
    name: line.title,
    price: line.price,
    product_exists: true,
    product_id: line.productId,
    properties: [],
    quantity: line.quantity,
    requires_shipping: true,
    sku: line.sku,
    title: line.title,
    variant_id: line.variantId,
    variant_inventory_management: line.takenFrom.length > 0 ? "shopify" : null,
    variant_title: null,
  };
}

export function refundPayload(order: Order, refund: Refund): object {
  return {
    id: refund.id,
    admin_graphql_api_id: toGid("Refund", refund.id),
    order_id: order.id,
    created_at: toIsoSeconds(refund.createdAtMs),
    processed_at: toIsoSeconds(refund.createdAtMs),
    note: null,
    restock: refund.lines.some(({ locationId }) => locationId !== null),
    refund_line_items: refund.lines.map(({ id, line, quantity, restockType, locationId }) => ({
      id,
      line_item_id: line.id,
      location_id: locationId,
      quantity,
      restock_type: restockType,
      line_item: linePayload(line),
    })),
    transactions: [],
  };
}

export function productPayload(product: Product): object {
  return {
    id: product.id,
    admin_graphql_api_id: toGid("Product", product.id),
    title: product.title,
    handle: product.handle,
    status: "active",
    created_at: toIsoSeconds(product.createdAtMs),
    updated_at: toIsoSeconds(product.updatedAtMs),
    variants: product.variants.map((variant) => ({
      id: variant.id,
      admin_graphql_api_id: toGid("ProductVariant", variant.id),
      product_id: product.id,
      title: variant.title,
      sku: variant.sku,
      barcode: variant.barcode,
      price: variant.price,
      inventory_item_id: variant.item.id,
      inventory_policy: variant.policy,
      inventory_quantity: availableUnits(variant.item),
      updated_at: toIsoSeconds(variant.updatedAtMs),
    })),
  };
}

export function itemPayload(item: Item, sku: string): object {
  return {
    id: item.id,
    admin_graphql_api_id: toGid("InventoryItem", item.id),
    sku,
    tracked: item.tracked,
    requires_shipping: true,
    created_at: toIsoSeconds(item.createdAtMs),
    updated_at: toIsoSeconds(item.updatedAtMs),
  };
}

export function locationPayload({ id, name, isActive, ...dates }: Location): object {
  return {
    id,
    admin_graphql_api_id: toGid("Location", id),
    name,
    active: isActive,
    legacy: false,
    created_at: toIsoSeconds(dates.createdAtMs),
    updated_at: toIsoSeconds(dates.updatedAtMs),
  };
}

export function shopPayload(shop: Shop): object {
  return {
    id: shop.id,
    name: shop.name,
    domain: shop.domain,
    myshopify_domain: shop.domain,
    created_at: toIsoSeconds(shop.createdAtMs),
  };
}
