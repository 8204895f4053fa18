import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

/** A sequence of chances that depends on the seed and the concern's name, and on nothing else. */
export type Chance = {
  /** In [0, 1). */
  readonly next: () => number;
  /** Draws once, whatever the probability, so that a fault that is off does not shift the others. */
  readonly isHit: (probability: number) => boolean;
  /** A whole number from `low` to `high`, both included. */
  readonly whole: (low: number, high: number) => number;
  /** Exponentially distributed, as the time between independent arrivals is. */
  readonly exponential: (mean: number) => number;
  readonly pick: <T>(items: readonly T[]) => T;
};

/** One stream for each concern: a draw more in one of them leaves all the others as they were. */
export function createChance(seed: number, concern: string): Chance {
  const generator = xoroshiro128plus(hash(`${seed}/${concern}`));
  const next = (): number => (generator.next() >>> 0) / 0x1_0000_0000;
  const whole = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1));
  return {
    next,
    isHit: (probability) => next() < probability,
    whole,
    exponential: (mean) => -mean * Math.log(1 - next()),
    pick: (items) => items[whole(0, items.length - 1)]!,
  };
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  return value | 0;
}
