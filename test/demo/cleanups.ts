/** What has to be ended again, however far things have come. */
export type Cleanups = {
  /** Once everything is being ended, what is added still is ended at once. */
  readonly add: (cleanup: () => unknown) => void;
  /**
   * Ends everything, the newest first. What fails on the way is told to `complain`, and does not keep the
   * rest alive. Later calls wait for the same end.
   */
  readonly run: () => Promise<void>;
};

export function createCleanups(
  complain: (error: unknown) => void = (error) => {
    console.error(error);
  },
): Cleanups {
  const waiting: (() => unknown)[] = [];
  let ending: Promise<void> | null = null;

  const endAll = async () => {
    for (let cleanup = waiting.pop(); cleanup; cleanup = waiting.pop()) {
      try {
        await cleanup();
      } catch (error) {
        complain(error);
      }
    }
  };
  return {
    add(cleanup) {
      waiting.push(cleanup);
      if (ending) ending = ending.then(endAll);
    },
    run() {
      ending ??= endAll();
      return ending;
    },
  };
}
