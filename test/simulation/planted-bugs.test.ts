import { expect, test } from "vitest";

import { brokenAssumptions, plantedBugs } from "./planted-bugs.ts";
import type { PlantedBug } from "./planted-bugs.ts";
import { runWorld } from "./run-world.ts";

/** A bug that needs more worlds than this to show would slip through a run on a developer's machine. */
const seedsMax = 200;

test.for(plantedBugs)("it is found when $name", (bug) => {
  expect(findSeed(bug)).not.toBeNull();
});

test.for(brokenAssumptions)("the promise needs its assumption: it breaks when $name", (bug) => {
  expect(findSeed(bug)).not.toBeNull();
});

function findSeed({ kind, rules }: PlantedBug): number | null {
  for (let seed = 1; seed <= seedsMax; seed += 1) {
    if (runWorld(seed, kind, { rules }).violation !== null) return seed;
  }
  return null;
}
