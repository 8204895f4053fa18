import { packDispatches } from "#app/domain/dispatch/packing.ts";
import type { PackableOperation } from "#app/domain/dispatch/packing.ts";
import type { DispatchDecision } from "#app/domain/dispatch/answer.ts";
import { retryWaitMs } from "#app/domain/dispatch/retry.ts";
import type { DispatchAnswered } from "#app/domain/pool/event.ts";
import { isReachable } from "#app/domain/pool/guard.ts";
import { deltaOf } from "#app/domain/pool/operation.ts";

import { databaseMs, drawCommit, goOn, returning } from "./app-process.ts";
import { recordEvent } from "./books.ts";
import type { DispatchLine, DispatchRow } from "./books.ts";
import { adjust } from "./platform.ts";
import type { AdjustmentReply } from "./platform.ts";
import { departs, newId, tell } from "./world.ts";
import type { AppProcess, World } from "./world.ts";

/** How long a dispatch stays with the process that sends it, unless it is renewed. */
const claimMs = 2_000;

/** One process's way with one dispatch. */
type Sending = {
  readonly process: AppProcess;
  readonly row: DispatchRow;
  readonly claim: number;
  attempts: number;
  /** No attempt by anyone had an unknown outcome so far. */
  isDefinite: boolean;
};

/** Takes over what another process has left, packs what is planned, and sends it. */
export function dispatch(world: World, process: AppProcess): void {
  if (process.dispatching) {
    process.dispatching.isWantedAgain = true;
    return;
  }
  process.dispatching = { isWantedAgain: false };
  takeOver(world, process);
  goOn(world, process, databaseMs(world), () => {
    const commit = drawCommit(world);
    const rows = commit === "lost" ? [] : packPlanned(world);
    if (commit === "committed") sendPacked(world, process, rows);
    const isWantedAgain = process.dispatching?.isWantedAgain ?? false;
    process.dispatching = null;
    if (isWantedAgain) dispatch(world, process);
  });
}

/** One transaction, which holds the pools locked: what is planned is written as dispatches. */
export function packPlanned(world: World): readonly DispatchRow[] {
  return packDispatches(findPackable(world)).map(({ shopId, lines }) =>
    writeDispatch(world, Number(shopId), lines.map(toLine)),
  );
}

/** Sends what was written by this process, once it is committed. */
export function sendPacked(world: World, process: AppProcess, rows: readonly DispatchRow[]): void {
  for (const row of rows) {
    send(world, { process, row, claim: row.claim, attempts: 1, isDefinite: true });
  }
}

function findPackable(world: World): readonly PackableOperation[] {
  return world.books.pools.flatMap(({ pool }, poolIndex) => {
    const isOut = new Set(
      pool.operations
        .filter(({ state }) => state === "dispatched" && !departs(world, "packs-while-one-is-out"))
        .map(({ listingId }) => listingId),
    );
    return pool.operations.flatMap((operation): readonly PackableOperation[] => {
      const { state, listingId, number } = operation;
      const storeIndex = pool.listings.findIndex(({ id }) => id === listingId);
      const listing = pool.listings[storeIndex]!;
      if (state !== "planned" || isOut.has(listingId) || !isReachable(listing)) return [];
      return [
        {
          poolId: String(poolIndex),
          number,
          listingId,
          shopId: String(storeIndex),
          locationId: "location",
          inventoryItemId: String(poolIndex),
          deltaUnits: deltaOf(operation),
          urgency: 0,
        },
      ];
    });
  });
}

function toLine({
  poolId,
  number,
  listingId,
  shopId,
  deltaUnits,
}: PackableOperation): DispatchLine {
  return {
    poolIndex: Number(poolId),
    storeIndex: Number(shopId),
    listingId,
    operationNumber: number,
    deltaUnits,
  };
}

/** One transaction: the dispatch exists, its operations are out, and every earlier read is outdated. */
function writeDispatch(
  world: World,
  storeIndex: number,
  lines: readonly DispatchLine[],
): DispatchRow {
  const row: DispatchRow = {
    id: `dispatch-${newId(world)}`,
    storeIndex,
    lines,
    claim: newId(world),
    claimedUntilMs: world.nowMs + claimMs,
    isAnswered: false,
  };
  world.books.dispatches.add(row);
  for (const line of lines) {
    const poolRow = world.books.pools[line.poolIndex]!;
    poolRow.pool = {
      ...poolRow.pool,
      listings: poolRow.pool.listings.map((listing) =>
        listing.id === line.listingId ? { ...listing, revision: listing.revision + 1 } : listing,
      ),
      operations: poolRow.pool.operations.map((operation) =>
        operation.number === line.operationNumber
          ? { ...operation, state: "dispatched" }
          : operation,
      ),
    };
    poolRow.version += 1;
    world.pools[line.poolIndex]!.isTouched = true;
    tell(world, "dispatched", line.poolIndex, line.storeIndex, line.operationNumber);
  }
  return row;
}

