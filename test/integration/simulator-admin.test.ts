import { expect, onTestFinished, test } from "vitest";

import { Scenario } from "#test/scenarios/scenario.ts";
import { createSimulatorClient } from "#test/simulator/client.ts";
import type { SimulatorClient } from "#test/simulator/client.ts";
import {
  adjustMutation,
  adjustVariables,
  connectAdmin,
  postJson,
} from "#test/simulator/connect.ts";
import type { AdminConnection } from "#test/simulator/connect.ts";
import { startSimulator } from "#test/simulator/simulator.ts";
import type { SimulatorOptions } from "#test/simulator/simulator.ts";
import { waitFor } from "#test/support/wait-for.ts";

const shop = "store-1.myshopify.com";
const identity = { apiKey: "the-key", apiSecret: "the-secret" };

type Given = Omit<Partial<SimulatorOptions>, "scenario"> & {
  readonly scenario?: object;
};

async function givenStore({ scenario = {}, ...options }: Given = {}): Promise<{
  readonly client: SimulatorClient;
  readonly admin: AdminConnection;
}> {
  const simulator = await startSimulator({
    ...identity,
    appUrls: [],
    ...options,
    scenario: Scenario.parse({
      name: "test",
      shops: [{ domain: shop }],
      products: [
        { sku: "A", stock: { [shop]: 5 } },
        { sku: "B", stock: { [shop]: 1 } },
      ],
      ...scenario,
    }),
  });
  const client = createSimulatorClient(simulator.url);
  onTestFinished(async () => {
    client.close();
    await simulator.stop();
  });
  return { client, admin: await connectAdmin(client, shop) };
}

const userErrorsOf = (body: Readonly<Record<string, unknown>>): unknown =>
  (body.data as { inventoryAdjustQuantities: { userErrors: unknown } }).inventoryAdjustQuantities
    .userErrors;

test("a delta lowers a level below zero, and its answer tells the level after it", async () => {
  const { admin, client } = await givenStore();

  const { body } = await admin.graphql(
    adjustMutation,
    adjustVariables(admin, {
      key: "key-1",
      changes: [{ itemId: admin.itemIdOf("A"), deltaUnits: -7 }],
    }),
  );

  expect(body.data).toMatchObject({
    inventoryAdjustQuantities: {
      inventoryAdjustmentGroup: {
        changes: [{ delta: -7, item: { inventoryLevel: { quantities: [{ quantity: -2 }] } } }],
      },
      userErrors: [],
    },
  });
  expect(await client.level({ shop, sku: "A" })).toMatchObject({ available: -2, onHand: -2 });
});

test("the same key and parameters are applied once, and answered again from the present state", async () => {
  const { admin, client } = await givenStore();
  const variables = adjustVariables(admin, {
    key: "key-1",
    changes: [{ itemId: admin.itemIdOf("A"), deltaUnits: -1 }],
  });
  await admin.graphql(adjustMutation, variables);
  await client.setStock({ shop, sku: "A", units: 40 });

  const { body } = await admin.graphql(adjustMutation, variables);

  expect(body.data).toMatchObject({
    inventoryAdjustQuantities: {
      inventoryAdjustmentGroup: {
        changes: [{ delta: -1, item: { inventoryLevel: { quantities: [{ quantity: 40 }] } } }],
      },
    },
  });
});

test("a key with other parameters is refused", async () => {
  const { admin, client } = await givenStore();
  const send = (deltaUnits: number) =>
    admin.graphql(
      adjustMutation,
      adjustVariables(admin, {
        key: "key-1",
        changes: [{ itemId: admin.itemIdOf("A"), deltaUnits }],
      }),
    );
  await send(-1);

  const { body } = await send(-2);

  expect(userErrorsOf(body)).toEqual([
    expect.objectContaining({ code: "IDEMPOTENCY_KEY_PARAMETER_MISMATCH", field: null }),
  ]);
  expect(await client.level({ shop, sku: "A" })).toMatchObject({ available: 4 });
});

test("a key whose first request is still running is refused, and works when that is over", async () => {
  const { admin, client } = await givenStore({ scenario: { latency: { apiMs: 200 } } });
  const variables = adjustVariables(admin, {
    key: "key-1",
    changes: [{ itemId: admin.itemIdOf("A"), deltaUnits: -1 }],
  });

  const replies = await Promise.all([
    admin.graphql(adjustMutation, variables),
    admin.graphql(adjustMutation, variables),
  ]);
  const later = await admin.graphql(adjustMutation, variables);

  const codes = replies.map(({ body }) => userErrorsOf(body));
  expect(codes).toContainEqual([
    expect.objectContaining({ code: "IDEMPOTENCY_CONCURRENT_REQUEST" }),
  ]);
  expect(codes).toContainEqual([]);
  expect(userErrorsOf(later.body)).toEqual([]);
  expect(await client.level({ shop, sku: "A" })).toMatchObject({ available: 4 });
});

