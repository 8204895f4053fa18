import { decayedDemand, demandHalfLifeMs } from "./accounting.ts";
import { oversellProbability } from "./oversell-risk.ts";
import type { Listing } from "./pool.ts";

/** From the start of a payment to its end, on average: forms are filled in and banks asked before. */
const paymentMs = 5_000;
/** From a sale to its webhook, on average, as published for Shopify's busiest days. */
const webhookMs = 2_000;
/** From a webhook to the level in the other stores: half a call, and this app's own part. */
const toldMs = 500;

/**
 * How often a mirror that sells as it did today sells a unit twice: once in so many times that its
 * stock runs out.
 *
 * @returns at least 1, to two digits; null where nothing sold lately, or in one store only.
 */
export function sellOutsPerOversell(
  listings: readonly Pick<Listing, "demandUnits" | "demandAtMs">[],
  nowMs: number,
): number | null {
  const soldByStore = listings.map((listing) => decayedDemand(listing, nowMs));
  const soldUnits = soldByStore.reduce((sum, units) => sum + units, 0);
  if (soldUnits < smallestDemand) return null;
  const probability = oversellProbability({
    soldByStore,
    // Demand counts half after its half-life, so that a steady rate adds up to this many units.
    unitsPerMs: (soldUnits * Math.LN2) / demandHalfLifeMs,
    blindMs: paymentMs + webhookMs + toldMs,
  });
  return probability > 0 ? Number((1 / probability).toPrecision(2)) : null;
}

/** Less than this is the memory of one unit that sold a week ago. */
const smallestDemand = 0.01;
