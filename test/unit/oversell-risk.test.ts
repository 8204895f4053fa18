import { expect, test } from "vitest";

import {
  expectedOversoldUnits,
  oversellProbability,
  unitsToWithhold,
} from "#app/domain/pool/oversell-risk.ts";
import { poissonQuantile, poissonTail } from "#app/domain/pool/poisson.ts";

/** Mean, count, and P(X > count) as summed with 60 decimal digits. */
test.each([
  [0.5, 0, 3.93469340287366576396e-1],
  [0.5, 7, 6.21969086372864830221e-8],
  [1, 3, 1.89881568761538090786e-2],
  [4, 4, 3.71163064820126476582e-1],
  [10, 28, 7.64466640813827565587e-7],
  [10, 5, 9.32914037120968217714e-1],
  [50, 87, 7.54074771077058242004e-7],
  [300, 386, 8.41259170134901430977e-7],
  [300, 250, 9.98318871530517662613e-1],
  [1_000, 1_000, 4.91590632831494008786e-1],
  [1_000, 1_150, 1.64433983327572990487e-6],
  [100_000, 100_000, 4.9915895690065987613e-1],
  [100_000, 101_000, 7.91201429160451721889e-4],
  [100_000, 101_600, 2.22833360253215155965e-7],
  [100_000, 99_000, 9.99225799170555261141e-1],
])("of %d expected arrivals more than %d come with a known probability", (mean, count, known) => {
  expect(Math.abs(poissonTail(mean, count) / known - 1)).toBeLessThan(1e-12);
});

test("a tail is 1 below zero, and 0 where nothing is expected", () => {
  expect(poissonTail(3, -1)).toBe(1);
  expect(poissonTail(0, 0)).toBe(0);
  expect(poissonTail(100_000, 0)).toBe(1);
  expect(poissonTail(1, 10_000)).toBe(0);
});

/** Expected sales in the blind window, and what is withheld at risks of 1e-2, 1e-4 and 1e-6. */
test.each([
  [0.1, 1, 3, 4],
  [0.5, 3, 5, 7],
  [1, 4, 6, 9],
  [2, 6, 9, 12],
  [5, 11, 15, 19],
  [10, 18, 24, 28],
  [50, 67, 78, 87],
  [300, 341, 367, 386],
])("with %d sales hidden on average, %d, %d or %d units are withheld", (mean, ...withheld) => {
  const sales = { unitsPerMs: mean / 60_000, windowMs: 60_000, batchUnits: 1 };

  const found = [1e-2, 1e-4, 1e-6].map((risk) => unitsToWithhold({ ...sales, risk }));

  expect(found).toEqual(withheld);
});

test("orders of several units are withheld for as such", () => {
  const sales = { unitsPerMs: 1 / 60_000, windowMs: 60_000, risk: 1e-6 };

  expect(unitsToWithhold({ ...sales, batchUnits: 2 })).toBe(poissonQuantile(2, 1e-6));
});

test("nothing is withheld where nothing sells", () => {
  expect(poissonQuantile(0, 1e-6)).toBe(0);
});

/** Stores, sales a second, P and units oversold: a mirror whose sales are hidden for 5.27 s. */
test.each([
  [2, 0.05, 0.123, 0.132],
  [10, 0.01, 0.046, 0.047],
  [10, 0.2, 0.613, 0.949],
  [10, 1, 0.991, 4.743],
])("%d equal stores that sell %d units a second oversell as often as known", (...known) => {
  const [storeCount, perSecond, probability, units] = known;
  const sales = {
    unitsPerMs: perSecond / 1_000,
    blindMs: 5_270,
    soldByStore: Array.from({ length: storeCount }, () => 3),
  };

  expect(oversellProbability(sales)).toBeCloseTo(probability, 3);
  expect(expectedOversoldUnits(sales)).toBeCloseTo(units, 3);
});

test("where one store sells everything, nothing is sold twice", () => {
  const sales = { unitsPerMs: 1, blindMs: 5_000, soldByStore: [7, 0, 0] };

  expect(oversellProbability(sales)).toBe(0);
});

test("where nothing sold yet, the stores count the same", () => {
  const sales = { unitsPerMs: 1 / 5_000, blindMs: 5_000, soldByStore: [0, 0] };

  expect(expectedOversoldUnits(sales)).toBe(0.5);
});