/** What was sent, or perhaps was, by a process that is gone or does not move. */
function takeOver(world: World, process: AppProcess): void {
  for (const row of world.books.dispatches) {
    if (row.claimedUntilMs > world.nowMs) continue;
    tell(world, "dispatch taken over");
    row.claim = newId(world);
    row.claimedUntilMs = world.nowMs + claimMs;
    const isDefinite = departs(world, "takeover-counts-as-first-attempt");
    send(world, { process, row, claim: row.claim, attempts: 1, isDefinite });
  }
}

function send(world: World, sending: Sending): void {
  const { row, process } = sending;
  const isRenamed = departs(world, "new-key-on-retry") && sending.attempts > 1;
  const key = isRenamed ? `${row.id}/${sending.attempts}` : row.id;
  adjust(
    world,
    { key, storeIndex: row.storeIndex, lines: row.lines },
    returning(world, process, (reply) => {
      takeAnswer(world, sending, reply);
    }),
  );
}

function takeAnswer(world: World, sending: Sending, reply: AdjustmentReply): void {
  const { row, process } = sending;
  const decision = world.rules.decideAnswer(reply.answer, sending.isDefinite);
  tell(world, `answer: ${reply.answer.kind}, ${decision.kind}`, row.storeIndex);
  if (decision.kind === "send-again") {
    if (reply.answer.kind !== "throttled") sending.isDefinite = false;
    sendAgain(world, sending);
    return;
  }
  goOn(world, process, databaseMs(world), () => {
    const commit = drawCommit(world);
    if (commit !== "lost") closeDispatch(world, sending, decision, reply);
    // Whatever became of it: an open dispatch is found again, a closed one has its events.
    for (const { poolIndex } of row.lines) world.app.processPool(world, process, poolIndex);
  });
}

/** The same bytes under the same key, after the attempt was noted. */
function sendAgain(world: World, sending: Sending): void {
  const waitMs = retryWaitMs(sending.attempts, world.chances.processes.next());
  goOn(world, sending.process, waitMs + databaseMs(world), () => {
    if (!isOurs(sending)) return;
    sending.attempts += 1;
    sending.row.claimedUntilMs = world.nowMs + claimMs;
    send(world, sending);
  });
}

function isOurs({ row, claim }: Sending): boolean {
  return !row.isAnswered && row.claim === claim;
}

/**
 * One transaction: the dispatch is closed, and its operations' answers are in the inbox. That it was
 * applied is true whoever says so; that it was not may be said only by the holder of the claim, because
 * another process may have sent it again meanwhile.
 */
function closeDispatch(
  world: World,
  sending: Sending,
  decision: DispatchDecision,
  reply: AdjustmentReply,
): void {
  const { row } = sending;
  if (row.isAnswered) return;
  if (decision.kind !== "applied" && !isOurs(sending) && !departs(world, "answer-without-claim")) {
    tell(world, "claim lost before the answer");
    return;
  }
  row.isAnswered = true;
  world.books.dispatches.delete(row);
  const write = (): void => {
    row.lines.forEach((line, index) => {
      const outcome = outcomeOf(decision, index, reply);
      if (outcome) recordAnswer(world, row, line, outcome);
    });
  };
  if (departs(world, "answer-and-events-apart")) {
    goOn(world, sending.process, databaseMs(world), write);
  } else write();
}

function outcomeOf(
  decision: DispatchDecision,
  index: number,
  reply: AdjustmentReply,
): DispatchAnswered["outcome"] | null {
  switch (decision.kind) {
    case "applied":
      return { kind: "applied", level: reply.levels[index] ?? null };
    case "dead":
      return { kind: "failed", guard: decision.failedLines.includes(index) ? "refused" : null };
    case "dead-store":
      return { kind: "failed", guard: "closed" };
    case "quarantine":
      return { kind: "quarantined", reason: decision.reason };
    case "send-again":
      return null;
  }
}

function recordAnswer(
  world: World,
  row: DispatchRow,
  line: DispatchLine,
  outcome: DispatchAnswered["outcome"],
): void {
  recordEvent(world.books, line.poolIndex, `${row.id}/${line.poolIndex}/${line.operationNumber}`, {
    kind: "dispatch-answered",
    listingId: line.listingId,
    operationNumber: line.operationNumber,
    dispatchId: row.id,
    outcome,
  });
}
