import type { Protection, Target } from "#app/domain/pool/protection.ts";

/** What the merchant is told of a pool, beside its units. */
export function describePool(
  protection: Protection,
  pool: {
    readonly target: Target;
    readonly isGuaranteed: boolean;
    readonly sellOutsPerOversell: number | null;
  },
): string {
  if (pool.target === "quotas") {
    if (!pool.isGuaranteed) return "Getting ready: each store will show its share";
    return protection === "balanced" ? "Guaranteed: each store shows its share" : "Guaranteed";
  }
  if (protection === "balanced") return "Plentiful: every store shows all of it";
  return `Every store shows all of it. ${describeRisk(pool.sellOutsPerOversell)}`;
}

function describeRisk(sellOutsPerOversell: number | null): string {
  if (sellOutsPerOversell === null) return "The last units can be sold twice";
  if (sellOutsPerOversell < 2) return "At today’s sales units are sold twice whenever it sells out";
  const times = sellOutsPerOversell.toLocaleString("en");
  return `At today’s sales a unit is sold twice about once in ${times} times it sells out`;
}
