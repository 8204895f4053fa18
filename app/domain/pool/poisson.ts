import { assert } from "../assert.ts";

/**
 * The Poisson distribution: how many independent arrivals come in a window that sees `mean` of them on
 * average. Exact to 1e-12 for means up to 100,000: probabilities are computed by Loader's saddle point
 * (no large numbers cancel), and tails by adding the smaller side.
 */

/** Tails below this are no longer told apart from 0. */
const smallestTerm = 1e-320;

/** P(X > count). @param count a whole number; below 0 the tail is 1. */
export function poissonTail(mean: number, count: number): number {
  assert(Number.isFinite(mean) && mean >= 0, "a mean is finite and at least 0");
  assert(Number.isSafeInteger(count), "arrivals are counted in whole numbers");
  if (count < 0) return 1;
  if (mean === 0) return 0;
  return count >= mean ? sumUp(mean, count + 1) : 1 - sumDown(mean, count);
}

/**
 * The smallest count that more than `count` arrivals exceed with a probability of at most `risk`.
 *
 * @param risk above 0 and below 1.
 */
export function poissonQuantile(mean: number, risk: number): number {
  assert(risk > 0 && risk < 1, "a risk lies between 0 and 1");
  let low = -1; // the tail is above the risk here, and at most the risk at `high`
  let high = Math.ceil(mean);
  while (poissonTail(mean, high) > risk) {
    low = high;
    high += Math.ceil(Math.sqrt(mean)) + 1;
  }
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (poissonTail(mean, middle) > risk) low = middle;
    else high = middle;
  }
  return high;
}

/** Σ P(X = k) for k ≥ first, where the terms fall. */
function sumUp(mean: number, first: number): number {
  let term = probability(mean, first);
  let sum = 0;
  for (let count = first; term > smallestTerm && term > sum * 1e-17; count += 1) {
    sum += term;
    term *= mean / (count + 1);
  }
  return sum;
}

/** Σ P(X = k) for k ≤ last, where the terms fall downwards. */
function sumDown(mean: number, last: number): number {
  let term = probability(mean, last);
  let sum = 0;
  for (let count = last; count >= 0 && term > smallestTerm && term > sum * 1e-17; count -= 1) {
    sum += term;
    term *= count / mean;
  }
  return sum;
}

/** P(X = count), by C. Loader, "Fast and accurate computation of binomial probabilities" (2000). */
function probability(mean: number, count: number): number {
  if (count === 0) return Math.exp(-mean);
  const exponent = -stirlingError(count) - deviance(count, mean);
  return Math.exp(exponent) / Math.sqrt(2 * Math.PI * count);
}

/** ln(count!) minus Stirling's approximation of it. */
function stirlingError(count: number): number {
  if (count <= 15) {
    let factorial = 1;
    for (let factor = 2; factor <= count; factor += 1) factorial *= factor;
    return Math.log(factorial / (Math.sqrt(2 * Math.PI * count) * (count / Math.E) ** count));
  }
  const square = count * count;
  return (
    (1 / 12 - (1 / 360 - (1 / 1260 - (1 / 1680 - 1 / 1188 / square) / square) / square) / square) /
    count
  );
}

/** count · ln(count / mean) + mean − count; near the mean by its series, where the terms would cancel. */
function deviance(count: number, mean: number): number {
  const difference = count - mean;
  if (Math.abs(difference) >= 0.1 * (count + mean)) {
    return count * Math.log(count / mean) - difference;
  }
  const ratio = difference / (count + mean);
  let sum = difference * ratio;
  let power = 2 * count * ratio;
  for (let odd = 3; ; odd += 2) {
    power *= ratio * ratio;
    const next = sum + power / odd;
    if (next === sum) return sum;
    sum = next;
  }
}
