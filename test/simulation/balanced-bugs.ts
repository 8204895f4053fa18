import type { BalanceTerms } from "#app/domain/pool/balance.ts";
import type { Pool } from "#app/domain/pool/pool.ts";
import { step } from "#app/domain/pool/step.ts";
import type { StepResult } from "#app/domain/pool/step.ts";

import type { Rules } from "./world.ts";

type Step = Rules["step"];

/** Ends a mirror at the right moment, and lets the stores offer all that is known to be there. */
export const withoutWithheldUnits: Step = (pool, events, nowMs) => {
  const result = step(pool, events, nowMs);
  if (pool.target !== "mirror" || result.pool.target !== "quotas") return result;
  const { terms } = pool.balance;
  const careless: BalanceTerms = {
    ...terms,
    oversellRisk: 1 - 1e-9,
    plannedUnitsPerHour: 0,
    flashSaleUntilMs: nowMs + 1,
  };
  return withTerms(step(withTerms({ pool }, careless).pool, events, nowMs), terms);
};

/** Believes of every store that it was heard of just now. */
export const withoutLease: Step = (pool, events, nowMs) =>
  step(
    {
      ...pool,
      listings: pool.listings.map((listing) => ({ ...listing, confirmedAtMs: nowMs })),
    },
    events,
    nowMs,
  );

/** Keeps the mirror until the last units, which are sold before anybody knows. */
export const withoutThreshold: Step = (pool, events, nowMs) => {
  const { terms } = pool.balance;
  const careless = { ...terms, oversellRisk: 1 - 1e-9, plannedUnitsPerHour: 0 };
  return withTerms(step(withTerms({ pool }, careless).pool, events, nowMs), terms);
};

function withTerms<Result extends Pick<StepResult, "pool">>(
  result: Result,
  terms: BalanceTerms,
): Result & { readonly pool: Pool } {
  const { pool } = result;
  return { ...result, pool: { ...pool, balance: { ...pool.balance, terms } } };
}
