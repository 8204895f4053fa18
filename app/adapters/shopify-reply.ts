/**
 * What a reply of the Admin API means. Pure, because each of these decisions is one about units: what
 * may have been applied must never be called refused, and what was refused must say so.
 */
import { z } from "zod";

import type { DispatchAnswer } from "../domain/dispatch/answer.ts";
import type { CostBucket } from "../domain/dispatch/budget.ts";
import { isCountable, parseLevelTime } from "../domain/pool/observation.ts";
import type { DispatchReply, LevelsReply, ReadLevel } from "../loop/ports.ts";

import type { GraphqlReply } from "./shopify-graphql.server.ts";

/** Revoked token, frozen shop, missing scope, no such shop, locked shop. */
const shopRefusingStatuses: readonly number[] = [401, 402, 403, 404, 423];

const Cost = z.object({
  requestedQueryCost: z.number(),
  throttleStatus: z.object({
    maximumAvailable: z.number(),
    currentlyAvailable: z.number(),
    restoreRate: z.number(),
  }),
});

const Envelope = z.object({
  data: z.unknown().optional(),
  errors: z
    .array(z.object({ extensions: z.object({ code: z.string().optional() }).optional() }))
    .optional(),
  extensions: z
    .object({ cost: Cost.optional().catch(undefined) })
    .optional()
    .catch(undefined),
});

const Level = z.object({
  quantities: z.array(
    z.object({ quantity: z.int(), updatedAt: z.iso.datetime({ offset: true }).nullable() }),
  ),
});

const AdjustedItem = z.object({ id: z.string(), inventoryLevel: Level.nullable() });

const Adjustment = z.object({
  inventoryAdjustQuantities: z.object({
    inventoryAdjustmentGroup: z
      .object({ changes: z.array(z.object({ item: AdjustedItem.nullable() })) })
      .nullable(),
    userErrors: z.array(
      z.object({
        field: z.array(z.string()).nullable().optional(),
        code: z.string().nullable().optional(),
      }),
    ),
  }),
});
type UserError = z.infer<typeof Adjustment>["inventoryAdjustQuantities"]["userErrors"][number];

const ReadItems = z.object({ nodes: z.array(AdjustedItem.partial().nullable()) });

/** How long to wait before a token that could not be read is asked for again. */
const tokenRetryMs = 1_000;

/**
 * Classifies what came back for a dispatch.
 * @param inventoryItemIds the dispatch's items, in its order.
 */
export function readDispatchReply(
  reply: GraphqlReply,
  inventoryItemIds: readonly string[],
): DispatchReply {
  const nothing = { levels: inventoryItemIds.map(() => null), bucket: null, retryAfterMs: null };
  switch (reply.kind) {
    case "no-token":
      return { ...nothing, answer: { kind: "refused-shop" } };
    case "not-sent":
      return { ...nothing, answer: { kind: "throttled" }, retryAfterMs: tokenRetryMs };
    case "no-answer":
      return { ...nothing, answer: { kind: "unknown" } };
    case "answered":
      break;
  }

  const { status, retryAfterMs } = reply;
  if (shopRefusingStatuses.includes(status)) {
    return { ...nothing, answer: { kind: "refused-shop" } };
  }
  if (status === 429) return { ...nothing, answer: { kind: "throttled" }, retryAfterMs };
  const envelope = Envelope.safeParse(reply.body);
  if (status !== 200 || !envelope.success) {
    return { ...nothing, answer: { kind: "unknown" }, retryAfterMs };
  }

  const { data, errors = [], extensions } = envelope.data;
  const bucket = toBucket(extensions?.cost);
  const codes = errors.map((error) => error.extensions?.code ?? "");
  if (codes.length > 0) {
    const answer = classifyErrors(codes);
    const isThrottled = answer.kind === "throttled";
    return {
      ...nothing,
      answer,
      bucket,
      retryAfterMs: isThrottled ? refillMs(extensions?.cost) : null,
    };
  }
  const adjustment = Adjustment.safeParse(data);
  if (!adjustment.success) return { ...nothing, answer: { kind: "unknown" }, bucket };

  const { userErrors, inventoryAdjustmentGroup } = adjustment.data.inventoryAdjustQuantities;
  if (userErrors.length > 0) {
    return { ...nothing, answer: classifyUserErrors(userErrors, inventoryItemIds.length), bucket };
  }
  const levels = new Map(
    inventoryAdjustmentGroup?.changes.map(({ item }) => [item?.id, toLevel(item)]),
  );
  return {
    answer: { kind: "applied" },
    levels: inventoryItemIds.map((id) => levels.get(id) ?? null),
    bucket,
    retryAfterMs: null,
  };
}

