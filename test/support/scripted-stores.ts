import type { ReadLevel, ShopifyAdmin } from "#app/loop/ports.ts";
import type { DispatchReply } from "#app/loop/ports.ts";

import type { BuiltListing } from "./builders.ts";

/** What the next call to a store is to come to, instead of being applied and answered. */
export type Mishap = "request-lost" | "answer-lost" | "refused" | "throttled";

/**
 * Stores in memory behind the ShopifyAdmin port, for tests of the loop's own rules: each level changes
 * by sales and by dispatches, each key once. What Shopify itself does is the simulator's to show.
 */
export type ScriptedStores = {
  readonly admin: ShopifyAdmin;
  readonly levelOf: (listing: BuiltListing) => number;
  /** Lowers the level, as a paid order does; below zero where the sale came too late. */
  readonly sell: (listing: BuiltListing, units: number) => ReadLevel;
  readonly failNext: (listing: BuiltListing, mishap: Mishap) => void;
  /** Idempotency keys that arrived at the listing's store, in their order, repeated ones included. */
  readonly keysSeen: (listing: BuiltListing) => readonly string[];
};

export function scriptStores(
  listings: readonly BuiltListing[],
  levels: readonly number[],
): ScriptedStores {
  const units = new Map(listings.map(({ domain }, index) => [domain, levels[index] ?? 0]));
  const times = new Map<string, number>();
  const mishaps = new Map<string, Mishap[]>();
  const applied = new Set<string>();
  const attempts: { readonly key: string; readonly domain: string }[] = [];
  let nowMs = 1_000;

  const change = (domain: string, deltaUnits: number): ReadLevel => {
    nowMs += 1_000;
    units.set(domain, (units.get(domain) ?? 0) + deltaUnits);
    times.set(domain, nowMs);
    return levelAt(domain);
  };
  const levelAt = (domain: string): ReadLevel => ({
    units: units.get(domain) ?? 0,
    atMs: times.get(domain) ?? 0,
  });

  return {
    levelOf: ({ domain }) => units.get(domain) ?? 0,
    sell: ({ domain }, soldUnits) => change(domain, -soldUnits),
    failNext(listing, mishap) {
      mishaps.set(listing.domain, [...(mishaps.get(listing.domain) ?? []), mishap]);
    },
    keysSeen: (listing) =>
      attempts.filter(({ domain }) => domain === listing.domain).map(({ key }) => key),
    admin: {
      sendDispatch({ id, shopDomain, lines }) {
        attempts.push({ key: id, domain: shopDomain });
        const mishap = mishaps.get(shopDomain)?.shift();
        const reply = (answer: DispatchReply["answer"]): Promise<DispatchReply> =>
          Promise.resolve({
            answer,
            levels: lines.map(() => (answer.kind === "applied" ? levelAt(shopDomain) : null)),
            bucket: null,
            retryAfterMs: answer.kind === "throttled" ? 1 : null,
          });
        if (mishap === "request-lost") return reply({ kind: "unknown" });
        if (mishap === "throttled") return reply({ kind: "throttled" });
        if (mishap === "refused") return reply({ kind: "refused-lines", lines: [0] });
        if (!applied.has(id)) {
          applied.add(id);
          for (const { deltaUnits } of lines) change(shopDomain, deltaUnits);
        }
        return reply(mishap === "answer-lost" ? { kind: "unknown" } : { kind: "applied" });
      },
      readLevels: ({ shopDomain, inventoryItemIds }) =>
        Promise.resolve({
          kind: "read",
          levels: inventoryItemIds.map(() => levelAt(shopDomain)),
          bucket: null,
        }),
    },
  };
}
