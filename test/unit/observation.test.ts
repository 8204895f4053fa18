import { expect, test } from "vitest";

import { judgeObservation, parseLevelTime } from "#app/domain/pool/observation.ts";

const known = { expectedUnits: 5, observedAtMs: 10_000, raisedAtMs: 0, isDispatchOut: false };

test("what was expected is an echo, also within the same second", () => {
  expect(judgeObservation(known, { units: 5, atMs: 11_000 })).toEqual({ kind: "echo" });
  expect(judgeObservation(known, { units: 5, atMs: 10_000 })).toEqual({ kind: "echo" });
});

test("a newer level is a change by the difference", () => {
  expect(judgeObservation(known, { units: 3, atMs: 11_000 })).toEqual({
    kind: "change",
    deltaUnits: -2,
  });
  expect(judgeObservation(known, { units: 6, atMs: 11_000 })).toEqual({
    kind: "change",
    deltaUnits: 1,
  });
});

test("a webhook that was overtaken changes nothing", () => {
  expect(judgeObservation(known, { units: 9, atMs: 9_000 })).toEqual({ kind: "outdated" });
});

test("while a dispatch is out a level cannot be judged", () => {
  const out = { ...known, isDispatchOut: true };
  expect(judgeObservation(out, { units: 5, atMs: 11_000 })).toEqual({ kind: "wait" });
});

test("within one second a fall is newer only if nothing raised the level in it", () => {
  const raised = { ...known, raisedAtMs: 10_000 };
  expect(judgeObservation(known, { units: 4, atMs: 10_000 })).toEqual({
    kind: "change",
    deltaUnits: -1,
  });
  expect(judgeObservation(raised, { units: 4, atMs: 10_000 })).toEqual({ kind: "read-again" });
  expect(judgeObservation(known, { units: 6, atMs: 10_000 })).toEqual({ kind: "read-again" });
});

test("times are compared by whole seconds, and what never changed is the oldest", () => {
  expect(parseLevelTime("2026-03-16T15:35:06+07:00")).toBe(Date.UTC(2026, 2, 16, 8, 35, 6));
  expect(parseLevelTime("2026-03-16T08:35:06.987Z")).toBe(Date.UTC(2026, 2, 16, 8, 35, 6));
  expect(parseLevelTime(null)).toBe(0);
  expect(() => parseLevelTime("yesterday")).toThrow("an observation has a time");
});
