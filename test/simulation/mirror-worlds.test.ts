import { expect, test } from "vitest";

import { surveyWorlds } from "./worlds.ts";

/** A few more seconds, and a violation rarer than once in some thousand worlds is still found. */
const worldCount = 8_000;

test("a mirror oversells, but every unit stays accounted and every store ends up showing the pool", () => {
  const { violations, eventCount } = surveyWorlds("mirror", 1, worldCount);

  expect(violations).toEqual([]);
  expect(eventCount / worldCount).toBeGreaterThan(100);
});

test("protection may change at any moment, and what is guaranteed is", () => {
  const { violations, eventCount } = surveyWorlds("switching", 1, worldCount);

  expect(violations).toEqual([]);
  expect(eventCount / worldCount).toBeGreaterThan(100);
});
