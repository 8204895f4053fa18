import { request as startRequest } from "node:http";

import type { SimulatorClient } from "./client.ts";

export type GraphqlReply = {
  readonly status: number;
  /** `data`, `errors` and `extensions` as they came. */
  readonly body: Readonly<Record<string, unknown>>;
};

/** The Admin API of one shop, as an app that is installed there reaches it. */
export type AdminConnection = {
  readonly accessToken: string;
  readonly locationId: string;
  readonly itemIdOf: (sku: string) => string;
  /** Rejects when the connection breaks before an answer came. */
  readonly graphql: (query: string, variables?: object) => Promise<GraphqlReply>;
};

/** Installs the app in the shop, and speaks to its Admin API. For tests that have no app. */
export async function connectAdmin(
  client: SimulatorClient,
  shop: string,
): Promise<AdminConnection> {
  const grant = await client.install({ shop });
  const summary = (await client.shops()).find(({ domain }) => domain === shop)!;
  return {
    accessToken: grant.access_token,
    locationId: summary.locations[0]!.id,
    itemIdOf: (sku) => summary.variants.find((variant) => variant.sku === sku)!.inventoryItemId,
    graphql: (query, variables = {}) =>
      postJson(new URL("/admin/api/2026-10/graphql.json", client.url), {
        headers: { "x-shopify-sim-host": shop, "x-shopify-access-token": grant.access_token },
        body: { query, variables },
      }),
  };
}

/** One request on a connection of its own, so that what breaks it concerns no other. */
export function postJson(
  url: URL,
  { headers, body }: { readonly headers: Readonly<Record<string, string>>; readonly body: object },
): Promise<GraphqlReply> {
  return new Promise((resolve, reject) => {
    const outgoing = startRequest(url, {
      method: "POST",
      agent: false,
      headers: { ...headers, "content-type": "application/json" },
    });
    outgoing.on("error", reject);
    outgoing.on("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        resolve({
          status: response.statusCode ?? 0,
          body: JSON.parse(Buffer.concat(chunks).toString("utf8")) as Record<string, unknown>,
        });
      });
    });
    outgoing.end(JSON.stringify(body));
  });
}

/** An adjustment such as the one that an app of this kind sends most. */
export const adjustMutation = `
  mutation Adjust($input: InventoryAdjustQuantitiesInput!, $key: String!, $locationId: ID!) {
    inventoryAdjustQuantities(input: $input) @idempotent(key: $key) {
      inventoryAdjustmentGroup {
        changes(quantityNames: ["available"]) {
          delta
          item { id inventoryLevel(locationId: $locationId, includeInactive: true) {
            quantities(names: ["available"]) { quantity updatedAt }
          } }
        }
      }
      userErrors { field code message }
    }
  }`;

/** The variables of `adjustMutation`: one row for each delta. */
export function adjustVariables(
  { locationId }: Pick<AdminConnection, "locationId">,
  {
    key,
    changes,
  }: {
    readonly key: string;
    readonly changes: readonly {
      readonly itemId: string;
      readonly deltaUnits: number;
      readonly from?: number | null;
    }[];
  },
): object {
  return {
    key,
    locationId,
    input: {
      name: "available",
      reason: "correction",
      changes: changes.map(({ itemId, deltaUnits, from = null }) => ({
        inventoryItemId: itemId,
        locationId,
        delta: deltaUnits,
        changeFromQuantity: from,
      })),
    },
  };
}
