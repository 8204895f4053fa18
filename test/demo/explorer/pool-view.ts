import type { Stand } from "../stand.ts";

/** A pool to choose from. */
export type PoolChoice = {
  readonly id: string;
  readonly title: string;
  readonly groupName: string;
  readonly protection: string;
};

/** Where every unit of a pool is now: what the stores show, and what the app believes. */
export type PoolView = PoolChoice & {
  readonly sku: string;
  readonly isGuaranteed: boolean;
  readonly ledgerUnits: number;
  readonly freeUnits: number;
  readonly drainingUnits: number;
  readonly oversoldUnits: number;
  readonly stores: readonly StoreView[];
  /** The newest first. */
  readonly ledger: readonly {
    readonly units: number;
    readonly unitsAfter: number;
    readonly cause: string;
    readonly storeName: string | null;
    readonly atMs: number;
  }[];
};

export type StoreView = {
  readonly shop: string;
  readonly location: string;
  readonly name: string;
  /** The store's own figures; null where the item is not stocked any more. */
  readonly availableUnits: number | null;
  readonly heldUnits: number;
  /** What the app expects it to show. */
  readonly expectedUnits: number;
};

const ledgerLinesShown = 12;

/** Those with the most to sell first. */
export async function listPools({ database }: Stand): Promise<readonly PoolChoice[]> {
  const { rows } = await database.query<PoolChoice>(`
    SELECT p.id, p.title, g.name AS "groupName", p.protection
    FROM pool p JOIN location_group g ON g.id = p.group_id
    ORDER BY p.ledger_units DESC, p.sku`);
  return rows;
}

/** @returns null if there is no such pool. */
export async function viewPool(stand: Stand, poolId: string): Promise<PoolView | null> {
  const { rows } = await stand.database.query<PoolRow>(poolStatement, [poolId, ledgerLinesShown]);
  const [row] = rows;
  if (!row) return null;
  const stores = await Promise.all(
    row.stores.map(async (store) => {
      const level = await stand.simulator.level({
        shop: store.shop,
        location: store.location,
        sku: row.sku,
      });
      return {
        ...store,
        availableUnits: level?.available ?? null,
        heldUnits: level?.heldUnits ?? 0,
      };
    }),
  );
  return { ...row, stores };
}

type PoolRow = Omit<PoolView, "stores"> & {
  readonly stores: readonly Pick<StoreView, "shop" | "location" | "name" | "expectedUnits">[];
};

const poolStatement = `
  SELECT p.id, p.sku, p.title, g.name AS "groupName", p.protection,
    p.is_guaranteed AS "isGuaranteed", p.ledger_units AS "ledgerUnits",
    p.free_units AS "freeUnits", p.oversold_units AS "oversoldUnits",
    (SELECT coalesce(sum(o.units), 0)::int FROM quota_operation o
      WHERE o.pool_id = p.id AND o.state = 'draining') AS "drainingUnits",
    (SELECT jsonb_agg(jsonb_build_object('shop', s.domain, 'location', m.location_name,
        'name', s.name, 'expectedUnits', l.expected_units) ORDER BY l.priority)
      FROM listing l JOIN shop s ON s.id = l.shop_id JOIN member m ON m.id = l.member_id
      WHERE l.pool_id = p.id) AS stores,
    (SELECT coalesce(jsonb_agg(jsonb_build_object('units', e.units, 'unitsAfter', e.units_after,
        'cause', e.cause, 'storeName', e.name, 'atMs', e.at_ms) ORDER BY e.id DESC), '[]')
      FROM (SELECT le.id, le.units, le.units_after, le.cause, s.name,
          (extract(epoch FROM le.recorded_at) * 1000)::float8 AS at_ms
        FROM ledger_entry le LEFT JOIN listing l ON l.id = le.listing_id
        LEFT JOIN shop s ON s.id = l.shop_id
        WHERE le.pool_id = p.id ORDER BY le.id DESC LIMIT $2) e) AS ledger
  FROM pool p JOIN location_group g ON g.id = p.group_id WHERE p.id = $1`;
