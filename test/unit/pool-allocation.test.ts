import { expect, test } from "vitest";

import { allocate, allocateToGaps } from "#app/domain/pool/allocation.ts";

test("units are split by weight, and what remains goes to the largest fractions", () => {
  expect(allocate(10, [1, 1, 2])).toEqual([3, 2, 5]);
  expect(allocate(7, [3, 3, 1])).toEqual([3, 3, 1]);
});

test("where all are equal, the first ones are served first", () => {
  expect(allocate(5, [1, 1, 1])).toEqual([2, 2, 1]);
  expect(allocate(1, [1, 1, 1])).toEqual([1, 0, 0]);
});

test("without weights the units go round", () => {
  expect(allocate(4, [0, 0, 0])).toEqual([2, 1, 1]);
});

test("nothing is split into nothing", () => {
  expect(allocate(0, [1, 2])).toEqual([0, 0]);
  expect(allocate(0, [])).toEqual([]);
});

test("half a unit cannot be split, and less than none neither", () => {
  expect(() => allocate(1.5, [1])).toThrow("whole units are split");
  expect(() => allocate(-1, [1])).toThrow("whole units are split");
});

test("gaps are filled in proportion, and never beyond", () => {
  expect(allocateToGaps(3, [4, 2, 0])).toEqual([2, 1, 0]);
  expect(allocateToGaps(9, [4, 2, 0])).toEqual([4, 2, 0]);
});
