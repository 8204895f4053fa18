/** What happens next in a world: a binary heap by time, and by the order of scheduling within one time. */
export type EventQueue = {
  readonly schedule: (atMs: number, action: () => void) => void;
  /** Takes the earliest event out; null when nothing will ever happen again. */
  readonly next: () => ScheduledEvent | null;
};

export type ScheduledEvent = {
  readonly atMs: number;
  readonly order: number;
  readonly action: () => void;
};

export function createEventQueue(): EventQueue {
  const heap: ScheduledEvent[] = [];
  let order = 0;
  return {
    schedule: (atMs, action) => {
      order += 1;
      siftUp(heap, { atMs, order, action });
    },
    next: () => {
      const first = heap[0] ?? null;
      const last = heap.pop();
      if (last && heap.length > 0) siftDown(heap, last);
      return first;
    },
  };
}

function isBefore(one: ScheduledEvent, other: ScheduledEvent): boolean {
  return one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order);
}

function siftUp(heap: ScheduledEvent[], event: ScheduledEvent): void {
  let index = heap.length;
  while (index > 0) {
    const parentIndex = (index - 1) >> 1;
    const parent = heap[parentIndex]!;
    if (!isBefore(event, parent)) break;
    heap[index] = parent;
    index = parentIndex;
  }
  heap[index] = event;
}

function siftDown(heap: ScheduledEvent[], event: ScheduledEvent): void {
  let index = 0;
  for (;;) {
    let childIndex = 2 * index + 1;
    if (childIndex >= heap.length) break;
    const right = heap[childIndex + 1];
    if (right && isBefore(right, heap[childIndex]!)) childIndex += 1;
    const child = heap[childIndex]!;
    if (!isBefore(child, event)) break;
    heap[index] = child;
    index = childIndex;
  }
  heap[index] = event;
}
