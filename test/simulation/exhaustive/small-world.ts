import type { DispatchAnswer } from "#app/domain/dispatch/answer.ts";
import type { LevelObserved, LevelRead } from "#app/domain/pool/event.ts";
import type { Pool } from "#app/domain/pool/pool.ts";

/**
 * A world small enough that all its courses can be followed: no clock and no chance, only what may
 * happen next. Nothing in it is ever changed; each thing that happens makes another one.
 *
 * Whatever is on its way may arrive now, later, or never, so "lost" and "a process crashed" need no
 * action of their own: they are the courses in which it never arrives.
 */
export type SmallWorld = {
  readonly pool: Pool;
  readonly stores: readonly SmallStore[];
  readonly payments: readonly Payment[];
  /** Units that exist and are not sold. */
  readonly physicalUnits: number;
  readonly dispatches: readonly SmallDispatch[];
  /** Numbers of the operations that were applied, once for each time. */
  readonly applied: readonly number[];
  /** Reads that were sent and not stepped; one of a listing at a time. */
  readonly reads: readonly LevelReadSent[];
  /** Webhooks that were put together and not delivered. */
  readonly webhooks: readonly LevelObserved[];
  readonly left: Left;
};

/** One thing that may happen next: what it is, and the world after it. */
export type Move = { readonly what: string; readonly world: SmallWorld };

/** What may still happen how often; this is what keeps a world small. */
export type Left = {
  readonly payments: number;
  /** Answers given up on, and dispatches taken over. */
  readonly faults: number;
  readonly webhooks: number;
  /** Items taken off a location. */
  readonly removals: number;
  /** The merchant turns strict on. */
  readonly switches: number;
};

export type SmallStore = {
  readonly availableUnits: number;
  /** How often its level changed: its only clock. */
  readonly changeCount: number;
  readonly isStocked: boolean;
};

export type Payment = {
  readonly storeIndex: number;
  /** Takes whose drain began while it ran: none of them is over before it is. */
  readonly drains: readonly number[];
};

/** One operation under one idempotency key. Kept while a request of it is on its way. */
export type SmallDispatch = {
  readonly operationNumber: number;
  readonly storeIndex: number;
  readonly deltaUnits: number;
  readonly isAnswered: boolean;
  /** For each process that sent it, whether no attempt before had an unknown outcome; the last holds it. */
  readonly senders: readonly boolean[];
  readonly requests: readonly Request[];
};

/** One attempt, on its way there (`answer` is null) or back. */
export type Request = {
  /** Null when nobody waits for the answer any more. */
  readonly senderIndex: number | null;
  readonly answer: DispatchAnswer | null;
  readonly level: { readonly units: number; readonly atMs: number } | null;
};

export function firstRequest(senderIndex: number): Request {
  return { senderIndex, answer: null, level: null };
}

export type LevelReadSent = Omit<LevelRead, "kind" | "level"> & {
  readonly storeIndex: number;
  /** What the store answered; null before it did. */
  readonly told: Pick<LevelRead, "level"> | null;
};

export function nameOf(storeIndex: number): string {
  return `store ${storeIndex + 1}`;
}

export function levelOf({ availableUnits, changeCount }: SmallStore): {
  readonly units: number;
  readonly atMs: number;
} {
  return { units: availableUnits, atMs: changeCount * 1_000 };
}

export function heldUnits(world: SmallWorld, storeIndex: number): number {
  return world.payments.filter((payment) => payment.storeIndex === storeIndex).length;
}

/** The same list with one member replaced, or without it for null. */
export function withAt<T>(list: readonly T[], index: number, member: T | null): readonly T[] {
  return list.flatMap((each, at) => (at !== index ? [each] : member === null ? [] : [member]));
}

export function withStore(
  world: SmallWorld,
  index: number,
  change: Partial<SmallStore>,
): SmallWorld {
  return { ...world, stores: withAt(world.stores, index, { ...world.stores[index]!, ...change }) };
}

export function withUnits(world: SmallWorld, index: number, units: number): SmallWorld {
  const { availableUnits, changeCount } = world.stores[index]!;
  return withStore(world, index, {
    availableUnits: availableUnits + units,
    changeCount: changeCount + 1,
  });
}

export function spend(world: SmallWorld, what: keyof Left): SmallWorld {
  return { ...world, left: { ...world.left, [what]: world.left[what] - 1 } };
}
