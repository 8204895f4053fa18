import { expect, test } from "vitest";

import { openBalance } from "#app/domain/pool/balance.ts";
import type { BalanceTerms } from "#app/domain/pool/balance.ts";
import type { PoolEvent } from "#app/domain/pool/event.ts";
import { thresholds, withheldAtSwitch } from "#app/domain/pool/mirror-rules.ts";
import type { Pool } from "#app/domain/pool/pool.ts";
import { noteSale } from "#app/domain/pool/sales.ts";
import { step } from "#app/domain/pool/step.ts";
import { aListing, anOperation, aPool, numbered } from "#test/support/pool-builders.ts";

const nowMs = 100_000_000;
const hourMs = 3_600_000;
/** Delays until they are measured, and stores that are heard of within a minute. */
const leaseMs = 63_000;

const terms: BalanceTerms = {
  oversellRisk: 1e-6,
  quotasAtLeastMs: 1_800_000,
  historyAtLeastMs: 24 * hourMs,
  confirmWithinMs: 60_000,
  plannedUnitsPerHour: 0,
  flashSaleUntilMs: null,
};

test("a pool that is plentiful and known well mirrors", () => {
  const { pool } = tell(balancedPool("quotas", 100));

  expect(pool).toMatchObject({ target: "mirror", balance: { targetSinceMs: nowMs } });
  expect(plans(pool)).toEqual(["store-0 grant 50", "store-1 grant 50"]);
});

test("between the thresholds a pool stays what it is", () => {
  const { lowerUnits, upperUnits } = thresholds(balancedPool("mirror", 100), nowMs);
  const between = [lowerUnits + 1, upperUnits - 1];

  expect(upperUnits).toBe(Math.ceil(1.5 * lowerUnits) + 2);
  for (const units of between) {
    expect(tell(balancedPool("quotas", units)).pool.target).toBe("quotas");
    expect(tell(balancedPool("mirror", units)).pool.target).toBe("mirror");
  }
  expect(tell(balancedPool("quotas", upperUnits)).pool.target).toBe("mirror");
});

test("near the end the mirror ends, and leaves the stores no unit that may be sold already", () => {
  const { lowerUnits } = thresholds(balancedPool("mirror", 100), nowMs);
  const mirror = balancedPool("mirror", lowerUnits);
  const withheldUnits = withheldAtSwitch(mirror, nowMs);

  const { pool } = tell(mirror);

  const takenUnits = pool.operations.reduce((sum, { units }) => sum + units, 0);
  expect(withheldUnits).toBe(lowerUnits - 2);
  expect(2 * lowerUnits - takenUnits).toBe(lowerUnits - withheldUnits);
  expect(pool).toMatchObject({ target: "quotas", switching: "taking" });
});

test("what was withheld is granted when the switch is over", () => {
  const { lowerUnits } = thresholds(balancedPool("mirror", 100), nowMs);
  let { pool } = tell(balancedPool("mirror", lowerUnits));
  pool = {
    ...pool,
    freeUnits: lowerUnits - 2,
    operations: [],
    listings: pool.listings.map((listing) => ({ ...listing, expectedUnits: 1 })),
  };
  pool = tell(pool).pool;

  for (const index of [0, 1]) pool = tell(pool, readOf(pool, index, 1)).pool;

  expect(pool).toMatchObject({ switching: "none", freeUnits: 0 });
});

test("a pool without a day of sales stays under quotas, and is looked at when it has one", () => {
  const pool = balancedPool("quotas", 100);
  const young = { ...pool.balance.sales, watchedSinceMs: nowMs - hourMs };

  const { pool: after } = tell({ ...pool, balance: { ...pool.balance, sales: young } });

  expect(after).toMatchObject({ target: "quotas", lookAtMs: nowMs + 23 * hourMs });
});

test("a pool of which nothing sold for a day stays under quotas", () => {
  const pool = balancedPool("quotas", 100);
  const unsold = { ...pool.balance.sales, recent: [], peaks: [] };

  const { pool: after } = tell({ ...pool, balance: { ...pool.balance, sales: unsold } });

  expect(after.target).toBe("quotas");
});

test("quotas last for half an hour, and the pool is looked at then", () => {
  const pool = balancedPool("quotas", 100);

  const { pool: after } = tell({ ...pool, balance: { ...pool.balance, targetSinceMs: nowMs - 1 } });

  expect(after).toMatchObject({ target: "quotas", lookAtMs: nowMs - 1 + terms.quotasAtLeastMs });
});

test("a store is read when half of its lease is over, and the mirror goes on", () => {
  const pool = heardOf(balancedPool("mirror", 100), 0, nowMs - leaseMs / 2);

  const { pool: after } = tell(pool);

  expect(after.target).toBe("mirror");
  expect(after.listings.map(({ readDueAtMs }) => readDueAtMs)).toEqual([nowMs, null]);
  expect(after.lookAtMs).toBe(nowMs + leaseMs / 2 - 1_000);
});

test("a read confirms the level as of when it was asked for", () => {
  const pool = heardOf(balancedPool("mirror", 100), 0, nowMs - leaseMs / 2);

  const { pool: after } = tell(pool, readOf(pool, 0, 100));

  expect(after.listings[0]).toMatchObject({ confirmedAtMs: nowMs - 500, readDueAtMs: null });
});

test("a store that is not heard of for its lease ends the mirror", () => {
  expect(tell(heardOf(balancedPool("mirror", 100), 0, nowMs - leaseMs)).pool.target).toBe("mirror");
  expect(tell(heardOf(balancedPool("mirror", 100), 0, nowMs - leaseMs - 1)).pool.target).toBe(
    "quotas",
  );
});

