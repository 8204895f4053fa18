import type { BalanceTerms } from "#app/domain/pool/balance.ts";
import type { Delays } from "#app/domain/pool/delays.ts";

/** What a world adds in which pools go from quotas to a mirror and back, by what they sell. */
export type BalancedWorld = {
  readonly terms: BalanceTerms;
  /** What the app is told of its delays. */
  readonly delays: Delays;
  /** How long one store stays the favourite, before the next one is; 0 for always. */
  readonly favouriteMovesMs: number;
  /** Mean time between two moments from which on nothing is heard of one store; 0 for never. */
  readonly silenceEveryMs: number;
};
