/** How late a pool learns of what was sold, and how late its stores are told. In ms. */
export type Delays = {
  /** From a change in a store to the webhook that tells it: the slowest store's 99.9th percentile. */
  readonly webhookMs: number;
  /** From a dispatch's writing to its answer: the slowest store's 99th percentile. */
  readonly apiMs: number;
  /** From an event's arrival to the commit of its step: 99th percentile. */
  readonly queueMs: number;
};

/**
 * What is believed until it is measured: slower than nearly all that was ever published. Webhooks of
 * Shopify come within 7 s in 99 of 100 cases.
 */
export const safeDelays: Delays = { webhookMs: 60_000, apiMs: 2_000, queueMs: 1_000 };

/** How slow the slowest of many were, of a store that has so many. */
export type DelaySample = { readonly count: number; readonly slowMs: number };

export type DelaySamples = { readonly [Name in keyof Delays]: DelaySample };

/** Fewer cases say little of the slowest in a thousand. */
const casesNeeded = 1_000;

/** Delays as measured; where too little was seen, what is safe, or what was seen if that was slower. */
export function delaysFrom(samples: DelaySamples): Delays {
  const judge = (name: keyof Delays): number => {
    const { count, slowMs } = samples[name];
    return count >= casesNeeded ? slowMs : Math.max(slowMs, safeDelays[name]);
  };
  return { webhookMs: judge("webhookMs"), apiMs: judge("apiMs"), queueMs: judge("queueMs") };
}

/**
 * How long a payment takes, 99th percentile. It cannot be seen from outside; a payment never outlasts
 * the drain.
 */
const paymentMs = 60_000;

/** What is certain of a mirror, for as long as delays stay what they were measured to be. */
export type BlindTime = {
  /** The oldest that what is known of a store's level may be. A mirror ends when it is older. */
  readonly leaseMs: number;
  /**
   * For how long sales are hidden when a mirror ends: from the start of a payment, over the lease, to
   * the moment the stores' levels are taken down.
   */
  readonly windowMs: number;
};

/** @param terms.confirmWithinMs how often stores are read at the most; the lease is no shorter. */
export function blindTime(
  { webhookMs, apiMs, queueMs }: Delays,
  terms: { readonly drainMs: number; readonly confirmWithinMs: number },
): BlindTime {
  const leaseMs = Math.max(terms.confirmWithinMs, webhookMs + apiMs + queueMs);
  return { leaseMs, windowMs: Math.min(paymentMs, terms.drainMs) + leaseMs + 2 * apiMs };
}
