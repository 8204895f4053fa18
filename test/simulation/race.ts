import type { Protection } from "#app/domain/pool/protection.ts";

import { createChance } from "./chance.ts";
import type { WorldConfig } from "./config.ts";
import { createPlainMirror } from "./plain-mirror.ts";
import { runWorld } from "./run-world.ts";
import { addTallies, emptyTally, tallyOf } from "./tally.ts";
import type { Tally } from "./tally.ts";

/** Who is put into the same worlds: this app under each protection, and the obvious design. */
export const contenders = ["strict", "balanced", "mirror", "plain-mirror"] as const;
export type Contender = (typeof contenders)[number];

/** A world that all contenders are put into. `race` is the reference test. */
export const scenarioNames = ["race", "slow-seller", "good-seller", "drop"] as const;
export type ScenarioName = (typeof scenarioNames)[number];

type Market = {
  readonly stockUnits: number;
  readonly shopperCount: number;
  readonly shopperEveryMs: number;
  readonly slowestPaymentMs: number;
};

const hourMs = 3_600_000;

const markets: Record<ScenarioName, Market> = {
  // Everybody pays at the same moment.
  race: { stockUnits: 30, shopperCount: 100, shopperEveryMs: 0, slowestPaymentMs: 900 },
  // 1.6 shoppers for each unit, by the hour. Payments take eight seconds at most.
  "slow-seller": {
    stockUnits: 5,
    shopperCount: 8,
    shopperEveryMs: hourMs / 18,
    slowestPaymentMs: 8_000,
  },
  "good-seller": {
    stockUnits: 30,
    shopperCount: 48,
    shopperEveryMs: hourMs / 360,
    slowestPaymentMs: 8_000,
  },
  drop: {
    stockUnits: 10,
    shopperCount: 16,
    shopperEveryMs: hourMs / 3_600,
    slowestPaymentMs: 8_000,
  },
};

export type RaceResult = { readonly tally: Tally; readonly violations: readonly RaceViolation[] };

type RaceViolation = {
  readonly seed: number;
  readonly contender: Contender;
  readonly invariant: string;
};

/** Plays the scenario once for each seed, with one contender. The worlds differ only by the contender. */
export function playRaces(
  scenario: ScenarioName,
  contender: Contender,
  firstSeed: number,
  worldCount: number,
): RaceResult {
  let tally = emptyTally;
  const violations: RaceViolation[] = [];
  for (let seed = firstSeed; seed < firstSeed + worldCount; seed += 1) {
    const config = raceConfig(scenario, contender, seed);
    const outcome = runWorld(seed, config.kind, {
      config,
      ...(contender === "plain-mirror" ? { design: createPlainMirror() } : {}),
    });
    tally = addTallies(tally, tallyOf(outcome));
    if (outcome.violation !== null) {
      violations.push({ seed, contender, invariant: outcome.violation });
    }
  }
  return { tally, violations };
}

/** Ten stores; how much fails is drawn from the seed, each kind of fault in about half of the worlds. */
function raceConfig(scenario: ScenarioName, contender: Contender, seed: number): WorldConfig {
  const chance = createChance(seed, "race");
  const some = (strength: number): number => (chance.isHit(0.5) ? strength * chance.next() : 0);
  const { stockUnits, shopperCount, shopperEveryMs, slowestPaymentMs } = markets[scenario];
  const isMirror = contender === "mirror" || contender === "plain-mirror";
  const protection: Protection = isMirror ? "mirror" : contender;
  return {
    kind: protection,
    protection,
    storeCount: 10,
    poolCount: 1,
    stockUnits,
    isSplitEvenly: true,
    busyMs: 20_000 + 1.5 * shopperCount * shopperEveryMs,
    drainMs: 3 * slowestPaymentMs,
    holdMaxMs: slowestPaymentMs,
    shopperEveryMs,
    shopperCount,
    pairs: 0,
    favourite: 0,
    areSlowPayers: false,
    paymentFailure: 0.05,
    restock: 0,
    refund: 0,
    unguardedSale: 0,
    latencyMs: chance.whole(80, 300),
    api: {
      lostRequest: some(0.1),
      lostAnswer: some(0.1),
      lateRequest: some(0.05),
      lateMaxMs: 3_000,
      errorBefore: some(0.1),
      errorAfter: some(0.1),
      rememberedFailure: 0,
      throttled: some(0.1),
      withoutLevels: 0,
    },
    webhooks: { dropped: some(0.2), doubled: some(0.3), late: some(0.3), lateMaxMs: 4_000 },
    processes: { crash: some(0.003), stall: some(0.003), unknownCommit: some(0.05) },
    stores: { disconnectEveryMs: 0, closeEveryMs: 0 },
    balance: null,
  };
}
