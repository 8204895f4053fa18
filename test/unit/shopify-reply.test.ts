import { expect, test } from "vitest";

import type { GraphqlReply } from "#app/adapters/shopify-graphql.server.ts";
import { parseRetryAfter } from "#app/adapters/shopify-graphql.server.ts";
import { readDispatchReply, readLevelsReply } from "#app/adapters/shopify-reply.ts";

const items = ["gid://shopify/InventoryItem/1", "gid://shopify/InventoryItem/2"];

const cost = {
  requestedQueryCost: 13,
  actualQueryCost: 13,
  throttleStatus: { maximumAvailable: 2000, currentlyAvailable: 1986, restoreRate: 100 },
};
const bucket = { availablePoints: 1986, maximumPoints: 2000, restorePointsPerSecond: 100 };

const answered = (status: number, body?: unknown, retryAfterMs: number | null = null) =>
  ({ kind: "answered", status, retryAfterMs, body }) as const;
const answerOf = (reply: GraphqlReply) => readDispatchReply(reply, items).answer;
const userErrors = (...errors: readonly object[]) =>
  answered(200, {
    data: {
      inventoryAdjustQuantities: { inventoryAdjustmentGroup: null, userErrors: errors },
    },
    extensions: { cost },
  });
const topLevel = (code: string, extra: object = {}) =>
  answered(200, { errors: [{ message: code, extensions: { code } }], ...extra });
const change = (id: string, quantity: number, updatedAt: string | null) => ({
  item: { id, inventoryLevel: { quantities: [{ quantity, updatedAt }] } },
});

test("an applied dispatch tells each level after it, in the dispatch's order", () => {
  const reply = readDispatchReply(
    answered(200, {
      data: {
        inventoryAdjustQuantities: {
          inventoryAdjustmentGroup: {
            changes: [
              change(items[1]!, -2, "2026-03-16T15:35:06+07:00"),
              change(items[0]!, 5, "2026-03-16T08:35:07Z"),
            ],
          },
          userErrors: [],
        },
      },
      extensions: { cost },
    }),
    items,
  );

  expect(reply).toEqual({
    answer: { kind: "applied" },
    levels: [
      { units: 5, atMs: Date.UTC(2026, 2, 16, 8, 35, 7) },
      { units: -2, atMs: Date.UTC(2026, 2, 16, 8, 35, 6) },
    ],
    bucket,
    retryAfterMs: null,
  });
});

test("an applied dispatch without a level is applied all the same", () => {
  const levelsOf = (group: object | null) =>
    readDispatchReply(
      answered(200, {
        data: {
          inventoryAdjustQuantities: { inventoryAdjustmentGroup: group, userErrors: [] },
        },
      }),
      items,
    );

  expect(levelsOf(null)).toMatchObject({ answer: { kind: "applied" }, levels: [null, null] });
  expect(
    levelsOf({
      changes: [{ item: null }, { item: { id: items[0], inventoryLevel: null } }],
    }),
  ).toMatchObject({ answer: { kind: "applied" }, levels: [null, null] });
});

test("user errors name their lines once each; an error of the whole call names them all", () => {
  const field = (line: string) => ["input", "changes", line, "inventoryItemId"];

  expect(
    answerOf(
      userErrors(
        { field: field("1"), code: "INVALID_INVENTORY_ITEM" },
        { field: ["input", "changes", "1", "locationId"], code: "INVALID_LOCATION" },
      ),
    ),
  ).toEqual({ kind: "refused-lines", lines: [1] });
  expect(answerOf(userErrors({ field: ["input", "reason"], code: "INVALID_REASON" }))).toEqual({
    kind: "refused-lines",
    lines: [0, 1],
  });
  expect(answerOf(userErrors({ field: field("7"), code: null }))).toEqual({
    kind: "refused-lines",
    lines: [0, 1],
  });
  expect(answerOf(userErrors({ field: null }))).toEqual({ kind: "refused-lines", lines: [0, 1] });
});

test.each([
  ["IDEMPOTENCY_CONCURRENT_REQUEST", "still-running"],
  ["IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED", "previous-attempt-failed"],
  ["IDEMPOTENCY_KEY_PARAMETER_MISMATCH", "key-mismatch"],
])("%s means %s, wherever Shopify puts it", (code, kind) => {
  expect(answerOf(userErrors({ field: null, code }))).toEqual({ kind });
  expect(answerOf(topLevel(code))).toEqual({ kind });
});

test.each(["SERVICE_UNAVAILABLE", "ADJUST_QUANTITIES_FAILED"])(
  "%s is Shopify's own failure, and proves nothing",
  (code) => {
    expect(answerOf(userErrors({ field: null, code }))).toEqual({ kind: "unknown" });
  },
);

test.each([401, 402, 403, 404, 423])("status %i: the shop takes nothing", (status) => {
  expect(answerOf(answered(status))).toEqual({ kind: "refused-shop" });
  expect(readLevelsReply(answered(status), items)).toEqual({ kind: "refused" });
});

