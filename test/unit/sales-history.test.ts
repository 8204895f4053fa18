import { expect, test } from "vitest";

import { blindTime, delaysFrom, safeDelays } from "#app/domain/pool/delays.ts";
import {
  batchUnits,
  newSalesHistory,
  noteOrderUnits,
  noteSale,
  salesRate,
} from "#app/domain/pool/sales.ts";
import type { SalesHistory } from "#app/domain/pool/sales.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

test("a rush that may just have begun counts three times", () => {
  expect(perMinute(sold([0, 2]), 0)).toBe(6);
});

test("after the rush the busiest five minutes of the day count", () => {
  const history = sold([0, 10], [minuteMs, 10]);

  expect(perMinute(history, 10 * minuteMs)).toBe(4);
  expect(perMinute(history, 23 * hourMs)).toBe(4);
});

test("what sold more than a day ago is forgotten", () => {
  expect(perMinute(sold([0, 10]), 26 * hourMs)).toBe(0);
});

test("five minutes later is another five minutes", () => {
  expect(perMinute(sold([0, 10], [6 * minuteMs, 10]), 8 * minuteMs)).toBe(2);
});

test("the history of a pool that sells for ever stays small", () => {
  let history = newSalesHistory(0);
  for (let nowMs = 0; nowMs < 26 * hourMs; nowMs += 9_500) history = noteSale(history, 1, nowMs);

  expect(history.recent.length).toBeLessThanOrEqual(31);
  expect(history.peaks.length).toBeLessThanOrEqual(25);
});

test("a clock that goes back loses no sale", () => {
  expect(perMinute(sold([hourMs, 2], [0, 1]), hourMs)).toBe(9);
});

test("orders of one unit are no bursts, and orders of several are", () => {
  const one = noteOrderUnits(newSalesHistory(0), 1);

  expect(batchUnits(newSalesHistory(0))).toBe(1);
  expect(batchUnits(one)).toBe(1);
  expect(batchUnits(noteOrderUnits(one, 3))).toBe(2.5);
});

test("the mix of orders follows today's", () => {
  let history = noteOrderUnits(newSalesHistory(0), 100);
  for (let count = 0; count < 20_000; count += 1) history = noteOrderUnits(history, 1);

  expect(batchUnits(history)).toBeLessThan(1.01);
});

test("until enough was measured a delay is what is safe, or what was seen if that was slower", () => {
  const known = { count: 1_000, slowMs: 10 };

  const delays = delaysFrom({
    webhookMs: { count: 999, slowMs: 90_000 },
    apiMs: { count: 0, slowMs: 0 },
    queueMs: known,
  });

  expect(delays).toEqual({ webhookMs: 90_000, apiMs: safeDelays.apiMs, queueMs: 10 });
});

test("sales are hidden from the start of a payment until the stores are taken down", () => {
  const delays = { webhookMs: 5_000, apiMs: 1_000, queueMs: 500 };

  const terms = { drainMs: 600_000, confirmWithinMs: 1_000 };
  expect(blindTime(delays, terms)).toEqual({ leaseMs: 6_500, windowMs: 68_500 });
  const brief = { drainMs: 2_000, confirmWithinMs: 60_000 };
  expect(blindTime(delays, brief)).toEqual({ leaseMs: 60_000, windowMs: 64_000 });
});

function sold(...sales: readonly (readonly [atMs: number, units: number])[]): SalesHistory {
  return sales.reduce(
    (history, [atMs, units]) => noteSale(history, units, atMs),
    newSalesHistory(0),
  );
}

function perMinute(history: SalesHistory, nowMs: number): number {
  return salesRate(history, nowMs) * minuteMs;
}
