import { replayLine } from "./replay-line.ts";
import { runWorld } from "./run-world.ts";
import type { WorldKind } from "./config.ts";

/** What many worlds showed together. */
export type Survey = {
  readonly worldCount: number;
  readonly eventCount: number;
  /** How often each thing happened, in all of them. */
  readonly counts: ReadonlyMap<string, number>;
  /** One line for each world that went wrong: what was wrong, and how to see it again. */
  readonly failures: readonly string[];
};

/** Runs the worlds of the seeds from `firstSeed` on. */
export function surveyWorlds(kind: WorldKind, firstSeed: number, worldCount: number): Survey {
  const counts = new Map<string, number>();
  const failures: string[] = [];
  let eventCount = 0;
  for (let seed = firstSeed; seed < firstSeed + worldCount; seed += 1) {
    const { trace, violation } = runWorld(seed, kind);
    eventCount += trace.eventCount;
    for (const [what, count] of trace.counts) counts.set(what, (counts.get(what) ?? 0) + count);
    if (violation !== null) failures.push(`${violation}  ${replayLine(seed, kind)}`);
  }
  return { worldCount, eventCount, counts, failures };
}
