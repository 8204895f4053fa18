import type { Target } from "./protection.ts";

/**
 * Whether a listing takes part in the guarantee, or what keeps it from it.
 *
 * - `guarded`: tracked, policy DENY, stocked at the member's location.
 * - `untracked`: Shopify does not count the item; it sells without limit.
 * - `continues-selling`: policy CONTINUE; it sells below zero.
 * - `deleted`: the product, variant or item is gone.
 * - `disconnected`: the item is no longer stocked at the location.
 * - `location-inactive`: the location was deactivated or deleted.
 * - `refused`: Shopify refuses writes to it, for a reason of the item's.
 * - `closed`: the store: uninstalled, frozen or revoked. Nothing can be read or written.
 */
export const guards = [
  "guarded",
  "untracked",
  "continues-selling",
  "deleted",
  "disconnected",
  "location-inactive",
  "refused",
  "closed",
] as const;
export type Guard = (typeof guards)[number];

type Guarded = { readonly guard: Guard };

/** Whether units may be taken from the store, and writes can reach it at all. */
export function isReachable({ guard }: Guarded): boolean {
  return guard === "guarded" || guard === "continues-selling";
}

/** Whether units may be given to the store: never, under quotas, where it sells more than it shows. */
export function mayReceive(target: Target, { guard }: Guarded): boolean {
  return guard === "guarded" || (guard === "continues-selling" && target === "mirror");
}
