import { decideAnswer } from "../domain/dispatch/answer.ts";
import type { DispatchDecision } from "../domain/dispatch/answer.ts";
import { dispatchPoints } from "../domain/dispatch/budget.ts";
import { resendWithinMs, retryWaitMs } from "../domain/dispatch/retry.ts";
import type { DispatchAnswered } from "../domain/pool/event.ts";
import type { IncomingEvent } from "../models/intake.ts";
import { closeDispatch, renewClaim } from "../models/outbox.ts";
import type { StoredDispatch } from "../models/outbox.ts";
import { markShopRevoked } from "../models/shop.ts";

import { callAtPace, holdShop, untilAffordable } from "./pace.ts";
import type { DispatchReply } from "./ports.ts";
import { recordEvents } from "./record-event.ts";
import type { Runtime } from "./runtime.ts";

/** After THROTTLED without a word of how long: a Standard plan restores 100 points in it. */
const throttledWaitMs = 1_000;
/** A refusal that blames no line would be repeated at once: the store is left alone for so long. */
const refusedWaitMs = 1_000;
/** PostgreSQL restarts within seconds; the answer is kept in memory until it is back. */
const recordRetryMs = 200;

/**
 * Sends a dispatch until its outcome is certain or given up, and records that as events.
 *
 * The same bytes go out under the same key at every attempt, so it does not matter how often, or by
 * how many processes. What may be concluded from a refusal does: see `decideAnswer`.
 *
 * @param how.isTakenOver whether another process had it before: its attempts count as unknown.
 * @returns the pools that have an answer to process; none if another process has taken over, or this
 *   one is stopping, and the dispatch is left to others.
 */
export async function sendUntilAnswered(
  runtime: Runtime,
  dispatch: StoredDispatch,
  how: { readonly isTakenOver: boolean },
): Promise<readonly string[]> {
  let unknownAttempts = how.isTakenOver ? 1 : 0;
  for (;;) {
    const reply = await callAtPace(runtime, dispatch.shopId, dispatchPoints, () =>
      runtime.admin.sendDispatch(dispatch),
    );
    const decision = decideInTime(runtime, dispatch, reply, unknownAttempts === 0);
    if (decision.kind !== "send-again") {
      return recordUntilStored(runtime, dispatch, reply, decision);
    }
    if (reply.answer.kind !== "throttled") unknownAttempts += 1;
    await runtime.clock.pause(waitBeforeRetryMs(runtime, dispatch, reply, unknownAttempts));
    await untilAffordable(runtime, dispatch.shopId, dispatchPoints);
    if (runtime.state.isStopping || !(await keepClaim(runtime, dispatch))) return [];
  }
}

/** Past the time for which its key is surely kept, a grant that is sent again might be applied twice. */
function decideInTime(
  runtime: Runtime,
  dispatch: StoredDispatch,
  reply: DispatchReply,
  isDefinite: boolean,
): DispatchDecision {
  const decision = decideAnswer(reply.answer, isDefinite);
  const ageMs = runtime.clock.nowMs() - dispatch.createdAtMs;
  const hasGrant = dispatch.lines.some(({ deltaUnits }) => deltaUnits > 0);
  if (decision.kind === "send-again" && hasGrant && ageMs > resendWithinMs) {
    return { kind: "quarantine", reason: "a grant was not answered for an hour" };
  }
  return decision;
}

function waitBeforeRetryMs(
  runtime: Runtime,
  dispatch: StoredDispatch,
  reply: DispatchReply,
  unknownAttempts: number,
): number {
  if (reply.answer.kind !== "throttled") return retryWaitMs(unknownAttempts, Math.random());
  const waitMs = reply.retryAfterMs ?? throttledWaitMs;
  holdShop(runtime, dispatch.shopId, waitMs);
  return waitMs;
}

/** A database that is away does not end a claim: what cannot be renewed now is tried again later. */
async function keepClaim(runtime: Runtime, dispatch: StoredDispatch): Promise<boolean> {
  try {
    return await renewClaim(runtime.database.prisma, dispatch.id, runtime.processes.ownId);
  } catch (error) {
    runtime.log.warn({ error, dispatchId: dispatch.id }, "A claim could not be renewed.");
    return true;
  }
}

async function recordUntilStored(
  runtime: Runtime,
  dispatch: StoredDispatch,
  reply: DispatchReply,
  decision: Exclude<DispatchDecision, { kind: "send-again" }>,
): Promise<readonly string[]> {
  if (decision.kind === "dead" && decision.failedLines.length === 0) {
    holdShop(runtime, dispatch.shopId, refusedWaitMs);
  }
  for (;;) {
    try {
      return await recordAnswer(runtime, dispatch, reply, decision);
    } catch (error) {
      runtime.log.warn({ error, dispatchId: dispatch.id }, "An answer could not be recorded yet.");
      // Left unrecorded, the dispatch is sent again by whoever takes it over, and answered the same.
      if (runtime.state.isStopping) return [];
      await runtime.clock.pause(recordRetryMs);
    }
  }
}

async function recordAnswer(
  runtime: Runtime,
  dispatch: StoredDispatch,
  reply: DispatchReply,
  decision: Exclude<DispatchDecision, { kind: "send-again" }>,
): Promise<readonly string[]> {
  const { log, database } = runtime;
  if (decision.kind !== "applied") {
    log.warn(
      { dispatchId: dispatch.id, shop: dispatch.shopDomain, decision },
      "A dispatch failed.",
    );
  }
  return database.withTransaction(async (tx) => {
    const sent = { id: dispatch.id, processId: runtime.processes.ownId };
    const isClosed = await closeDispatch(tx, sent, stateOf(decision), reply.answer);
    if (!isClosed) return [];
    if (decision.kind === "dead-store") await markShopRevoked(tx, dispatch.shopId);
    return recordEvents(tx, toEvents(dispatch, reply, decision));
  });
}

function stateOf(decision: Exclude<DispatchDecision, { kind: "send-again" }>) {
  switch (decision.kind) {
    case "applied":
      return "applied";
    case "dead":
    case "dead-store":
      return "refused";
    case "quarantine":
      return "quarantined";
  }
}

function toEvents(
  dispatch: StoredDispatch,
  reply: DispatchReply,
  decision: Exclude<DispatchDecision, { kind: "send-again" }>,
): readonly IncomingEvent[] {
  return dispatch.lines.map((line, index) => ({
    accountId: dispatch.accountId,
    poolId: line.poolId,
    shopId: dispatch.shopId,
    listingId: line.listingId,
    eventKey: `answer:${dispatch.id}:${index}`,
    triggeredAtMs: null,
    event: {
      kind: "dispatch-answered",
      listingId: line.listingId,
      operationNumber: line.operationNumber,
      dispatchId: dispatch.id,
      outcome: outcomeOf(decision, index, reply.levels[index] ?? null),
    },
  }));
}

function outcomeOf(
  decision: Exclude<DispatchDecision, { kind: "send-again" }>,
  line: number,
  level: { readonly units: number; readonly atMs: number } | null,
): DispatchAnswered["outcome"] {
  switch (decision.kind) {
    case "applied":
      return { kind: "applied", level };
    case "dead":
      return { kind: "failed", guard: decision.failedLines.includes(line) ? "refused" : null };
    case "dead-store":
      return { kind: "failed", guard: "closed" };
    case "quarantine":
      return { kind: "quarantined", reason: decision.reason };
  }
}