test("one refused row keeps all rows from being applied", async () => {
  const { admin, client } = await givenStore();

  const { body } = await admin.graphql(
    adjustMutation,
    adjustVariables(admin, {
      key: "key-1",
      changes: [
        { itemId: admin.itemIdOf("A"), deltaUnits: -1 },
        { itemId: admin.itemIdOf("B"), deltaUnits: -1, from: 7 },
      ],
    }),
  );

  expect(userErrorsOf(body)).toEqual([
    {
      field: ["input", "changes", "1", "changeFromQuantity"],
      code: "CHANGE_FROM_QUANTITY_STALE",
      message: "The changeFromQuantity argument no longer matches the persisted quantity.",
    },
  ]);
  expect(await client.level({ shop, sku: "A" })).toMatchObject({ available: 5 });
});

test("a mutation without @idempotent is refused in Shopify's words", async () => {
  const { admin } = await givenStore();

  const { status, body } = await admin.graphql(
    `mutation { inventoryAdjustQuantities(input: { name: "available", reason: "correction", changes: [] }) {
      userErrors { code } } }`,
  );

  expect(status).toBe(200);
  expect(body).toMatchObject({
    data: { inventoryAdjustQuantities: null },
    errors: [
      {
        message: "The @idempotent directive is required for this mutation but was not provided.",
        path: ["inventoryAdjustQuantities"],
        extensions: { code: "BAD_REQUEST" },
      },
    ],
    extensions: { cost: { requestedQueryCost: 10 } },
  });
});

test("a row that does not say what it changes from is refused", async () => {
  const { admin } = await givenStore();
  const input = {
    name: "available",
    reason: "correction",
    changes: [{ inventoryItemId: admin.itemIdOf("A"), locationId: admin.locationId, delta: 1 }],
  };

  const { locationId } = admin;
  const { body } = await admin.graphql(adjustMutation, { input, key: "key-1", locationId });

  expect(body.errors).toMatchObject([
    {
      message: "InventoryChangeInput must include the following argument: changeFromQuantity.",
      extensions: { code: "INVALID_FIELD_ARGUMENTS" },
    },
  ]);
});

test("251 rows are refused, and 250 are not", async () => {
  const { admin } = await givenStore();
  const send = (key: string, count: number) =>
    admin.graphql(
      adjustMutation,
      adjustVariables(admin, {
        key,
        changes: Array.from({ length: count }, (_, index) => ({
          itemId: `gid://shopify/InventoryItem/${index + 1}`,
          deltaUnits: 1,
        })),
      }),
    );

  const tooMany = await send("key-1", 251);
  const enough = await send("key-2", 250);

  expect(tooMany.body.errors).toMatchObject([{ extensions: { code: "MAX_INPUT_SIZE_EXCEEDED" } }]);
  expect(userErrorsOf(enough.body)).toHaveLength(250);
});

test("a bucket that is empty throttles with HTTP 200 and no data, and fills again", async () => {
  const { admin } = await givenStore({
    scenario: { shops: [{ domain: shop, pointsPerSecond: 50, bucketPoints: 20 }] },
  });
  const ask = () => admin.graphql("{ locations(first: 250) { nodes { id } } }");

  const [first] = [await ask()];
  const burst = await Promise.all(Array.from({ length: 10 }, ask));

  expect(first.body.extensions).toMatchObject({
    cost: {
      requestedQueryCost: 13,
      actualQueryCost: 3,
      throttleStatus: { maximumAvailable: 20, currentlyAvailable: 17, restoreRate: 50 },
    },
  });
  const throttled = burst.find(({ body }) => body.errors !== undefined);
  expect(throttled).toMatchObject({
    status: 200,
    body: {
      errors: [{ message: "Throttled", extensions: { code: "THROTTLED" } }],
      extensions: { cost: { requestedQueryCost: 13, actualQueryCost: null } },
    },
  });
  expect(throttled?.body).not.toHaveProperty("data");
  await waitFor("the bucket to fill", async () => (await ask()).body.errors === undefined);
});

test("250 levels are read in one query", async () => {
  const skus = Array.from({ length: 250 }, (_, index) => `SKU-${index}`);
  const { admin } = await givenStore({
    scenario: { products: skus.map((sku, index) => ({ sku, stock: { [shop]: index } })) },
  });

  const { body } = await admin.graphql(
    `query Read($ids: [ID!]!, $locationId: ID!) { nodes(ids: $ids) { ... on InventoryItem {
      inventoryLevel(locationId: $locationId) { quantities(names: ["available"]) { quantity } } } } }`,
    { ids: skus.map(admin.itemIdOf), locationId: admin.locationId },
  );

  const nodes = (body.data as { nodes: readonly unknown[] }).nodes;
  expect(nodes).toHaveLength(250);
  expect(nodes[249]).toEqual({ inventoryLevel: { quantities: [{ quantity: 249 }] } });
});

