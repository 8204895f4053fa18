import type { Runtime } from "./runtime.ts";

/** Runs work that {@link whenIdle} waits for, and whose failure is only logged. */
export function runInBackground(runtime: Runtime, work: () => Promise<void>): void {
  const running = work()
    .catch((error: unknown) => {
      runtime.log.error({ error }, "The loop stumbled; the worker carries on from what is stored.");
    })
    .finally(() => runtime.state.underWay.delete(running));
  runtime.state.underWay.add(running);
}

/**
 * Stops beginning new work, and resolves when nothing is under way in this process, or after
 * `withinMs`: then the rest is left to another process.
 */
export async function whenIdle(runtime: Runtime, withinMs: number): Promise<void> {
  const { state, clock } = runtime;
  state.isStopping = true;
  for (const pace of state.paces.values()) {
    if (pace.wakeUp) clearTimeout(pace.wakeUp);
  }
  const deadlineMs = clock.monotonicMs() + withinMs;
  while (state.underWay.size > 0) {
    const leftMs = deadlineMs - clock.monotonicMs();
    if (leftMs <= 0) return;
    const waited = new AbortController();
    await Promise.race([Promise.all(state.underWay), clock.pause(leftMs, waited.signal)]);
    waited.abort();
  }
}
