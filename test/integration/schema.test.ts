import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";

import { openTestDatabase } from "#test/support/database.ts";

const database = await openTestDatabase();
const { pool: sql } = database;

test("the ledger refuses UPDATE, DELETE and TRUNCATE", async () => {
  const { poolId } = await aPoolWithLedger();

  await expect(
    sql.query("UPDATE ledger_entry SET units = 2 WHERE pool_id = $1", [poolId]),
  ).rejects.toThrow("append-only");
  await expect(sql.query("DELETE FROM ledger_entry WHERE pool_id = $1", [poolId])).rejects.toThrow(
    "append-only",
  );
  await expect(sql.query("TRUNCATE ledger_entry")).rejects.toThrow("append-only");
});

test("erasing an account's ledger removes its entries and no other account's", async () => {
  const erased = await aPoolWithLedger();
  const kept = await aPoolWithLedger();

  await sql.query("SELECT erase_account_ledger($1)", [erased.accountId]);

  expect(await ledgerLength(erased.poolId)).toBe(0);
  expect(await ledgerLength(kept.poolId)).toBe(1);
});

test("free units below zero are refused under quotas and allowed in a mirror", async () => {
  const { poolId } = await aPoolWithLedger();

  await expect(
    sql.query("UPDATE pool SET free_units = -1 WHERE id = $1", [poolId]),
  ).rejects.toThrow("pool_free_units_under_quotas");
  await sql.query("UPDATE pool SET free_units = -1, target = 'mirror' WHERE id = $1", [poolId]);
});

test("a pool's version never falls", async () => {
  const { poolId } = await aPoolWithLedger();
  await sql.query("UPDATE pool SET version = 2 WHERE id = $1", [poolId]);

  await expect(sql.query("UPDATE pool SET version = 1 WHERE id = $1", [poolId])).rejects.toThrow(
    "only rises",
  );
});

test("a dispatch that was written is never changed", async () => {
  const { accountId } = await aPoolWithLedger();
  const id = randomUUID();
  await sql.query(
    `INSERT INTO dispatch (id, account_id, shop_id, location_id, lines, state, attempts, claimed_by, claimed_until)
     VALUES ($1, $2, $3, 'gid://shopify/Location/1', '[{"delta":-1}]', 'sent', 1, 'web', now())`,
    [id, accountId, randomUUID()],
  );

  await sql.query("UPDATE dispatch SET attempts = 2 WHERE id = $1", [id]);
  await expect(
    sql.query(`UPDATE dispatch SET lines = '[{"delta":-2}]' WHERE id = $1`, [id]),
  ).rejects.toThrow("never changes");
});

test("a pool cannot belong to another account than its group", async () => {
  const { groupId } = await aPoolWithLedger();
  const stranger = await anAccount();

  await expect(aPool(stranger, groupId)).rejects.toThrow("foreign key");
});

async function anAccount(): Promise<string> {
  const accountId = randomUUID();
  await sql.query("INSERT INTO account (id) VALUES ($1)", [accountId]);
  return accountId;
}

async function aPool(accountId: string, groupId: string): Promise<string> {
  const poolId = randomUUID();
  await sql.query(
    `INSERT INTO pool (id, account_id, group_id, sku, title, protection, target, switch_stage, free_units, ledger_units, drain_ms, balance)
     VALUES ($1, $2, $3, $4, 'Cup', 'strict', 'quotas', 'none', 0, 1, 600000, '{}')`,
    [poolId, accountId, groupId, `CUP-${poolId}`],
  );
  return poolId;
}

async function aPoolWithLedger() {
  const accountId = await anAccount();
  const groupId = randomUUID();
  await sql.query(
    `INSERT INTO location_group (id, account_id, name, protection, drain_ms)
     VALUES ($1, $2, 'Everything', 'strict', 600000)`,
    [groupId, accountId],
  );
  const poolId = await aPool(accountId, groupId);
  await sql.query(
    `INSERT INTO ledger_entry (account_id, pool_id, pool_version, line, units, units_after, cause)
     VALUES ($1, $2, 1, 0, 1, 1, 'opening')`,
    [accountId, poolId],
  );
  return { accountId, groupId, poolId };
}

async function ledgerLength(poolId: string): Promise<number> {
  const { rowCount } = await sql.query("SELECT 1 FROM ledger_entry WHERE pool_id = $1", [poolId]);
  return rowCount ?? 0;
}
