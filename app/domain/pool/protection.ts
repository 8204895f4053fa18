/**
 * What a group promises.
 *
 * - `strict`: no unit is sold twice on guarded channels, whatever fails. Each store shows its quota.
 * - `balanced`: as strict near the end of the stock; while it is plentiful each store shows all of it
 *   (mirror-rules.ts). A pool without a history of sales, from which the end could be told, stays under
 *   quotas.
 * - `mirror`: each store shows the whole pool, as fast as it can be written. Oversells are possible,
 *   and recorded.
 */
export const protections = ["strict", "balanced", "mirror"] as const;
export type Protection = (typeof protections)[number];

/** What the stores are to show at the moment: each its quota, or each the whole pool. */
export type Target = "quotas" | "mirror";

export function targetOf(protection: Protection): Target {
  return protection === "mirror" ? "mirror" : "quotas";
}
