import { expect, test } from "vitest";

import { surveyWorlds } from "./worlds.ts";

/** These worlds sell for minutes, and take twenty times as long as the others. */
const worldCount = 500;

test("balanced oversells nothing while delays and demand stay what it reckons with", () => {
  const { violations, counts, tallies } = surveyWorlds("balanced-within", 1, worldCount);

  expect(violations).toEqual([]);
  expect(tallies.balanced.oversoldRuns).toBe(0);
  for (const what of ["balanced mirrors", "balanced ends its mirror", "store silent"]) {
    expect(counts[what]).toBeGreaterThan(worldCount / 2);
  }
});

test("outside what balanced reckons with the books stay exact, and oversells are counted", () => {
  const { violations, counts } = surveyWorlds("balanced-outside", 1, worldCount);

  expect(violations).toEqual([]);
  expect(counts["incident: oversell"]).toBeGreaterThan(0);
});
