/** What happened in a world: a hash of all of it, counts by kind, and all of it when that is wanted. */
export type Trace = {
  hash: number;
  eventCount: number;
  readonly counts: Map<string, number>;
  /** Null when only the hash is wanted: keeping all is slow. */
  readonly entries: TraceEntry[] | null;
};

export type TraceEntry = {
  readonly atMs: number;
  readonly what: string;
  readonly details: readonly number[];
};

export function createTrace(options: { readonly withEntries: boolean }): Trace {
  return {
    hash: 0x811c9dc5 | 0,
    eventCount: 0,
    counts: new Map(),
    entries: options.withEntries ? [] : null,
  };
}

/** Takes down one thing that happened; it counts for coverage under its name. */
export function note(
  trace: Trace,
  atMs: number,
  what: string,
  ...details: readonly number[]
): void {
  trace.counts.set(what, (trace.counts.get(what) ?? 0) + 1);
  let { hash } = trace;
  for (let index = 0; index < what.length; index += 1) {
    hash = Math.imul(hash ^ what.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ Math.floor(atMs * 1_000), 0x01000193);
  for (const detail of details) hash = Math.imul(hash ^ detail, 0x01000193);
  trace.hash = hash;
  trace.entries?.push({ atMs, what, details });
}
