/** Keys that something happened to lately, by a clock that never jumps. */
export type RecentKeys = {
  readonly has: (key: string) => boolean;
  readonly add: (key: string) => void;
  readonly delete: (key: string) => void;
};

/** Far more than matter at once; whoever remembers only to save time may forget. */
const keysMax = 10_000;

/** @param forMs how long after `add` a key counts as recent. */
export function createRecentKeys(forMs: number): RecentKeys {
  const untilMs = new Map<string, number>();
  return {
    has: (key) => performance.now() < (untilMs.get(key) ?? 0),
    delete: (key) => void untilMs.delete(key),
    add(key) {
      if (untilMs.size >= keysMax) untilMs.clear();
      untilMs.set(key, performance.now() + forMs);
    },
  };
}
