import { expect, test } from "vitest";

import { surveyWorlds } from "./worlds.ts";

/** A few more seconds, and a violation rarer than once in some thousand worlds is still found. */
const worldCount = 8_000;

test("from a safe start no unit is ever sold twice, whatever fails", () => {
  const { failures, eventCount } = surveyWorlds("strict", 1, worldCount);

  expect(failures).toEqual([]);
  expect(eventCount / worldCount).toBeGreaterThan(100);
});

test("a pool that every store showed becomes safe, and stays it", () => {
  const { failures, eventCount } = surveyWorlds("strict-unsafe-start", 1, worldCount);

  expect(failures).toEqual([]);
  expect(eventCount / worldCount).toBeGreaterThan(100);
});