/**
 * Classifies what came back for a read of levels.
 * @param inventoryItemIds the items that were asked for, in that order.
 */
export function readLevelsReply(
  reply: GraphqlReply,
  inventoryItemIds: readonly string[],
): LevelsReply {
  if (reply.kind === "no-token") return { kind: "refused" };
  if (reply.kind !== "answered") return { kind: "unavailable" };

  const { status, retryAfterMs } = reply;
  if (shopRefusingStatuses.includes(status)) return { kind: "refused" };
  if (status === 429) return { kind: "throttled", retryAfterMs, bucket: null };
  const envelope = Envelope.safeParse(reply.body);
  if (status !== 200 || !envelope.success) return { kind: "unavailable" };

  const { data, errors = [], extensions } = envelope.data;
  const bucket = toBucket(extensions?.cost);
  const codes = errors.map((error) => error.extensions?.code ?? "");
  if (codes.includes("THROTTLED")) {
    return { kind: "throttled", retryAfterMs: refillMs(extensions?.cost), bucket };
  }
  if (codes.includes("ACCESS_DENIED")) return { kind: "refused" };
  const items = ReadItems.safeParse(data);
  // With an error beside it, a null could be a level that was not read as well as one that is not there.
  if (codes.length > 0 || !items.success) return { kind: "unavailable" };
  if (items.data.nodes.length !== inventoryItemIds.length) return { kind: "unavailable" };

  return { kind: "read", levels: items.data.nodes.map(toLevel), bucket };
}

/** Errors of the whole request. Only those that say that nothing was executed are taken for a refusal. */
function classifyErrors(codes: readonly string[]): DispatchAnswer {
  if (codes.includes("THROTTLED")) return { kind: "throttled" };
  if (codes.includes("ACCESS_DENIED")) return { kind: "refused-shop" };
  return classifyIdempotency(codes) ?? { kind: "unknown" };
}

/**
 * User errors: nothing of the call was applied. An error that names no line is one of the whole call,
 * which no line would survive, save for the two by which Shopify says that it failed itself.
 */
function classifyUserErrors(userErrors: readonly UserError[], lineCount: number): DispatchAnswer {
  const codes = userErrors.map(({ code }) => code ?? "");
  const idempotency = classifyIdempotency(codes);
  if (idempotency) return idempotency;
  if (codes.includes("SERVICE_UNAVAILABLE") || codes.includes("ADJUST_QUANTITIES_FAILED")) {
    return { kind: "unknown" };
  }
  const named = userErrors
    .map((error) => findLine(error, lineCount))
    .filter((line) => line !== null);
  const lines = named.length > 0 ? named : Array.from({ length: lineCount }, (_, line) => line);
  return { kind: "refused-lines", lines: [...new Set(lines)].sort((a, b) => a - b) };
}

function classifyIdempotency(codes: readonly string[]): DispatchAnswer | null {
  if (codes.includes("IDEMPOTENCY_KEY_PARAMETER_MISMATCH")) return { kind: "key-mismatch" };
  if (codes.includes("IDEMPOTENCY_CONCURRENT_REQUEST")) return { kind: "still-running" };
  if (codes.includes("IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED")) {
    return { kind: "previous-attempt-failed" };
  }
  return null;
}

/** `["input", "changes", "3", "inventoryItemId"]` names line 3. */
function findLine({ field }: UserError, lineCount: number): number | null {
  const [root, list, index] = field ?? [];
  if (root !== "input" || list !== "changes" || index === undefined) return null;
  const line = Number(index);
  return Number.isSafeInteger(line) && line >= 0 && line < lineCount ? line : null;
}

function toLevel(item: Partial<z.infer<typeof AdjustedItem>> | null): ReadLevel | null {
  const quantity = item?.inventoryLevel?.quantities[0];
  if (!quantity || !isCountable(quantity.quantity)) return null;
  return { units: quantity.quantity, atMs: parseLevelTime(quantity.updatedAt) };
}

function toBucket(cost: z.infer<typeof Cost> | undefined): CostBucket | null {
  if (!cost) return null;
  const { currentlyAvailable, maximumAvailable, restoreRate } = cost.throttleStatus;
  return {
    availablePoints: currentlyAvailable,
    maximumPoints: maximumAvailable,
    restorePointsPerSecond: restoreRate,
  };
}

/** Until the bucket holds what the request costs; null where that is not known. */
function refillMs(cost: z.infer<typeof Cost> | undefined): number | null {
  if (!cost || cost.throttleStatus.restoreRate <= 0) return null;
  const missing = cost.requestedQueryCost - cost.throttleStatus.currentlyAvailable;
  return Math.max(0, Math.ceil((missing / cost.throttleStatus.restoreRate) * 1_000));
}
