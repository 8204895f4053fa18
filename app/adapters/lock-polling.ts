import { setTimeout as pause } from "node:timers/promises";

import type { LockAttempt, LockServer } from "./lock-server.ts";

/** Polled by chance around these, sooner the longer one has waited, so that nobody is always late. */
const pollSlowMs = 8;
const pollFastMs = 2;
/** From here on a waiter polls as fast as it may. */
const fastAfterMs = 200;

/**
 * Tries until the lock is had, the server turns out to be down, or `deadline` (of performance.now) has
 * come: "busy". A lock that is granted to a try which was given up meanwhile is given back.
 *
 * @param limits.attemptMaxMs a try that takes longer than this means that the server is down.
 */
export async function pollLock(
  server: LockServer,
  poolId: string,
  limits: {
    readonly deadline: number;
    readonly attemptMaxMs: number;
    readonly onBusy: () => void;
  },
): Promise<LockAttempt> {
  const startedAt = performance.now();
  for (;;) {
    const leftMs = limits.deadline - performance.now();
    const attempt = await tryWithin(server, poolId, Math.min(leftMs, limits.attemptMaxMs));
    if (attempt === "late") {
      if (leftMs <= limits.attemptMaxMs) return { kind: "busy" };
      return { kind: "down", cause: new Error(`No answer within ${limits.attemptMaxMs} ms.`) };
    }
    if (attempt.kind !== "busy") return attempt;
    limits.onBusy();
    const now = performance.now();
    if (now >= limits.deadline) return attempt;
    await pause(Math.min(nextPollMs(now - startedAt), limits.deadline - now));
  }
}

/** How long to pause before the next try, by chance, so that waiters do not come all at once. */
export function nextPollMs(waitedMs: number): number {
  const share = Math.max(0, 1 - waitedMs / fastAfterMs);
  const meanMs = pollFastMs + (pollSlowMs - pollFastMs) * share * share;
  return meanMs * (0.5 + Math.random());
}

/** Without timers/promises, whose abort costs as much as a whole try. */
function tryWithin(
  server: LockServer,
  poolId: string,
  withinMs: number,
): Promise<LockAttempt | "late"> {
  return new Promise((settle) => {
    let isLate = false;
    // After a pause of this process the timer comes first, and the answer may be waiting: it is read
    // before the server is blamed.
    const limit = setTimeout(
      () =>
        setImmediate(() => {
          isLate = true;
          settle("late");
        }),
      Math.max(1, withinMs),
    );
    void server.tryAcquire(poolId).then((attempt) => {
      clearTimeout(limit);
      if (!isLate)
        settle(attempt); // the first to settle counts
      else if (attempt.kind === "held") void attempt.release();
    });
  });
}
