import type { Reader } from "../db.server.ts";

/** Pools whose events have waited for `olderThanMs`: whoever should have processed them has not. */
export async function findWaitingPools(
  reader: Reader,
  olderThanMs: number,
  poolsMax: number,
): Promise<readonly string[]> {
  const rows = await reader.$queryRaw<{ pool_id: string }[]>`
    SELECT DISTINCT pool_id FROM (
      SELECT pool_id FROM inbox_event
      WHERE processed_at IS NULL AND dead_letter_reason IS NULL AND pool_id IS NOT NULL
        AND received_at < clock_timestamp() - ${olderThanMs} * interval '1 millisecond'
      ORDER BY received_at LIMIT ${poolsMax}) waiting`;
  return rows.map(({ pool_id }) => pool_id);
}

/** Puts an event that cannot be stepped aside, with the reason; it can be replayed. */
export async function putAside(reader: Reader, eventId: number, reason: string): Promise<void> {
  await reader.$executeRaw`
    UPDATE inbox_event SET dead_letter_reason = ${reason}
    WHERE id = ${BigInt(eventId)} AND processed_at IS NULL`;
}
