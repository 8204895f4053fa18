import { expect, test } from "vitest";

import { explore } from "./exhaustive/explore.ts";
import { searches } from "./exhaustive/searches.ts";
import { plantedBugs } from "./planted-bugs.ts";

const smallSearches = searches.filter(({ name }) => name.startsWith("small"));

test.for(smallSearches)("no course goes wrong: $name", ({ name }) => {
  const { violation, isComplete, stateCount } = explore(name);

  expect(violation).toBeNull();
  expect(isComplete).toBe(true);
  expect(stateCount).toBeGreaterThan(3_000);
});

/** What a search must find by itself, units sold twice and not only books that do not balance. */
const bugsThatOversell: readonly (readonly [string, (typeof searches)[number]["name"]])[] = [
  ["a take settles without its drain", searches[0].name],
  ["a confirmed take is free at once", searches[0].name],
  ["a settlement ignores what the store is owed", searches[0].name],
  ["every retry has a new idempotency key", searches[1].name],
  ["a timeout counts as a success", searches[1].name],
  ["a timeout counts as a failure", searches[2].name],
  ["a refusal after an unknown attempt counts as a failure", searches[2].name],
  ["a refusal is believed after the claim was lost", searches[2].name],
  ["a dispatch taken over counts as never sent before", searches[2].name],
];

test.for(bugsThatOversell)(
  "a course is found that sells a unit twice when %s",
  ([bugName, name]) => {
    const bug = plantedBugs.find((each) => each.name === bugName);
    const { violation } = explore(name, bug!.rules, "oversell");

    expect(violation?.invariant).toMatch(/^guaranteed, and the stores can sell/);
    expect(violation?.story.at(-1)).toMatch(/sells \d more$/);
  },
);
