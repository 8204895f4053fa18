import { createChance } from "#test/simulation/chance.ts";

/** What can be done to the parts of a running app. */
export const disruptionKinds = [
  "web-killed",
  "worker-killed",
  "redis-killed",
  "postgres-killed",
  "web-frozen",
  "worker-frozen",
  "worker-frozen-beyond-ttl",
  "sessions-cut",
  "commits-cut",
] as const;
export type DisruptionKind = (typeof disruptionKinds)[number];

export type Disruption = {
  readonly kind: DisruptionKind;
  /** Since the first shopper came. */
  readonly atMs: number;
  /** How long a frozen process stays so; 0 for what is killed or cut, which has no end of its own. */
  readonly forMs: number;
  /** How many commits are cut, and how often before, for each that is cut after, PostgreSQL had them. */
  readonly commits: readonly CommitCut[];
};

/** `lost`: PostgreSQL never gets the COMMIT. `answer-lost`: it commits, and the process is not told. */
export type CommitCut = "lost" | "answer-lost";

/** What the parts of this stand allow, and the runner asked for. */
export type NemesisLimits = {
  /** Only a server that the runs have to themselves is killed. */
  readonly killsPostgres: boolean;
  readonly killsRedis: boolean;
  /** Disruptions that take half a minute each. */
  readonly isSlow: boolean;
};

/** A lock in Redis lives 30 s if nobody gives it back. */
const beyondTtlMs = 33_000;
/** Payments of the race take 0.3 to 1 s: within it what is sold reaches the app. */
const paymentsMs = 900;
const commitsMax = 4;

/** In how many of the runs each happens. A kill costs seconds of a core until the process is back. */
const shares: Readonly<Record<DisruptionKind, number>> = {
  "web-killed": 0.12,
  "worker-killed": 0.15,
  "redis-killed": 0.2,
  "postgres-killed": 0.05,
  "web-frozen": 0.08,
  "worker-frozen": 0.12,
  "worker-frozen-beyond-ttl": 0.05,
  "sessions-cut": 0.2,
  "commits-cut": 0.5,
};

/**
 * What goes wrong with the app's own parts in the run of a seed, in the order of time. What the limits
 * forbid is left out, and leaves the rest as it would be.
 */
export function planDisruptions(
  seed: number,
  limits: NemesisLimits,
  shoppersComeForMs: number,
): readonly Disruption[] {
  return disruptionKinds
    .flatMap((kind) => {
      const chance = createChance(seed, `nemesis/${kind}`);
      const happens = chance.isHit(shares[kind]);
      const atMs = chance.whole(0, shoppersComeForMs + paymentsMs);
      const forMs = freezeMs(kind, chance.whole(500, 3_000));
      const commits = Array.from({ length: chance.whole(1, commitsMax) }, () =>
        chance.pick<CommitCut>(["lost", "answer-lost"]),
      );
      if (!happens || !isAllowed(kind, limits)) return [];
      return [{ kind, atMs, forMs, commits: kind === "commits-cut" ? commits : [] }];
    })
    .sort((one, other) => one.atMs - other.atMs);
}

function isAllowed(kind: DisruptionKind, limits: NemesisLimits): boolean {
  if (kind === "postgres-killed") return limits.killsPostgres;
  if (kind === "redis-killed") return limits.killsRedis;
  return kind !== "worker-frozen-beyond-ttl" || limits.isSlow;
}

function freezeMs(kind: DisruptionKind, shortMs: number): number {
  if (kind === "worker-frozen-beyond-ttl") return beyondTtlMs;
  return kind === "web-frozen" || kind === "worker-frozen" ? shortMs : 0;
}