test("what a clock said that was ahead confirms nothing", () => {
  const ahead = heardOf(balancedPool("mirror", 100), 0, nowMs + 2 * leaseMs);

  expect(tell(ahead).pool.target).toBe("quotas");
  const { pool: read } = tell(ahead, readOf(ahead, 0, 100));
  expect(read.listings[0]!.confirmedAtMs).toBe(nowMs - 500);
});

test("no mirror begins before every store was heard of", () => {
  const pool = heardOf(balancedPool("quotas", 100), 0, nowMs - leaseMs - 1);

  const { pool: asked } = tell(pool);
  const { pool: read } = tell(asked, readOf(asked, 0, 50));

  expect(asked).toMatchObject({ target: "quotas", listings: [{ readDueAtMs: nowMs }, {}] });
  expect(read.target).toBe("mirror");
});

test("a flash sale keeps quotas until it ends", () => {
  const flash = { ...terms, flashSaleUntilMs: nowMs + hourMs };
  const event: PoolEvent = { kind: "balance-terms-changed", terms: flash };

  const { pool } = tell(balancedPool("mirror", 100), event);

  expect(pool.target).toBe("quotas");
  const { pool: quotas } = tell(balancedPool("quotas", 100), event);
  expect(quotas).toMatchObject({ target: "quotas", lookAtMs: nowMs + hourMs });
});

test("slower webhooks raise the threshold at once", () => {
  const { lowerUnits } = thresholds(balancedPool("mirror", 100), nowMs);
  const delays = { webhookMs: 600_000, apiMs: 2_000, queueMs: 1_000 };

  const { pool } = tell(balancedPool("mirror", lowerUnits + 1), { kind: "time-passed", delays });

  expect(pool.target).toBe("quotas");
});

test("a rate that the merchant plans for raises the threshold", () => {
  const planned = { ...terms, plannedUnitsPerHour: 100_000 };

  const { pool } = tell(balancedPool("mirror", 100), {
    ...{ kind: "balance-terms-changed", terms: planned },
  });

  expect(pool.target).toBe("quotas");
});

test.each(["continues-selling", "closed"] as const)(
  "a store that is %s ends the mirror",
  (guard) => {
    const { pool } = tell(balancedPool("mirror", 100), {
      ...{ kind: "guard-changed", listingId: "store-0", guard },
    });

    expect(pool.target).toBe("quotas");
  },
);

test("with an operation of unknown outcome no mirror begins", () => {
  const lost = anOperation({ listingId: "store-0", kind: "grant", state: "quarantined" });
  const pool = balancedPool("quotas", 100);

  const { pool: after } = tell({ ...pool, ledgerUnits: 101, operations: [lost] });

  expect(after.target).toBe("quotas");
});

test("a paused pool is not looked at, and decides when it goes on", () => {
  const { pool: paused } = tell(balancedPool("mirror", 3), {
    ...{ kind: "pause-changed", isPaused: true },
  });
  const { pool: resumed } = tell(paused, { kind: "pause-changed", isPaused: false });

  expect(paused).toMatchObject({ target: "mirror", lookAtMs: null });
  expect(resumed.target).toBe("quotas");
});

test("strict and mirror are not looked at", () => {
  for (const protection of ["strict", "mirror"] as const) {
    expect(tell({ ...balancedPool("quotas", 100), protection }).pool.lookAtMs).toBeNull();
  }
});

test("a mirror becomes balanced without a switch where there is plenty", () => {
  const event: PoolEvent = { kind: "protection-changed", protection: "balanced" };

  const plenty = tell({ ...balancedPool("mirror", 100), protection: "mirror" }, event);
  const scarce = tell({ ...balancedPool("mirror", 3), protection: "mirror" }, event);

  expect([plenty, scarce].map(({ pool }) => pool.target)).toEqual(["mirror", "quotas"]);
});

/** Two stores that were heard of a second ago; one unit sold in the last minute. */
function balancedPool(target: "quotas" | "mirror", units: number): Pool {
  const levels =
    target === "mirror" ? [units, units] : [Math.ceil(units / 2), Math.floor(units / 2)];
  const balance = openBalance(terms, 0);
  return aPool({
    ...{ protection: "balanced", target, ledgerUnits: units },
    freeUnits: target === "mirror" ? -units : 0,
    balance: { ...balance, sales: noteSale(balance.sales, 1, nowMs - 1_000) },
    listings: levels.map((expectedUnits, priority) =>
      aListing({
        ...{ id: `store-${priority}`, priority, expectedUnits },
        confirmedAtMs: nowMs - 1_000,
      }),
    ),
  });
}

function heardOf(pool: Pool, index: number, confirmedAtMs: number): Pool {
  const listings = pool.listings.map((listing, each) =>
    each === index ? { ...listing, confirmedAtMs } : listing,
  );
  return { ...pool, listings };
}

function readOf(pool: Pool, index: number, units: number): PoolEvent {
  const { id: listingId, revision } = pool.listings[index]!;
  return {
    ...{ kind: "level-read", listingId, level: { units, atMs: 1_000 }, revision },
    ...{ switchNumber: pool.switchNumber, drainedOperations: [], askedAtMs: nowMs - 500 },
  };
}

function tell(pool: Pool, ...events: readonly PoolEvent[]) {
  return step(pool, events.map(numbered), nowMs);
}

function plans({ operations }: Pool): readonly string[] {
  return operations.map(({ listingId, kind, units }) => `${listingId} ${kind} ${units}`);
}
