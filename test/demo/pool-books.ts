import type pg from "pg";

import type { ContestPool } from "./composed-world.ts";

/** What the app's database says of one pool at one moment. */
export type PoolBooks = {
  readonly poolId: string;
  readonly isGuaranteed: boolean;
  readonly target: "quotas" | "mirror";
  readonly freeUnits: number;
  readonly ledgerUnits: number;
  /** The ledger, added up line by line. */
  readonly ledgerSum: number;
  readonly drainingUnits: number;
  /** Grants that are paid for and have not arrived. */
  readonly unappliedGrantUnits: number;
  /** Operations planned or dispatched: somebody still has to act. */
  readonly openOperationCount: number;
  readonly quarantinedCount: number;
  readonly waitingEventCount: number;
  readonly listings: readonly {
    readonly shop: string;
    readonly locationName: string;
    readonly expectedUnits: number;
  }[];
};

type BooksRow = {
  pool_id: string;
  is_guaranteed: boolean;
  target: "quotas" | "mirror";
  free_units: number;
  ledger_units: number;
  ledger_sum: number;
  draining_units: number;
  unapplied_grant_units: number;
  open_operations: number;
  quarantined: number;
  waiting_events: number;
  listings: { shop: string; location: string; expected: number }[];
};

const booksQuery = `
  SELECT pool.id AS pool_id, pool.is_guaranteed, pool.target, pool.free_units, pool.ledger_units,
    (SELECT coalesce(sum(units), 0)::int FROM ledger_entry WHERE pool_id = pool.id) AS ledger_sum,
    (SELECT coalesce(sum(units), 0)::int FROM quota_operation
      WHERE pool_id = pool.id AND state = 'draining') AS draining_units,
    (SELECT coalesce(sum(units), 0)::int FROM quota_operation
      WHERE pool_id = pool.id AND kind = 'grant' AND state IN ('planned', 'dispatched', 'quarantined'))
      AS unapplied_grant_units,
    (SELECT count(*)::int FROM quota_operation
      WHERE pool_id = pool.id AND state IN ('planned', 'dispatched')) AS open_operations,
    (SELECT count(*)::int FROM quota_operation
      WHERE pool_id = pool.id AND state = 'quarantined') AS quarantined,
    (SELECT count(*)::int FROM inbox_event
      WHERE pool_id = pool.id AND processed_at IS NULL AND dead_letter_reason IS NULL)
      AS waiting_events,
    (SELECT json_agg(json_build_object('shop', shop.domain, 'location', member.location_name,
        'expected', listing.expected_units))
      FROM listing JOIN shop ON shop.id = listing.shop_id JOIN member ON member.id = listing.member_id
      WHERE listing.pool_id = pool.id) AS listings
  FROM pool JOIN location_group ON location_group.id = pool.group_id
  WHERE location_group.name = $1 AND pool.sku = $2`;

/** One statement, so that everything is of the same moment. Throws if the app has no such pool. */
export async function readBooks(
  database: pg.Pool,
  { groupName, sku }: Pick<ContestPool, "groupName" | "sku">,
): Promise<PoolBooks> {
  const { rows } = await database.query<BooksRow>(booksQuery, [groupName, sku]);
  const [row] = rows;
  if (!row) throw new Error(`The app has no pool of ${sku} in the group "${groupName}".`);
  return {
    poolId: row.pool_id,
    isGuaranteed: row.is_guaranteed,
    target: row.target,
    freeUnits: row.free_units,
    ledgerUnits: row.ledger_units,
    ledgerSum: row.ledger_sum,
    drainingUnits: row.draining_units,
    unappliedGrantUnits: row.unapplied_grant_units,
    openOperationCount: row.open_operations,
    quarantinedCount: row.quarantined,
    waitingEventCount: row.waiting_events,
    listings: row.listings.map(({ shop, location, expected }) => ({
      shop,
      locationName: location,
      expectedUnits: expected,
    })),
  };
}

/**
 * What is wrong with the books, a sentence each; none when every unit is accounted for.
 *
 * @param truth what the stores say happened; the app had no part in counting it.
 */
export function findBookMistakes(
  books: PoolBooks,
  truth: {
    readonly initialUnits: number;
    readonly soldUnits: number;
    readonly returnedUnits: number;
  },
): readonly string[] {
  const leftUnits = truth.initialUnits - truth.soldUnits + truth.returnedUnits;
  const shownUnits = books.listings.reduce((sum, listing) => sum + listing.expectedUnits, 0);
  const placedUnits =
    books.freeUnits + shownUnits + books.drainingUnits + books.unappliedGrantUnits;
  const mistakes: string[] = [];
  if (books.ledgerSum !== leftUnits) {
    mistakes.push(
      `the ledger adds up to ${books.ledgerSum}, and ${truth.initialUnits} − ${truth.soldUnits} sold ` +
        `+ ${truth.returnedUnits} returned is ${leftUnits}`,
    );
  }
  if (books.ledgerUnits !== books.ledgerSum) {
    mistakes.push(`the pool says ${books.ledgerUnits}, and its ledger ${books.ledgerSum}`);
  }
  if (placedUnits !== books.ledgerUnits) {
    mistakes.push(`${placedUnits} units are somewhere, and ${books.ledgerUnits} in the ledger`);
  }
  return mistakes;
}
