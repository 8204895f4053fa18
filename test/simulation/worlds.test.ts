import { expect, test } from "vitest";

import { kindOf, worldKinds } from "./config.ts";
import { rareThings } from "./rare-things.ts";
import { runWorld } from "./run-world.ts";
import { addSurveys, surveyWorlds } from "./worlds.ts";

test.for(worldKinds)("the same seed gives the same %s world, event for event", (kind) => {
  for (let seed = 1; seed <= 50; seed += 1) {
    const { trace: first } = runWorld(seed, kind);
    const { trace: second } = runWorld(seed, kind);

    expect(second.hash).toBe(first.hash);
    expect(second.eventCount).toBe(first.eventCount);
  }
});

test("the rare things happen, and the coverage that is reported is of these", () => {
  const { counts, worldCount } = surveyWorlds(null, 1, 2_000);

  expect(worldCount).toBe(2_000);
  expect(rareThings.filter((what) => (counts[what] ?? 0) < 3)).toEqual([]);
});

test("every kind has its turn, and surveys of parts add up to the survey of all", () => {
  const whole = surveyWorlds(null, 40, 20);
  const parts = addSurveys(surveyWorlds(null, 40, 7), surveyWorlds(null, 47, 13));

  expect(parts).toEqual(whole);
  const kinds = Array.from({ length: 20 }, (_, index) => kindOf(40 + index));
  expect(new Set(kinds)).toEqual(new Set(worldKinds));
});
