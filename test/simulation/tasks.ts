import { searches } from "./exhaustive/searches.ts";
import type { SimulateOptions } from "./options.ts";
import { plantedBugs } from "./planted-bugs.ts";
import { contenders } from "./race.ts";
import type { Task } from "./task.ts";

/** Worlds in one task: a second's work or so, so that the cores finish together. */
const worldsPerTask = { worlds: 250, races: 25 };

/** All that a run has to do, cut into pieces for the cores. */
export function tasksOf(options: SimulateOptions): readonly Task[] {
  return [...mainTasks(options), ...bugTasks(options)];
}

function mainTasks({ mode, scenario, firstSeed, seedCount }: SimulateOptions): readonly Task[] {
  if (mode === "exhaustive") return searches.map(({ name }) => ({ kind: "exhaustive", name }));
  if (scenario === null) {
    return blocks(firstSeed, seedCount, worldsPerTask.worlds).map((block) => ({
      kind: "worlds",
      ...block,
    }));
  }
  return contenders.flatMap((contender) =>
    blocks(firstSeed, seedCount, worldsPerTask.races).map((block) => ({
      kind: "races" as const,
      scenario,
      contender,
      ...block,
    })),
  );
}

function bugTasks(options: SimulateOptions): readonly Task[] {
  if (!options.plantedBugs) return [];
  return plantedBugs.map(({ name }) => ({ kind: "planted-bug", name }));
}

type Block = { readonly firstSeed: number; readonly worldCount: number };

function blocks(firstSeed: number, seedCount: number, size: number): readonly Block[] {
  return Array.from({ length: Math.ceil(seedCount / size) }, (_, index) => ({
    firstSeed: firstSeed + index * size,
    worldCount: Math.min(size, seedCount - index * size),
  }));
}
