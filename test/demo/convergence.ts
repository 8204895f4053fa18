import { waitFor } from "#test/support/wait-for.ts";

import type { Contest, ContestPool } from "./composed-world.ts";
import { readBooks } from "./pool-books.ts";
import type { PoolBooks } from "./pool-books.ts";
import type { Stand } from "./stand.ts";

/** Takes of the opening drain first; the drain is the scenario's, the rest is a matter of seconds. */
const prepareWithinMs = 120_000;

/**
 * Waits until the pools of a contest are in the state from which their protection promises something:
 * under quotas guaranteed, and everywhere shown as planned. Not a moment longer.
 */
export async function untilPrepared(stand: Stand, contest: Contest): Promise<readonly PoolBooks[]> {
  let problems: readonly string[] = [];
  return waitFor(
    `the pools of ${contest.pools.map(({ sku }) => sku).join(", ")} to be ready`,
    async () => {
      const books = await Promise.all(contest.pools.map((pool) => readBooks(stand.database, pool)));
      problems = (
        await Promise.all(
          contest.pools.map((pool, index) => findUnrest(stand, pool, books[index]!)),
        )
      ).flat();
      if (contest.protection !== "mirror" && !books.every(({ isGuaranteed }) => isGuaranteed)) {
        problems = [...problems, "a pool is not guaranteed yet"];
      }
      return problems.length === 0 && books;
    },
    { withinMs: prepareWithinMs },
  ).catch((cause: unknown) => {
    throw new Error(`The race cannot begin: ${problems.join("; ")}.`, { cause });
  });
}

/**
 * Waits until nothing is under way any more and every store shows what the app believes it shows.
 *
 * @returns what was still wrong when the time was over, a sentence each; none when all is well.
 */
export async function untilConverged(
  stand: Stand,
  contest: Contest,
  withinMs: number,
): Promise<readonly string[]> {
  let problems: readonly string[] = ["nothing was looked at"];
  const deadline = performance.now() + withinMs;
  try {
    await stand.simulator.quiet({ withinMs });
    await waitFor(
      "the stores and the app to agree",
      async () => {
        const found = await Promise.all(
          contest.pools.map(async (pool) =>
            findUnrest(stand, pool, await readBooks(stand.database, pool)),
          ),
        );
        problems = found.flat();
        return problems.length === 0;
      },
      { withinMs: Math.max(0, deadline - performance.now()) },
    );
    return [];
  } catch (error) {
    return problems.length > 0 ? problems : [String(error)];
  }
}

/** What is not settled in a pool, a sentence each. */
async function findUnrest(
  { simulator }: Stand,
  { sku }: ContestPool,
  books: PoolBooks,
): Promise<readonly string[]> {
  const problems: string[] = [];
  if (books.waitingEventCount > 0) problems.push(`${books.waitingEventCount} events wait`);
  if (books.openOperationCount > 0) problems.push(`${books.openOperationCount} writes are open`);
  if (books.quarantinedCount > 0) problems.push(`${books.quarantinedCount} writes are quarantined`);
  // A mirror settles its takes when it needs their units; under quotas they become free.
  if (books.target === "quotas" && books.drainingUnits > 0) {
    problems.push(`${books.drainingUnits} units drain`);
  }
  if (problems.length > 0) return problems.map((problem) => `${sku}: ${problem}`);

  const shownUnits = Math.max(0, books.ledgerUnits);
  for (const { shop, locationName, expectedUnits } of books.listings) {
    const level = await simulator.level({ shop, sku, location: locationName });
    if (level?.available !== expectedUnits) {
      const shows = level ? String(level.available) : "nothing";
      problems.push(`${sku}: ${shop} shows ${shows}, and the app believes ${expectedUnits}`);
    }
    if (books.target === "mirror" && expectedUnits !== shownUnits) {
      problems.push(`${sku}: ${shop} mirrors ${expectedUnits} of ${shownUnits}`);
    }
  }
  return problems;
}
