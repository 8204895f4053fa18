import { decideAnswer } from "#app/domain/dispatch/answer.ts";
import type { PoolEvent } from "#app/domain/pool/event.ts";
import type { QuotaOperation } from "#app/domain/pool/operation.ts";
import type { Pool } from "#app/domain/pool/pool.ts";
import { step } from "#app/domain/pool/step.ts";
import type { StepResult } from "#app/domain/pool/step.ts";

import { withoutLease, withoutThreshold, withoutWithheldUnits } from "./balanced-bugs.ts";
import type { WorldKind } from "./config.ts";
import { runWorld } from "./run-world.ts";
import type { Departure, Rules } from "./world.ts";

/** A mistake that somebody could make, in the rules or in the shell around them. */
export type PlantedBug = {
  /** What is wrong, as a sentence. */
  readonly name: string;
  /** The kind of world in which it shows. */
  readonly kind: WorldKind;
  readonly rules: Rules;
};

/** Each of these must be found; if one is not, the worlds or the oracles have grown blind. */
export const plantedBugs: readonly PlantedBug[] = [
  inShell("a take settles without its drain", "settles-without-drain"),
  inShell("a drain is measured from when the take was sent", "measures-drain-from-sending"),
  inShell("a take settles by a level from before its drain ended", "reads-before-drain-ends"),
  inShell("every retry has a new idempotency key", "new-key-on-retry", "switching"),
  inShell(
    "a dispatch taken over counts as never sent before",
    "takeover-counts-as-first-attempt",
    "switching",
  ),
  inShell("a refusal is believed after the claim was lost", "answer-without-claim", "switching"),
  inShell("a listing has two operations out at once", "packs-while-one-is-out", "mirror"),
  inShell("a commit does not name the version it read", "commits-any-version"),
  inShell("an answer and its events are two transactions", "answer-and-events-apart", "switching"),
  inAnswers("a timeout counts as a failure", (answer, isDefinite) =>
    answer.kind === "unknown"
      ? { kind: "dead", failedLines: [0, 1] }
      : decideAnswer(answer, isDefinite),
  ),
  inAnswers("a timeout counts as a success", (answer, isDefinite) =>
    answer.kind === "unknown" ? { kind: "applied" } : decideAnswer(answer, isDefinite),
  ),
  inAnswers("a refusal after an unknown attempt counts as a failure", (answer) =>
    decideAnswer(answer, true),
  ),
  inStep("a confirmed take is free at once", (pool, events, nowMs) =>
    freeDrainingTakes(step(pool, events, nowMs)),
  ),
  inStep("a settlement ignores what the store is owed", (pool, events, nowMs) =>
    step(pool, changeEvents(events, withoutDeficit), nowMs),
  ),
  inStep("the switch does not wait for the takes of the mirror before it", skipDrains, "switching"),
  inStep("a planned take is free at once", (pool, events, nowMs) =>
    creditPlannedTakes(pool, step(pool, events, nowMs)),
  ),
  inStep("a grant is paid for only when it is applied", (pool, events, nowMs) =>
    creditPlannedGrants(pool, step(pool, events, nowMs)),
  ),
  inStep("a failed repair makes its units free", (pool, events, nowMs) =>
    step({ ...pool, operations: pool.operations.map(withoutRepair) }, events, nowMs),
  ),
  inStep(
    "balanced withholds nothing when its mirror ends",
    withoutWithheldUnits,
    "balanced-within",
  ),
  inStep("balanced keeps a mirror of stores it hears nothing of", withoutLease, "balanced-within"),
  inStep("balanced keeps its mirror to the last units", withoutThreshold, "balanced-within"),
];

/** What the proof assumes of Shopify. Where it does not hold, units are sold twice. */
export const brokenAssumptions: readonly PlantedBug[] = [
  inShell("a payment outlasts the drain", "payments-outlast-drain"),
  inShell("a read tells a level that is seconds old", "reads-lag"),
  inShell("somebody else raises levels, and no stock arrives", "foreign-writer", "strict"),
];

/** A bug that needs more worlds than this to show would slip through a run on a developer's machine. */
const seedsMax = 200;

/** The first seed whose world shows the bug; null if none of the first {@link seedsMax} does. */
export function findSeed({ kind, rules }: PlantedBug): number | null {
  for (let seed = 1; seed <= seedsMax; seed += 1) {
    if (runWorld(seed, kind, { rules }).violation !== null) return seed;
  }
  return null;
}

function inShell(
  name: string,
  departure: Departure,
  kind: WorldKind = "strict-unsafe-start",
): PlantedBug {
  return { name, kind, rules: { step, decideAnswer, departures: new Set([departure]) } };
}

function inAnswers(name: string, decide: Rules["decideAnswer"]): PlantedBug {
  const rules = { step, decideAnswer: decide, departures: new Set<Departure>() };
  return { name, kind: "switching", rules };
}

function inStep(
  name: string,
  wrongStep: Rules["step"],
  kind: WorldKind = "strict-unsafe-start",
): PlantedBug {
  const rules = { step: wrongStep, decideAnswer, departures: new Set<Departure>() };
  return { name, kind, rules };
}

type Events = Parameters<Rules["step"]>[1];

function changeEvents(events: Events, change: (event: PoolEvent) => PoolEvent): Events {
  return events.map(({ eventId, event }) => ({ eventId, event: change(event) }));
}

/** The read still accounts what was sold; only the settlement does not see it. */
function withoutDeficit(event: PoolEvent): PoolEvent {
  if (event.kind !== "level-read" || event.level === null) return event;
  return { ...event, level: { ...event.level, units: Math.max(0, event.level.units) } };
}

function freeDrainingTakes(result: StepResult): StepResult {
  const isDraining = ({ state }: QuotaOperation): boolean => state === "draining";
  const draining = result.pool.operations.filter(isDraining);
  return {
    ...result,
    ended: [...result.ended, ...draining],
    pool: {
      ...result.pool,
      freeUnits: draining.reduce((sum, { units }) => sum + units, result.pool.freeUnits),
      operations: result.pool.operations.filter((operation) => !isDraining(operation)),
    },
  };
}

/** The units of the mirror's takes count as free when the switch begins. */
function skipDrains(pool: Pool, events: Events, nowMs: number): StepResult {
  const result = step(pool, events, nowMs);
  const isBegun = pool.target === "mirror" && result.pool.target === "quotas";
  return isBegun ? freeDrainingTakes(result) : result;
}

function unitsPlanned({ operations }: Pool, kind: "take" | "grant"): number {
  return operations
    .filter((operation) => operation.kind === kind && operation.state === "planned")
    .reduce((sum, { units }) => sum + units, 0);
}

function creditPlannedTakes(before: Pool, result: StepResult): StepResult {
  return credit(result, unitsPlanned(result.pool, "take") - unitsPlanned(before, "take"));
}

function creditPlannedGrants(before: Pool, result: StepResult): StepResult {
  return credit(result, unitsPlanned(result.pool, "grant") - unitsPlanned(before, "grant"));
}

function credit(result: StepResult, units: number): StepResult {
  if (units <= 0) return result;
  return { ...result, pool: { ...result.pool, freeUnits: result.pool.freeUnits + units } };
}

function withoutRepair(operation: QuotaOperation): QuotaOperation {
  const isRepair = operation.repairUnits > 0 && operation.state === "dispatched";
  return isRepair ? { ...operation, repairUnits: 0 } : operation;
}
