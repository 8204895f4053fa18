import type { DispatchAnswer } from "#app/domain/dispatch/answer.ts";

import { changeLevel } from "./market.ts";
import { toldTimeMs } from "./webhooks.ts";
import { after, departs, shelfOf, tell } from "./world.ts";
import type { Adjustment, AdjustmentLine, KeyRecord, Shelf, World } from "./world.ts";

export type Level = { readonly units: number; readonly atMs: number };

export type AdjustmentReply = {
  readonly answer: DispatchAnswer;
  readonly levels: readonly (Level | null)[];
};

export type ReadReply =
  | { readonly kind: "read"; readonly level: Level | null }
  | { readonly kind: "refused" }
  | { readonly kind: "unavailable" };

/** How long the app waits for an answer. */
const timeoutMs = 1_000;

/** `inventoryAdjustQuantities`: one attempt, which may be lost on its way or on the way back. */
export function adjust(
  world: World,
  adjustment: Adjustment,
  reply: (reply: AdjustmentReply) => void,
): void {
  world.writeCount += 1;
  const { api: chance } = world.chances;
  const { api: faults, latencyMs } = world.config;
  const isLost = chance.isHit(faults.lostRequest);
  const isLate = chance.isHit(faults.lateRequest);
  const isAnswerLost = chance.isHit(faults.lostAnswer) || isLate;
  const isThrottled = chance.isHit(faults.throttled);
  const isErrorBefore = chance.isHit(faults.errorBefore);
  const isErrorAfter = chance.isHit(faults.errorAfter);
  const thereMs = latencyMs * (0.3 + 0.4 * chance.next());
  const backMs = latencyMs * (0.3 + 0.4 * chance.next());
  const lateMs = chance.next() * faults.lateMaxMs;

  const answer = (answered: AdjustmentReply): void => {
    if (isAnswerLost) return;
    after(world, backMs, () => {
      reply(answered);
    });
  };
  if (isLost || isAnswerLost) {
    tell(world, isLost ? "request lost" : isLate ? "request late" : "answer lost");
    after(world, timeoutMs, () => {
      reply(without("unknown"));
    });
  }
  if (isLost) return;
  after(world, thereMs + (isLate ? timeoutMs + lateMs : 0), () => {
    if (isThrottled) answer(without("throttled"));
    else if (isErrorBefore) answer(without("unknown"));
    else {
      execute(world, adjustment, (answered) => {
        if (isErrorAfter) tell(world, "error after the effect");
        answer(isErrorAfter ? without("unknown") : answered);
      });
    }
  });
}

function without(
  kind: "unknown" | "throttled" | "still-running" | "key-mismatch",
): AdjustmentReply {
  return { answer: { kind }, levels: [] };
}

/** Shopify's side of one attempt: all lines, once per key, or nothing. */
function execute(
  world: World,
  { key, storeIndex, lines }: Adjustment,
  answer: (reply: AdjustmentReply) => void,
): void {
  const { api: chance } = world.chances;
  if (!world.stores[storeIndex]!.isOpen) {
    answer({ answer: { kind: "refused-shop" }, levels: [] });
    return;
  }
  const known = world.keys.get(key);
  if (known) {
    answerAgain(world, known, lines, answer);
    return;
  }
  const refusedLines = lines.flatMap((line, index) =>
    shelfOf(world, line).isStocked ? [] : index,
  );
  if (refusedLines.length > 0) {
    answer({ answer: { kind: "refused-lines", lines: refusedLines }, levels: [] });
    return;
  }
  const isForgotten = chance.isHit(0.5);
  if (chance.isHit(world.config.api.rememberedFailure)) {
    world.keys.set(key, { lines, state: "failed" });
    answer(
      isForgotten
        ? without("unknown")
        : { answer: { kind: "previous-attempt-failed" }, levels: [] },
    );
    return;
  }
  const record: KeyRecord = { lines, state: "running" };
  world.keys.set(key, record);
  after(world, 2 + 60 * chance.next(), () => {
    record.state = "applied";
    for (const line of lines) applyLine(world, line);
    answer({ answer: { kind: "applied" }, levels: levelsAfter(world, lines) });
  });
}

function answerAgain(
  world: World,
  known: KeyRecord,
  lines: readonly AdjustmentLine[],
  answer: (reply: AdjustmentReply) => void,
): void {
  const isSame = known.lines === lines || JSON.stringify(known.lines) === JSON.stringify(lines);
  if (!isSame) {
    tell(world, "key used with other content");
    answer(without("key-mismatch"));
    return;
  }
  switch (known.state) {
    case "running":
      tell(world, "still running");
      answer(without("still-running"));
      break;
    case "applied":
      tell(world, "replayed");
      answer({ answer: { kind: "applied" }, levels: levelsAfter(world, lines) });
      break;
    case "failed":
      answer({ answer: { kind: "previous-attempt-failed" }, levels: [] });
      break;
  }
}

function applyLine(world: World, line: AdjustmentLine): void {
  const pool = world.pools[line.poolIndex]!;
  const shelf = shelfOf(world, line);
  const { appliedCounts } = pool;
  appliedCounts.set(line.operationNumber, (appliedCounts.get(line.operationNumber) ?? 0) + 1);
  changeLevel(world, shelf, line.deltaUnits);
  tell(world, "applied", line.poolIndex, line.storeIndex, line.operationNumber, line.deltaUnits);
  if (shelf.availableUnits < shelf.heldUnits) tell(world, "a take went below what payments hold");
  if (shelf.availableUnits < 0 && line.deltaUnits < 0) tell(world, "a take went below zero");
}

function levelsAfter(world: World, lines: readonly AdjustmentLine[]): readonly (Level | null)[] {
  const isTold = !world.chances.api.isHit(world.config.api.withoutLevels);
  return lines.map((line) => (isTold ? levelOf(shelfOf(world, line)) : null));
}

/** Reads one level; what is told is what the store has between asking and answering. */
export function readLevel(world: World, shelf: Shelf, reply: (reply: ReadReply) => void): void {
  const { api: chance } = world.chances;
  const { api: faults, latencyMs } = world.config;
  const isLost = chance.isHit(faults.lostRequest) || chance.isHit(faults.throttled);
  const thereMs = latencyMs * (0.3 + 0.4 * chance.next());
  const backMs = latencyMs * (0.3 + 0.4 * chance.next());
  const { isSilent } = world.stores[shelf.storeIndex]!;
  const isUnanswered = isLost || isSilent;
  after(world, isUnanswered ? timeoutMs : thereMs, () => {
    const { isOpen } = world.stores[shelf.storeIndex]!;
    const level = shelf.isStocked ? freshLevelOf(world, shelf) : null;
    after(world, backMs, () => {
      if (isUnanswered) reply({ kind: "unavailable" });
      else if (!isOpen) reply({ kind: "refused" });
      else reply({ kind: "read", level });
    });
  });
}

function freshLevelOf(world: World, shelf: Shelf): Level {
  const level = levelOf(shelf);
  return departs(world, "reads-lag") ? { ...level, units: shelf.laggingUnits } : level;
}

function levelOf(shelf: Shelf): Level {
  return { units: shelf.availableUnits, atMs: toldTimeMs(shelf.updatedAtMs) };
}
