import { assert } from "../assert.ts";

export type Settlement = {
  /** Units that no store can sell any more: they may be granted to any of them. */
  readonly freedUnits: number;
  /** Units that the store had already promised: they go back to it, and never become free. */
  readonly returnedUnits: number;
};

/**
 * Settles a take whose drain is over.
 *
 * A payment that was in progress when the units were taken may have completed since, so the level can
 * be below zero. That deficit goes back to the store before anything becomes free: those units were
 * never ours to give. A deficit that a planned repair will already fill is not returned a second time.
 *
 * Only repairs that were not yet sent when the level was read may be counted as planned. One that is
 * out may be in the level already; counting it would free units that the store has sold. Leaving it
 * out returns too much at worst, which is safe.
 *
 * @param take.units what the take lowered the level by, at least 1.
 * @param take.levelUnits the store's `available`, read after the drain; negative when it is owed units.
 * @param take.plannedRepairUnits repairs of this listing that are planned and not sent, at least 0.
 */
export function settleTake(take: {
  readonly units: number;
  readonly levelUnits: number;
  readonly plannedRepairUnits: number;
}): Settlement {
  assert(Number.isSafeInteger(take.units) && take.units >= 1, "a take moves whole units");
  assert(Number.isSafeInteger(take.levelUnits), "a level counts whole units");
  assert(
    Number.isSafeInteger(take.plannedRepairUnits) && take.plannedRepairUnits >= 0,
    "a repair gives whole units",
  );

  const deficitUnits = Math.max(0, -take.levelUnits - take.plannedRepairUnits);
  const returnedUnits = Math.min(take.units, deficitUnits);
  return { freedUnits: take.units - returnedUnits, returnedUnits };
}
