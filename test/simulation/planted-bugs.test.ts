import { expect, test } from "vitest";

import { brokenAssumptions, findSeed, plantedBugs } from "./planted-bugs.ts";

test.for(plantedBugs)("it is found when $name", (bug) => {
  expect(findSeed(bug)).not.toBeNull();
});

test.for(brokenAssumptions)("the promise needs its assumption: it breaks when $name", (bug) => {
  expect(findSeed(bug)).not.toBeNull();
});
