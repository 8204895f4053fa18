/**
 * What a pool sold lately, kept small: enough to say how fast it may sell next.
 */
export type SalesHistory = {
  /** Since when its sales were watched, by the wall clock. */
  readonly watchedSinceMs: number;
  /** Units sold in the last five minutes, by slots of ten seconds; slots without sales are left out. */
  readonly recent: readonly Slot[];
  /** The most units sold in any five minutes, by the hour in which they ended, for a day. */
  readonly peaks: readonly Slot[];
  /** How units come together: sums over recent orders of their units, and of their squares. */
  readonly orderUnits: number;
  readonly orderUnitsSquared: number;
};

/** A slot of time, counted from 1970, and units sold in it: at least 1. */
type Slot = { readonly slot: number; readonly units: number };

const slotMs = 10_000;
const slotsPerMinute = 6;
const slotsPerFiveMinutes = 30;
const hourMs = 3_600_000;
const peakHours = 24;
/** A rush may just have begun: what the last minute sold counts three times. */
const rushFactor = 3;
/** Orders are forgotten by halves, so that the mix of today outweighs the mix of last year. */
const orderUnitsMax = 1_000;

export function newSalesHistory(watchedSinceMs: number): SalesHistory {
  return { watchedSinceMs, recent: [], peaks: [], orderUnits: 0, orderUnitsSquared: 0 };
}

/** Takes note of units that were sold, at least 1, now. A clock that went back adds to the last slot. */
export function noteSale(history: SalesHistory, units: number, nowMs: number): SalesHistory {
  const recent = add(history.recent, Math.floor(nowMs / slotMs), units, slotsPerFiveMinutes);
  const peakUnits = recent.reduce((sum, each) => sum + each.units, 0);
  const hour = Math.floor(nowMs / hourMs);
  const hours = add(history.peaks, hour, 0, peakHours);
  const peaks = hours.map((each, index) =>
    index === hours.length - 1 ? { ...each, units: Math.max(each.units, peakUnits) } : each,
  );
  return { ...history, recent, peaks };
}

/** Takes note of how many units one order had. */
export function noteOrderUnits(history: SalesHistory, units: number): SalesHistory {
  const keep = history.orderUnits > orderUnitsMax ? 0.5 : 1;
  return {
    ...history,
    orderUnits: history.orderUnits * keep + units,
    orderUnitsSquared: history.orderUnitsSquared * keep + units * units,
  };
}

/**
 * How fast the pool may sell, in units per ms: three times the rate of the last minute, or the highest
 * rate of any five minutes in a day, whichever is more. 0 where nothing sold for a day.
 */
export function salesRate({ recent, peaks }: SalesHistory, nowMs: number): number {
  const slot = Math.floor(nowMs / slotMs);
  const hour = Math.floor(nowMs / hourMs);
  const minuteUnits = recent
    .filter((each) => each.slot >= slot - slotsPerMinute)
    .reduce((sum, { units }) => sum + units, 0);
  const peakUnits = Math.max(
    0,
    ...peaks.filter((each) => each.slot >= hour - peakHours).map(({ units }) => units),
  );
  return Math.max(
    (rushFactor * minuteUnits) / (slotsPerMinute * slotMs),
    peakUnits / (slotsPerFiveMinutes * slotMs),
  );
}

/** E[q²] / E[q] of the units per order: by how much orders of several units make sales burstier. */
export function batchUnits({ orderUnits, orderUnitsSquared }: SalesHistory): number {
  return orderUnits > 0 ? Math.max(1, orderUnitsSquared / orderUnits) : 1;
}

function add(slots: readonly Slot[], slot: number, units: number, slotsMax: number): Slot[] {
  const last = slots.at(-1);
  if (last && last.slot >= slot) {
    return [...slots.slice(0, -1), { slot: last.slot, units: last.units + units }];
  }
  return [...slots.filter((each) => each.slot >= slot - slotsMax), { slot, units }];
}
