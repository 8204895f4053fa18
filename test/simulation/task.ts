import { explore } from "./exhaustive/explore.ts";
import type { Exploration } from "./exhaustive/explore.ts";
import type { SearchName } from "./exhaustive/searches.ts";
import { findSeed, plantedBugs } from "./planted-bugs.ts";
import { playRaces } from "./race.ts";
import type { Contender, RaceResult, ScenarioName } from "./race.ts";
import { surveyWorlds } from "./worlds.ts";
import type { Survey } from "./worlds.ts";

/** A piece of work that one core does alone. */
export type Task =
  | { readonly kind: "worlds"; readonly firstSeed: number; readonly worldCount: number }
  | {
      readonly kind: "races";
      readonly scenario: ScenarioName;
      readonly contender: Contender;
      readonly firstSeed: number;
      readonly worldCount: number;
    }
  | { readonly kind: "planted-bug"; readonly name: string }
  | { readonly kind: "exhaustive"; readonly name: SearchName };

export type TaskResult =
  | { readonly kind: "worlds"; readonly survey: Survey }
  | { readonly kind: "races"; readonly contender: Contender; readonly result: RaceResult }
  /** `firstSeed` is null when it was not found. */
  | { readonly kind: "planted-bug"; readonly name: string; readonly firstSeed: number | null }
  | { readonly kind: "exhaustive"; readonly exploration: Exploration };

export function runTask(task: Task): TaskResult {
  switch (task.kind) {
    case "worlds":
      return { kind: task.kind, survey: surveyWorlds(null, task.firstSeed, task.worldCount) };
    case "races": {
      const { kind, scenario, contender, firstSeed, worldCount } = task;
      return { kind, contender, result: playRaces(scenario, contender, firstSeed, worldCount) };
    }
    case "planted-bug": {
      const bug = plantedBugs.find(({ name }) => name === task.name);
      return { ...task, firstSeed: bug ? findSeed(bug) : null };
    }
    case "exhaustive":
      return { kind: task.kind, exploration: explore(task.name) };
  }
}
