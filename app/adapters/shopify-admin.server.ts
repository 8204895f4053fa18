import { assert } from "../domain/assert.ts";
import { linesMax } from "../domain/dispatch/packing.ts";
import type { OutgoingDispatch, ShopifyAdmin } from "../loop/ports.ts";

import type { ShopifyGraphql } from "./shopify-graphql.server.ts";
import { readDispatchReply, readLevelsReply } from "./shopify-reply.ts";

/**
 * Adjusts by delta, so that sales that happen meanwhile are kept, and tells each level after it. With
 * `includeInactive`, because an adjustment also reaches a level that was deactivated.
 * Source: inventoryAdjustQuantities, Admin API 2026-10; `@idempotent` is required there.
 */
export const sendDispatchMutation = `#graphql
  mutation SendDispatch($input: InventoryAdjustQuantitiesInput!, $key: String!, $locationId: ID!) {
    inventoryAdjustQuantities(input: $input) @idempotent(key: $key) {
      inventoryAdjustmentGroup {
        changes(quantityNames: ["available"]) {
          item {
            id
            inventoryLevel(locationId: $locationId, includeInactive: true) {
              quantities(names: ["available"]) {
                quantity
                updatedAt
              }
            }
          }
        }
      }
      userErrors {
        field
        code
      }
    }
  }`;

/** A level that was deactivated sells nothing: it reads as null. */
export const readLevelsQuery = `#graphql
  query ReadLevels($ids: [ID!]!, $locationId: ID!) {
    nodes(ids: $ids) {
      ... on InventoryItem {
        id
        inventoryLevel(locationId: $locationId) {
          quantities(names: ["available"]) {
            quantity
            updatedAt
          }
        }
      }
    }
  }`;

/** The Admin API over HTTP. */
export function createShopifyAdmin(graphql: ShopifyGraphql): ShopifyAdmin {
  return {
    async sendDispatch(dispatch) {
      assert(dispatch.lines.length >= 1, "a dispatch has a line");
      assert(dispatch.lines.length <= linesMax, "a dispatch fits one mutation");
      const reply = await graphql.post(dispatch.shopDomain, {
        query: sendDispatchMutation,
        variables: toVariables(dispatch),
      });
      const itemIds = dispatch.lines.map(({ inventoryItemId }) => inventoryItemId);
      return readDispatchReply(reply, itemIds);
    },

    async readLevels({ shopDomain, locationId, inventoryItemIds }) {
      assert(inventoryItemIds.length <= linesMax, "a read fits one query");
      if (inventoryItemIds.length === 0) return { kind: "read", levels: [], bucket: null };
      const reply = await graphql.post(shopDomain, {
        query: readLevelsQuery,
        variables: { ids: inventoryItemIds, locationId },
      });
      return readLevelsReply(reply, inventoryItemIds);
    },
  };
}

/** The same bytes at every attempt: Shopify compares them under the key. */
function toVariables({ id, locationId, lines }: OutgoingDispatch) {
  return {
    key: id,
    locationId,
    input: {
      name: "available",
      reason: "correction",
      referenceDocumentUri: `gid://location-groups/Dispatch/${id}`,
      changes: lines.map(({ inventoryItemId, deltaUnits }) => ({
        inventoryItemId,
        locationId,
        delta: deltaUnits,
        // The field must be present; null asks for no comparison, which a retry could not survive.
        changeFromQuantity: null,
      })),
    },
  };
}
