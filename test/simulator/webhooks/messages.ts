import { toGid } from "../world/gid.ts";
import type { Shop } from "../world/shop.ts";
import type { Action, WorldEvent } from "../world/world.ts";
import {
  disconnectedLevelPayload,
  itemPayload,
  levelPayload,
  locationPayload,
  orderEditPayload,
  orderPayload,
  productPayload,
  refundPayload,
  shopPayload,
} from "./payloads.ts";

/** What a subscriber of the topic is told; the body is put together when it is sent. */
export type Message = {
  readonly topic: string;
  readonly shop: Shop;
  /** For the history; null when it is about no single product. */
  readonly sku: string | null;
  readonly action: Action;
  readonly assemble: () => object;
};

/** The messages that an event of the world causes, in Shopify's topics. */
export function messagesOf(event: WorldEvent): readonly Message[] {
  if (event.kind === "holds-changed" || event.kind === "purchase-refused") return [];
  const { shop, action } = event;
  const message = (topic: string, sku: string | null, assemble: () => object): Message => ({
    topic,
    shop,
    sku,
    action,
    assemble,
  });
  const skuOfItem = (variantId: number): string => shop.variants.get(variantId)?.sku ?? "";

  switch (event.kind) {
    case "levels-changed":
      return event.effects.map(({ level }) =>
        message("inventory_levels/update", skuOfItem(level.item.variantId), () =>
          levelPayload(level),
        ),
      );
    case "level-connected":
      return [
        message("inventory_levels/connect", skuOfItem(event.level.item.variantId), () =>
          levelPayload(event.level),
        ),
      ];
    case "level-disconnected":
      return [
        message("inventory_levels/disconnect", skuOfItem(event.level.item.variantId), () =>
          disconnectedLevelPayload(event.level),
        ),
      ];
    case "order-created":
    case "order-cancelled": {
      const { order } = event;
      const sku = order.lines[0]?.sku ?? null;
      const topics =
        event.kind === "order-created"
          ? ["orders/create", "orders/paid"]
          : ["orders/cancelled", "orders/updated"];
      return topics.map((topic) => message(topic, sku, () => orderPayload(order)));
    }
    case "order-edited": {
      const { order, deltaUnits } = event;
      const sku = order.lines[0]?.sku ?? null;
      return [
        message("orders/edited", sku, () => orderEditPayload(order, deltaUnits, action.atMs)),
        message("orders/updated", sku, () => orderPayload(order)),
      ];
    }
    case "refund-created": {
      const { order, refund } = event;
      const sku = refund.lines[0]?.line.sku ?? null;
      return [
        message("refunds/create", sku, () => refundPayload(order, refund)),
        message("orders/updated", sku, () => orderPayload(order)),
      ];
    }
    case "product-updated":
      return [message("products/update", null, () => productPayload(event.product))];
    case "product-deleted":
      return [
        message("products/delete", null, () => ({ id: event.product.id })),
        ...event.product.variants.map(({ item, sku }) =>
          message("inventory_items/delete", sku, () => ({
            id: item.id,
            admin_graphql_api_id: toGid("InventoryItem", item.id),
          })),
        ),
      ];
    case "item-updated": {
      const sku = skuOfItem(event.item.variantId);
      return [message("inventory_items/update", sku, () => itemPayload(event.item, sku))];
    }
    case "location-switched": {
      const { location } = event;
      const topics = [location.isActive ? "locations/activate" : "locations/deactivate"];
      return [...topics, "locations/update"].map((topic) =>
        message(topic, null, () => locationPayload(location)),
      );
    }
    case "location-deleted":
      return [message("locations/delete", null, () => ({ id: event.location.id }))];
    case "app-uninstalled":
      return [message("app/uninstalled", null, () => shopPayload(shop))];
  }
}
