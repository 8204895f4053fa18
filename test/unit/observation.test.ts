import { expect, test } from "vitest";

import { judgeObservation } from "#app/domain/pool/observation.ts";

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
