import { expect, test } from "vitest";

import { worldKinds } from "./config.ts";
import { runWorld } from "./run-world.ts";
import { surveyWorlds } from "./worlds.ts";

test.for(worldKinds)("the same seed gives the same %s world, event for event", (kind) => {
  for (let seed = 1; seed <= 50; seed += 1) {
    const { trace: first } = runWorld(seed, kind);
    const { trace: second } = runWorld(seed, kind);

    expect(second.hash).toBe(first.hash);
    expect(second.eventCount).toBe(first.eventCount);
  }
});

/** What makes a world hard. If one of these stops happening, passing says less than it did. */
const rareThings = [
  "a take went below what payments hold",
  "a take went below zero",
  "sold below the level",
  "repair done",
  "crash while a take drains",
  "crash while a dispatch is out",
  "dispatch taken over",
  "claim lost before the answer",
  "commit unknown",
  "version moved on",
  "events stepped together",
  "request late",
  "request lost",
  "answer lost",
  "error after the effect",
  "replayed",
  "still running",
  "grant done",
  "answer: throttled, send-again",
  "answer: refused-lines, dead",
  "answer: refused-lines, quarantine",
  "answer: refused-shop, dead-store",
  "answer: refused-shop, quarantine",
  "answer: previous-attempt-failed, dead",
  "answer: previous-attempt-failed, quarantine",
  "grant failed",
  "take failed",
  "take cancelled",
  "grant cancelled",
  "webhook dropped",
  "webhook lost",
  "webhook known",
  "stall",
  "paused",
  "sold unguarded",
  "incident: oversell",
  "switch reads",
  "guaranteed",
];

test("the rare things happen", () => {
  const seen = new Map<string, number>();
  for (const kind of worldKinds) {
    for (const [what, count] of surveyWorlds(kind, 1, 700).counts) {
      seen.set(what, (seen.get(what) ?? 0) + count);
    }
  }

  const tooRare = rareThings.filter((what) => (seen.get(what) ?? 0) < 3);
  expect(tooRare).toEqual([]);
});
