/** One try at a pool's lock. "down": the server cannot say who has it. */
export type LockAttempt =
  | { readonly kind: "held"; readonly release: () => Promise<void> }
  | { readonly kind: "busy" }
  | { readonly kind: "down"; readonly cause: unknown };

/** Something that can hand out the locks of pools; who waits for them, and how long, is PoolLock's. */
export type LockServer = {
  /** Never throws, and never waits for another holder; its `release` never throws either. */
  readonly tryAcquire: (poolId: string) => Promise<LockAttempt>;
  readonly close: () => Promise<void>;
};
