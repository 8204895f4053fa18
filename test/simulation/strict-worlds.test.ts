import { expect, test } from "vitest";

import { surveyWorlds } from "./worlds.ts";

/** A few more seconds, and a violation rarer than once in some thousand worlds is still found. */
const worldCount = 8_000;

test("from a safe start no unit is ever sold twice, whatever fails", () => {
  const { violations, eventCount } = surveyWorlds("strict", 1, worldCount);

  expect(violations).toEqual([]);
  expect(eventCount / worldCount).toBeGreaterThan(100);
});

test("balanced keeps the promise of strict", () => {
  const { violations, tallies } = surveyWorlds("balanced", 1, worldCount);

  expect(violations).toEqual([]);
  expect(tallies.balanced.oversoldRuns).toBe(0);
});

test("a pool that every store showed becomes safe, and stays it", () => {
  const { violations, eventCount } = surveyWorlds("strict-unsafe-start", 1, worldCount);

  expect(violations).toEqual([]);
  expect(eventCount / worldCount).toBeGreaterThan(100);
});