test("pages of variants follow each other by cursor, and a search finds one SKU", async () => {
  const { admin } = await givenStore();
  const query = `query Page($after: String, $search: String) {
    productVariants(first: 1, after: $after, query: $search) {
      nodes { sku } pageInfo { hasNextPage endCursor } } }`;
  type Page = { productVariants: { nodes: object[]; pageInfo: { endCursor: string } } };
  const read = async (variables: object) =>
    ((await admin.graphql(query, variables)).body.data as Page).productVariants;

  const first = await read({});
  const second = await read({ after: first.pageInfo.endCursor });

  expect(first).toMatchObject({ nodes: [{ sku: "A" }], pageInfo: { hasNextPage: true } });
  expect(second).toMatchObject({ nodes: [{ sku: "B" }], pageInfo: { hasNextPage: false } });
  expect(await read({ search: "sku:B" })).toMatchObject({ nodes: [{ sku: "B" }] });
  expect(await read({ search: "sku:'B' OR sku:\"C\"" })).toMatchObject({ nodes: [{ sku: "B" }] });
});

test("what is not implemented is named, and what does not exist is refused", async () => {
  const { admin } = await givenStore();

  const missing = await admin.graphql("{ shop { billingAddress { city } } }");
  const unknown = await admin.graphql("{ shop { favouriteColour } }");

  expect(missing.body.errors).toMatchObject([
    { message: "The simulator does not implement Shop.billingAddress." },
  ]);
  expect(unknown.body.errors).toMatchObject([
    { message: "Field 'favouriteColour' doesn't exist on type 'Shop'" },
  ]);
});

test("a field whose scope was not granted is refused", async () => {
  const { admin } = await givenStore({
    config: { scopes: ["read_products"], webhookApiVersion: "2026-10", subscriptions: [] },
  });

  const { body } = await admin.graphql("{ orders(first: 1) { nodes { id } } }");

  expect(body.errors).toMatchObject([{ extensions: { code: "ACCESS_DENIED" } }]);
});

const tokenUrl = (client: SimulatorClient) => new URL("/admin/oauth/access_token", client.url);
const tokenTypes = "urn:ietf:params:oauth:token-type";

async function exchange(client: SimulatorClient, subject: string, secret = identity.apiSecret) {
  return postJson(tokenUrl(client), {
    headers: { "x-shopify-sim-host": shop },
    body: {
      client_id: identity.apiKey,
      client_secret: secret,
      grant_type: "urn:ietf:params:oauth:grant-type:token-exchange",
      subject_token: subject,
      subject_token_type: `${tokenTypes}:id_token`,
      requested_token_type: "urn:shopify:params:oauth:token-type:offline-access-token",
      expiring: "1",
    },
  });
}

test("a session token is exchanged for an expiring token, which installs the app", async () => {
  const { client } = await givenStore();
  await client.uninstall({ shop });
  const { token } = await client.sessionToken({ shop });

  const { status, body } = await exchange(client, token);

  expect(status).toBe(200);
  expect(body).toMatchObject({ expires_in: 3_600, refresh_token_expires_in: 7_776_000 });
  expect(await client.shops()).toMatchObject([{ domain: shop, isInstalled: true }]);
});

test("a forged session token, a wrong secret and another shop's token are refused", async () => {
  const { client } = await givenStore();
  const { token } = await client.sessionToken({ shop });
  const [head, claims] = token.split(".");

  const forged = await exchange(client, `${head!}.${claims!}.${"A".repeat(43)}`);
  const wrongSecret = await exchange(client, token, "another-secret");

  expect(forged).toMatchObject({ status: 400, body: { error: "invalid_subject_token" } });
  expect(wrongSecret).toMatchObject({ status: 400, body: { error: "invalid_client" } });
});

test("the previous refresh token works until its replacement was used", async () => {
  const { client } = await givenStore();
  const first = (await client.install({ shop })).refresh_token!;
  const refresh = (token: string) =>
    postJson(tokenUrl(client), {
      headers: { "x-shopify-sim-host": shop },
      body: {
        client_id: identity.apiKey,
        client_secret: identity.apiSecret,
        grant_type: "refresh_token",
        refresh_token: token,
      },
    });

  const second = await refresh(first);
  const again = await refresh(first);
  await refresh(String(second.body.refresh_token));
  const tooLate = await refresh(first);

  expect(second.status).toBe(200);
  expect(again.status).toBe(200);
  expect(tooLate.status).toBe(400);
});

test("tokens that expired, were revoked or whose shop left are answered with 401", async () => {
  const { client, admin } = await givenStore();
  const statusOf = async () => (await admin.graphql("{ shop { id } }")).status;
  expect(await statusOf()).toBe(200);

  await client.expireTokens({ shop });

  expect(await statusOf()).toBe(401);
  const fresh = await connectAdmin(client, shop);
  await client.uninstall({ shop });
  expect((await fresh.graphql("{ shop { id } }")).status).toBe(401);
});

test("a loaded scenario has the same ids again, and keeps the app's tokens if asked to", async () => {
  const { client, admin } = await givenStore();
  const before = await client.shops();
  const scenario = {
    name: "again",
    shops: [{ domain: shop }],
    products: [
      { sku: "A", stock: { [shop]: 9 } },
      { sku: "B", stock: { [shop]: 9 } },
    ],
  };

  await client.loadScenario({ scenario, keepInstallations: true });

  expect(await client.shops()).toEqual(before);
  expect((await admin.graphql("{ shop { id } }")).status).toBe(200);
  expect(await client.level({ shop, sku: "A" })).toMatchObject({ available: 9 });
});
