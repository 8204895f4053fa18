import { setTimeout as pause } from "node:timers/promises";

/** Short beside what is waited for (processes, databases, HTTP), and still cheap. */
const pollMs = 20;
const waitStandardMs = 20_000;

/**
 * Waits until `find` yields something other than false, null or undefined, and returns it. What it
 * throws counts as "not yet"; the last of it is told when the time is over.
 *
 * @param what completes the sentence "Waited … ms for …".
 */
export async function waitFor<Found>(
  what: string,
  find: () => Found | Promise<Found>,
  { withinMs = waitStandardMs }: { readonly withinMs?: number } = {},
): Promise<Exclude<Found, false | null | undefined>> {
  const deadline = performance.now() + withinMs;
  let lastError: unknown;
  do {
    try {
      const found = await find();
      if (found !== false && found !== null && found !== undefined) {
        return found as Exclude<Found, false | null | undefined>;
      }
      lastError = undefined;
    } catch (error) {
      lastError = error;
    }
    await pause(pollMs);
  } while (performance.now() < deadline);
  throw new Error(`Waited ${withinMs} ms for ${what}.`, { cause: lastError });
}
