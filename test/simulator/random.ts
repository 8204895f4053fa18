import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

import type { ScenarioDuration } from "#test/scenarios/scenario.ts";

/** A sequence of chances that depends on the scenario's seed and the stream's name, and on nothing else. */
export type RandomStream = {
  /** In [0, 1). */
  readonly next: () => number;
  /** Draws once, whatever the probability is, so that a fault that is off does not shift the others. */
  readonly isHit: (probability: number) => boolean;
  /** Draws twice. Never negative; in milliseconds. */
  readonly durationMs: (duration: ScenarioDuration) => number;
  /** Goes on as a stream of another seed does from its start. */
  readonly reseed: (seed: number) => void;
};

/** The z of the 99th percentile of the normal distribution. */
const normalP99 = 2.326_348;

/** One stream for each concern: a draw more in one of them leaves all the others as they were. */
export function createRandomStream(seed: number, name: string): RandomStream {
  const generatorOf = (anySeed: number) => xoroshiro128plus(hash(`${anySeed}/${name}`));
  let generator = generatorOf(seed);
  const next = (): number => uniformFloat64(generator);
  return {
    next,
    isHit: (probability) => next() < probability,
    durationMs: (duration) => {
      // Box-Muller; 1 - next() is never 0.
      const normal = Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
      if (typeof duration === "number") return duration;
      const sigma = Math.log(duration.p99Ms / duration.p50Ms) / normalP99;
      return duration.p50Ms * Math.exp(sigma * normal);
    },
    reseed: (otherSeed) => {
      generator = generatorOf(otherSeed);
    },
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
