/** Gives each key's turn to one at a time, in the order of asking, within this process. */
export type TurnQueue = {
  /** The function that ends the turn, or null when it did not come within `waitMs`. */
  readonly take: (key: string, waitMs: number) => Promise<(() => void) | null>;
};

export function createTurnQueue(): TurnQueue {
  /** Who waits for a key; a key without an entry is free. */
  const lines = new Map<string, Waiting[]>();

  const endTurn = (key: string): void => {
    const next = lines.get(key)?.shift();
    if (next) next.begin();
    else lines.delete(key);
  };
  const turn = (key: string) => {
    let hasEnded = false;
    return () => {
      if (!hasEnded) endTurn(key);
      hasEnded = true;
    };
  };

  return {
    take(key, waitMs) {
      const line = lines.get(key);
      if (!line) {
        lines.set(key, []);
        return Promise.resolve(turn(key));
      }
      return new Promise((settle) => {
        const waiting: Waiting = {
          begin() {
            clearTimeout(limit);
            settle(turn(key));
          },
        };
        const limit = setTimeout(() => {
          line.splice(line.indexOf(waiting), 1);
          settle(null);
        }, waitMs);
        line.push(waiting);
      });
    },
  };
}

type Waiting = { readonly begin: () => void };
