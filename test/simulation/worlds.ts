import { kindOf } from "./config.ts";
import type { WorldKind } from "./config.ts";
import { runWorld } from "./run-world.ts";
import type { Outcome } from "./run-world.ts";
import { addTallies, emptyTally, tallyOf } from "./tally.ts";
import type { Tally } from "./tally.ts";

/** The promises that worlds are counted under; `other` worlds change theirs, or begin without one. */
export const tallyNames = [
  "strict",
  "balanced",
  "balancedOutsideAssumption",
  "mirror",
  "other",
] as const;
export type TallyName = (typeof tallyNames)[number];

/** What many worlds showed together: plain data, so that cores can add up their parts. */
export type Survey = {
  readonly worldCount: number;
  readonly eventCount: number;
  /** How often each thing happened, in all of them. */
  readonly counts: Readonly<Record<string, number>>;
  readonly violations: readonly FoundViolation[];
  /** Only worlds in which every sale asks whether there is stock. */
  readonly tallies: Readonly<Record<TallyName, Tally>>;
};

export type FoundViolation = {
  readonly seed: number;
  readonly kind: WorldKind;
  readonly invariant: string;
};

export const emptySurvey: Survey = {
  worldCount: 0,
  eventCount: 0,
  counts: {},
  violations: [],
  tallies: {
    strict: emptyTally,
    balanced: emptyTally,
    balancedOutsideAssumption: emptyTally,
    mirror: emptyTally,
    other: emptyTally,
  },
};

/**
 * Runs the worlds of the seeds from `firstSeed` on.
 *
 * @param kind null: each seed plays the kind that is its turn.
 */
export function surveyWorlds(
  kind: WorldKind | null,
  firstSeed: number,
  worldCount: number,
): Survey {
  const counts: Record<string, number> = {};
  const violations: FoundViolation[] = [];
  const tallies = { ...emptySurvey.tallies };
  let eventCount = 0;
  for (let seed = firstSeed; seed < firstSeed + worldCount; seed += 1) {
    const outcome = runWorld(seed, kind ?? kindOf(seed));
    eventCount += outcome.trace.eventCount;
    for (const [what, count] of outcome.trace.counts) counts[what] = (counts[what] ?? 0) + count;
    if (outcome.violation !== null) {
      violations.push({ seed, kind: outcome.kind, invariant: outcome.violation });
    }
    if (outcome.config.unguardedSale > 0) continue;
    const name = tallyNameOf(outcome);
    tallies[name] = addTallies(tallies[name], tallyOf(outcome));
  }
  return { worldCount, eventCount, counts, violations, tallies };
}

function tallyNameOf({ kind }: Outcome): TallyName {
  switch (kind) {
    case "strict":
    case "balanced":
    case "mirror":
      return kind;
    case "balanced-within":
      return "balanced";
    case "balanced-outside":
      return "balancedOutsideAssumption";
    case "strict-unsafe-start":
    case "switching":
      return "other";
  }
}

export function addSurveys(one: Survey, other: Survey): Survey {
  const counts = { ...one.counts };
  for (const [what, count] of Object.entries(other.counts)) {
    counts[what] = (counts[what] ?? 0) + count;
  }
  const add = (name: TallyName): Tally => addTallies(one.tallies[name], other.tallies[name]);
  return {
    worldCount: one.worldCount + other.worldCount,
    eventCount: one.eventCount + other.eventCount,
    counts,
    violations: [...one.violations, ...other.violations],
    tallies: {
      strict: add("strict"),
      balanced: add("balanced"),
      balancedOutsideAssumption: add("balancedOutsideAssumption"),
      mirror: add("mirror"),
      other: add("other"),
    },
  };
}
