import type { WorldKind } from "./config.ts";

/** A world that went wrong once. It is played in the tests for good. */
export type Regression = {
  readonly seed: number;
  readonly kind: WorldKind;
  /** What was wrong in the code, as a sentence. */
  readonly mistake: string;
};

/** Seeds mean the same world only as long as worlds draw the same; the mistakes are tested by name too. */
export const regressions: readonly Regression[] = [
  {
    seed: 549,
    kind: "strict",
    mistake: "a read from before the switch answered the one that the switch waits for",
  },
  {
    seed: 7,
    kind: "strict-unsafe-start",
    mistake: "a read from before the switch answered the one that the switch waits for",
  },
  {
    seed: 40,
    kind: "switching",
    mistake: "a read from before the switch answered the one that the switch waits for",
  },
];
