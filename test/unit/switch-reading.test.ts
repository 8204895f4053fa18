import { expect, test } from "vitest";

import { openPool } from "#app/domain/pool/opening.ts";
import { step } from "#app/domain/pool/step.ts";
import type { NumberedEvent, StepResult } from "#app/domain/pool/step.ts";

const nowMs = 1_800_000_000_000;

test("a read that two processes sent to settle a take does not answer the read of the switch", () => {
  const opened = openPool({
    id: "pool",
    protection: "strict",
    openingUnits: 1,
    drainMs: 1_000,
    nowMs,
    listings: ["a", "b"].map((id, priority) => ({
      ...{ id, priority, guard: "guarded" as const },
      ...{ levelUnits: 1, levelAtMs: nowMs },
    })),
  });
  const [take] = opened.pool.operations;
  const dispatched = {
    ...opened.pool,
    operations: [{ ...take!, state: "dispatched" as const }],
  };
  const listingId = take!.listingId;
  const level = { units: 0, atMs: nowMs };
  const answered = step(
    dispatched,
    [
      numbered(1, {
        kind: "dispatch-answered",
        listingId,
        operationNumber: take!.number,
        dispatchId: "dispatch",
        outcome: { kind: "applied", level },
      }),
    ],
    nowMs,
  );
  const read = {
    kind: "level-read",
    listingId,
    level,
    revision: revisionOf(answered, listingId),
    switchNumber: answered.pool.switchNumber,
    drainedOperations: [take!.number],
  } as const;

  const settled = step(answered.pool, [numbered(2, read)], nowMs);
  const settledTwice = step(settled.pool, [numbered(3, read)], nowMs);

  expect(settled.pool.switching).toBe("reading");
  for (const listing of settledTwice.pool.listings) expect(listing.readDueAtMs).not.toBeNull();
});

function numbered(eventId: number, event: NumberedEvent["event"]): NumberedEvent {
  return { eventId, event };
}

function revisionOf({ pool }: StepResult, listingId: string): number {
  return pool.listings.find(({ id }) => id === listingId)!.revision;
}
