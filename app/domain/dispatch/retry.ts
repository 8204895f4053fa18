/** The first wait after an attempt of unknown outcome; a hiccup is over by then. */
const firstWaitMs = 50;
/** A store that is away is asked this often, so that it is served soon after it is back. */
const longestWaitMs = 5_000;
/**
 * How long a dispatch may be sent again. How long Shopify keeps idempotency keys is not known (24 h by
 * hearsay); after the key is gone, sending again would apply it a second time.
 */
export const resendWithinMs = 3_600_000;

/**
 * How long to wait before the same dispatch is sent again: doubling, with the half of it spread at
 * random so that processes that failed together do not return together.
 *
 * @param unknownAttempts attempts so far, at least 1.
 * @param random from 0 to 1.
 */
export function retryWaitMs(unknownAttempts: number, random: number): number {
  const waitMs = Math.min(longestWaitMs, firstWaitMs * 2 ** (unknownAttempts - 1));
  return waitMs / 2 + (waitMs / 2) * random;
}
