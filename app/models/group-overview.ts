import type { Reader } from "../db.server.ts";
import type { Guard } from "../domain/pool/guard.ts";
import type { Protection, Target } from "../domain/pool/protection.ts";
import { sellOutsPerOversell } from "../domain/pool/sell-out-risk.ts";

/** What a merchant sees first: every group of the account that one of its shops belongs to. */
export type AccountOverview = {
  readonly shopCount: number;
  readonly poolCount: number;
  /** Units of all pools; negative after oversells that are not made up for. */
  readonly units: number;
  readonly openIncidentCount: number;
  readonly groups: readonly GroupOverview[];
};

export type GroupOverview = {
  readonly id: string;
  readonly name: string;
  readonly protection: Protection;
  readonly isPaused: boolean;
  readonly stores: readonly { readonly name: string; readonly locationName: string }[];
  readonly poolCount: number;
  /** Pools whose promise holds at the moment; others are on their way to it, or mirror. */
  readonly guaranteedCount: number;
  readonly units: number;
  readonly openIncidentCount: number;
  /** Listings that something keeps from taking part. */
  readonly unguardedCount: number;
  /** The scarcest first, at most `poolsShownMax`. */
  readonly pools: readonly PoolOverview[];
};

export type PoolOverview = {
  readonly id: string;
  readonly title: string;
  readonly sku: string;
  readonly units: number;
  readonly freeUnits: number;
  readonly isGuaranteed: boolean;
  readonly target: Target;
  /** How rarely a mirror oversells, as {@link sellOutsPerOversell} says; null under quotas as well. */
  readonly sellOutsPerOversell: number | null;
};

/** A glance, not a list: all of them are on the group's own page. */
const poolsShownMax = 5;
const guarded: Guard = "guarded";

/** @returns null for a shop that has no account. */
export async function findAccountOverview(
  reader: Reader,
  shopDomain: string,
  nowMs: number,
): Promise<AccountOverview | null> {
  const shop = await reader.shop.findUnique({
    where: { domain: shopDomain },
    select: { accountId: true },
  });
  if (shop === null) return null;

  const { accountId } = shop;
  const [shopCount, groups] = await Promise.all([
    reader.shop.count({ where: { accountId, status: "installed" } }),
    findGroups(reader, accountId, nowMs),
  ]);
  const sum = (count: (group: GroupOverview) => number) =>
    groups.reduce((total, group) => total + count(group), 0);
  return {
    shopCount,
    poolCount: sum(({ poolCount }) => poolCount),
    units: sum(({ units }) => units),
    openIncidentCount: sum(({ openIncidentCount }) => openIncidentCount),
    groups,
  };
}

async function findGroups(
  reader: Reader,
  accountId: string,
  nowMs: number,
): Promise<readonly GroupOverview[]> {
  const [groups, totals] = await Promise.all([
    reader.locationGroup.findMany({
      where: { accountId },
      select: {
        id: true,
        name: true,
        protection: true,
        isPaused: true,
        members: {
          select: { locationName: true, shop: { select: { name: true } } },
          orderBy: [{ priority: "asc" }, { id: "asc" }],
        },
        pools: {
          select: {
            id: true,
            title: true,
            sku: true,
            ledgerUnits: true,
            freeUnits: true,
            isGuaranteed: true,
            target: true,
            listings: { select: { demandUnits: true, demandAt: true } },
          },
          orderBy: [{ ledgerUnits: "asc" }, { sku: "asc" }],
          take: poolsShownMax,
        },
      },
      orderBy: { name: "asc" },
    }),
    countByGroup(reader, accountId),
  ]);
  return groups.map(({ members, pools, ...group }) => ({
    ...group,
    ...(totals.get(group.id) ?? noTotals),
    protection: group.protection as Protection,
    stores: members.map(({ shop, locationName }) => ({ name: shop.name, locationName })),
    pools: pools.map((pool) => toPoolOverview(pool, nowMs)),
  }));
}

type PoolRow = Omit<PoolOverview, "units" | "target" | "sellOutsPerOversell"> & {
  readonly ledgerUnits: number;
  readonly target: string;
  readonly listings: readonly { readonly demandUnits: number; readonly demandAt: Date }[];
};

function toPoolOverview(
  { ledgerUnits, target, listings, ...pool }: PoolRow,
  nowMs: number,
): PoolOverview {
  const demand = listings.map(({ demandUnits, demandAt }) => ({
    demandUnits,
    demandAtMs: demandAt.getTime(),
  }));
  return {
    ...pool,
    units: ledgerUnits,
    target: target as Target,
    sellOutsPerOversell: target === "mirror" ? sellOutsPerOversell(demand, nowMs) : null,
  };
}

type Totals = Pick<
  GroupOverview,
  "poolCount" | "guaranteedCount" | "units" | "openIncidentCount" | "unguardedCount"
>;

const noTotals: Totals = {
  poolCount: 0,
  guaranteedCount: 0,
  units: 0,
  openIncidentCount: 0,
  unguardedCount: 0,
};

async function countByGroup(
  reader: Reader,
  accountId: string,
): Promise<ReadonlyMap<string, Totals>> {
  const rows = await reader.$queryRaw<
    {
      group_id: string;
      pool_count: number;
      guaranteed_count: number;
      units: number;
      incident_count: number;
      unguarded_count: number;
    }[]
  >`
    SELECT pool.group_id,
           count(*)::int AS pool_count,
           (count(*) FILTER (WHERE pool.is_guaranteed))::int AS guaranteed_count,
           sum(pool.ledger_units)::float AS units,
           coalesce(sum(incidents.open), 0)::int AS incident_count,
           coalesce(sum(listings.unguarded), 0)::int AS unguarded_count
      FROM pool
      LEFT JOIN (SELECT pool_id, count(*) AS open FROM incident
                  WHERE account_id = ${accountId}::uuid AND resolved_at IS NULL GROUP BY pool_id)
                AS incidents ON incidents.pool_id = pool.id
      LEFT JOIN (SELECT pool_id, count(*) AS unguarded FROM listing
                  WHERE account_id = ${accountId}::uuid AND guard <> ${guarded} GROUP BY pool_id)
                AS listings ON listings.pool_id = pool.id
     WHERE pool.account_id = ${accountId}::uuid
     GROUP BY pool.group_id`;
  return new Map(
    rows.map((row) => [
      row.group_id,
      {
        poolCount: row.pool_count,
        guaranteedCount: row.guaranteed_count,
        units: row.units,
        openIncidentCount: row.incident_count,
        unguardedCount: row.unguarded_count,
      },
    ]),
  );
}
