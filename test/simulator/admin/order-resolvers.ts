import { toGid } from "../world/gid.ts";
import type { Order, OrderLine, Refund } from "../world/shop.ts";
import { toIsoSeconds } from "../world/time.ts";
import { financialStatus } from "../webhooks/payloads.ts";
import { toConnection } from "./connection.ts";
import type { PageArguments } from "./connection.ts";
import type { AdminContext, TypeResolvers } from "./resolver.ts";

/** Orders as far as stock is concerned. */
export const orderResolvers: Readonly<Record<string, TypeResolvers>> = {
  Order: {
    id: ({ id }: Order) => toGid("Order", id),
    legacyResourceId: ({ id }: Order) => String(id),
    name: ({ number }: Order) => `#${number}`,
    createdAt: ({ createdAtMs }: Order) => toIsoSeconds(createdAtMs),
    processedAt: ({ createdAtMs }: Order) => toIsoSeconds(createdAtMs),
    updatedAt: ({ updatedAtMs }: Order) => toIsoSeconds(updatedAtMs),
    cancelledAt: ({ cancelledAtMs }: Order) =>
      cancelledAtMs === null ? null : toIsoSeconds(cancelledAtMs),
    sourceName: ({ source }: Order) => source,
    displayFinancialStatus: (order: Order) => financialStatus(order).toUpperCase(),
    displayFulfillmentStatus: ({ source }: Order) =>
      source === "pos" ? "FULFILLED" : "UNFULFILLED",
    retailLocation: ({ locationId }: Order, _args: unknown, { shop }: AdminContext) =>
      shop.locations.find(({ id }) => id === locationId) ?? null,
    lineItems: ({ lines }: Order, args: PageArguments) => toConnection(lines, args, ({ id }) => id),
    refunds: ({ refunds }: Order, { first }: { readonly first?: number | null }) =>
      refunds.slice(0, first ?? undefined),
  },
  LineItem: {
    id: ({ id }: OrderLine) => toGid("LineItem", id),
    sku: ({ sku }: OrderLine) => sku,
    title: ({ title }: OrderLine) => title,
    name: ({ title }: OrderLine) => title,
    quantity: ({ quantity }: OrderLine) => quantity,
    currentQuantity: ({ currentQuantity }: OrderLine) => currentQuantity,
    variant: ({ variantId }: OrderLine, _args: unknown, { shop }: AdminContext) =>
      shop.variants.get(variantId) ?? null,
    product: ({ productId }: OrderLine, _args: unknown, { shop }: AdminContext) =>
      shop.products.get(productId) ?? null,
  },
  Refund: {
    id: ({ id }: Refund) => toGid("Refund", id),
    createdAt: ({ createdAtMs }: Refund) => toIsoSeconds(createdAtMs),
    refundLineItems: ({ lines }: Refund, args: PageArguments) =>
      toConnection(
        lines.map((line) => ({ kind: "RefundLineItem", ...line })),
        args,
        ({ id }) => id,
      ),
  },
  RefundLineItem: {
    quantity: ({ quantity }: Refund["lines"][number]) => quantity,
    lineItem: ({ line }: Refund["lines"][number]) => line,
    restocked: ({ locationId }: Refund["lines"][number]) => locationId !== null,
    restockType: ({ restockType }: Refund["lines"][number]) => restockType.toUpperCase(),
    location: ({ locationId }: Refund["lines"][number], _args: unknown, { shop }: AdminContext) =>
      shop.locations.find(({ id }) => id === locationId) ?? null,
  },
};