test("a quantity that never changed has no time, and is a level all the same", () => {
  const level = { inventoryLevel: { quantities: [{ quantity: 7, updatedAt: null }] } };
  const nodes = items.map((id) => ({ id, ...level }));

  expect(readLevelsReply(answered(200, { data: { nodes } }), items)).toMatchObject({
    levels: [
      { units: 7, atMs: 0 },
      { units: 7, atMs: 0 },
    ],
  });
});

test("a scope that is missing, and a shop without a token, refuse as well", () => {
  expect(answerOf(topLevel("ACCESS_DENIED"))).toEqual({ kind: "refused-shop" });
  expect(answerOf({ kind: "no-token" })).toEqual({ kind: "refused-shop" });
  expect(readLevelsReply(topLevel("ACCESS_DENIED"), items)).toEqual({ kind: "refused" });
  expect(readLevelsReply({ kind: "no-token" }, items)).toEqual({ kind: "refused" });
});

test("throttled by cost: wait until the bucket holds what the request costs", () => {
  const throttled = topLevel("THROTTLED", {
    extensions: {
      cost: {
        requestedQueryCost: 13,
        actualQueryCost: null,
        throttleStatus: { maximumAvailable: 2000, currentlyAvailable: 3, restoreRate: 100 },
      },
    },
  });
  const expected = { retryAfterMs: 100, bucket: { ...bucket, availablePoints: 3 } };

  expect(readDispatchReply(throttled, items)).toMatchObject({
    answer: { kind: "throttled" },
    ...expected,
  });
  expect(readLevelsReply(throttled, items)).toEqual({ kind: "throttled", ...expected });
});

test("throttled by status: wait as long as the header says", () => {
  const throttled = answered(429, undefined, 2_000);

  expect(readDispatchReply(throttled, items)).toMatchObject({
    answer: { kind: "throttled" },
    retryAfterMs: 2_000,
  });
  expect(readLevelsReply(throttled, items)).toMatchObject({
    kind: "throttled",
    retryAfterMs: 2_000,
  });
});

test("a token that cannot be read now: nothing was sent, and it is tried again", () => {
  expect(readDispatchReply({ kind: "not-sent" }, items)).toMatchObject({
    answer: { kind: "throttled" },
    retryAfterMs: 1_000,
  });
});

const unknowns: readonly (readonly [string, GraphqlReply])[] = [
  ["a timeout or a reset", { kind: "no-answer" }],
  ["an error of the server", answered(500)],
  ["a gateway's page", answered(502, undefined)],
  ["a redirect", answered(302)],
  ["a rejection for security", answered(430)],
  ["a bad request", answered(400, { errors: "bad" })],
  ["no JSON", answered(200, undefined)],
  ["no data", answered(200, {})],
  ["null data", answered(200, { data: null })],
  ["a null field", answered(200, { data: { inventoryAdjustQuantities: null } })],
  ["an error without a code", answered(200, { errors: [{ message: "?" }] })],
  ["an internal error", topLevel("INTERNAL_SERVER_ERROR")],
  [
    "an error beside data",
    topLevel("INTERNAL_SERVER_ERROR", { data: { inventoryAdjustQuantities: {} } }),
  ],
  ["errors of another shape", answered(200, { errors: "Unavailable" })],
  [
    "a level that is no number",
    answered(200, {
      data: {
        inventoryAdjustQuantities: {
          inventoryAdjustmentGroup: { changes: [{ item: { id: 1 } }] },
          userErrors: [],
        },
      },
    }),
  ],
];

test.each(unknowns)("%s: it may have been applied", (_what, reply) => {
  expect(answerOf(reply)).toEqual({ kind: "unknown" });
  expect(readLevelsReply(reply, items)).toEqual({ kind: "unavailable" });
});

test("a cost that cannot be read is not known, and changes no answer", () => {
  const reply = answered(200, {
    data: { inventoryAdjustQuantities: { inventoryAdjustmentGroup: null, userErrors: [] } },
    extensions: { cost: { throttleStatus: "new" } },
  });

  expect(readDispatchReply(reply, items)).toMatchObject({
    answer: { kind: "applied" },
    bucket: null,
  });
});

test("levels are read in the order asked for; null where there is none", () => {
  const level = (quantity: number) => ({
    inventoryLevel: { quantities: [{ quantity, updatedAt: "2026-03-16T08:35:06Z" }] },
  });
  const read = (...nodes: readonly unknown[]) =>
    readLevelsReply(answered(200, { data: { nodes }, extensions: { cost } }), items);
  const atMs = Date.UTC(2026, 2, 16, 8, 35, 6);

  expect(read({ id: items[0], ...level(4) }, { id: items[1], ...level(-1) })).toEqual({
    kind: "read",
    levels: [
      { units: 4, atMs },
      { units: -1, atMs },
    ],
    bucket,
  });
  expect(read(null, { id: items[1], inventoryLevel: null })).toMatchObject({
    levels: [null, null],
  });
  expect(read({ id: items[0], ...level(4) })).toEqual({ kind: "unavailable" });
});

test("Retry-After is seconds, with or without a fraction; anything else is not known", () => {
  expect(
    [null, "", "2.0", "0.25", "Wed, 21 Oct 2026 07:28:00 GMT", "-1"].map(parseRetryAfter),
  ).toEqual([null, null, 2_000, 250, null, null]);
});
