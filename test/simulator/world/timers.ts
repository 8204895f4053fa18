/** The pending work of one world. When another world is loaded nothing of this one happens any more. */
export type Timers = {
  /** Runs `work` once, in `delayMs` (at the next turn of the event loop when it is 0 or less). */
  readonly after: (delayMs: number, work: () => void) => void;
  /** Resolves in `delayMs`; never, when the world is replaced before. */
  readonly pause: (delayMs: number) => Promise<void>;
  readonly clear: () => void;
};

export function createTimers(): Timers {
  const timeouts = new Set<NodeJS.Timeout>();
  const immediates = new Set<NodeJS.Immediate>();
  let isCleared = false;

  const after = (delayMs: number, work: () => void): void => {
    if (isCleared) return;
    if (delayMs <= 0) {
      const immediate = setImmediate(() => {
        immediates.delete(immediate);
        work();
      });
      immediates.add(immediate);
      return;
    }
    const timeout = setTimeout(() => {
      timeouts.delete(timeout);
      work();
    }, delayMs);
    timeouts.add(timeout);
  };

  return {
    after,
    pause: (delayMs) =>
      new Promise((resolve) => {
        after(delayMs, resolve);
      }),
    clear: () => {
      isCleared = true;
      timeouts.forEach((timeout) => {
        clearTimeout(timeout);
      });
      immediates.forEach((immediate) => {
        clearImmediate(immediate);
      });
    },
  };
}
