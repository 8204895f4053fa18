import type { Cause, World } from "./world/world.ts";
import { nowMs } from "./world/time.ts";

/** What happened, in order. `seq` counts from 1; `atMs` is a time since 1970, finer than a millisecond. */
export type HistoryEvent = {
  readonly seq: number;
  readonly atMs: number;
  readonly shop: string;
} & (
  | {
      readonly kind: "level";
      readonly sku: string;
      readonly location: string;
      readonly deltaUnits: number;
      readonly availableUnits: number;
      readonly cause: Cause;
    }
  | {
      readonly kind: "order" | "order-cancelled" | "refund";
      readonly sku: string;
      readonly orderId: number;
      readonly units: number;
    }
  | { readonly kind: "refused"; readonly sku: string; readonly units: number }
  | {
      /** One attempt to deliver one message; recorded when it is answered or given up. */
      readonly kind: "webhook";
      readonly topic: string;
      readonly webhookId: string;
      readonly sku: string | null;
      /** When the change happened, and when this attempt began. */
      readonly triggeredAtMs: number;
      readonly sentAtMs: number;
      readonly attempt: number;
      readonly outcome: "answered" | "timed-out" | "not-connected" | "dropped";
      readonly status: number | null;
      readonly isDuplicate: boolean;
      readonly isLate: boolean;
    }
  | {
      readonly kind: "api";
      readonly operation: string;
      readonly fields: readonly string[];
      readonly isMutation: boolean;
      readonly startedAtMs: number;
      readonly status: number | null;
      readonly outcome: "answered" | "errors" | "throttled" | "refused" | "lost";
      readonly requestedPoints: number;
      readonly actualPoints: number | null;
      readonly fault: string | null;
      readonly idempotencyKeys: readonly string[];
    }
);

type WithoutPlace<Event> = Event extends HistoryEvent ? Omit<Event, "seq" | "atMs"> : never;
export type HistoryRecord = WithoutPlace<HistoryEvent>;

export type SimulatorStats = {
  readonly apiCalls: number;
  readonly mutations: number;
  readonly throttled: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly webhooks: {
    /** Attempts, with duplicates and retries. */
    readonly sent: number;
    readonly delivered: number;
    readonly failed: number;
    readonly retried: number;
    readonly duplicated: number;
    readonly dropped: number;
    readonly late: number;
  };
};

export type HistoryQuery = {
  readonly shop?: string | undefined;
  readonly sku?: string | undefined;
  readonly kinds?: readonly HistoryEvent["kind"][] | undefined;
  readonly sinceSeq?: number | undefined;
  readonly limit?: number | undefined;
};

export type History = {
  readonly record: (event: HistoryRecord) => void;
  /** Counts a fault that was injected. */
  readonly countFault: (kind: string) => void;
  readonly find: (query: HistoryQuery) => readonly HistoryEvent[];
  readonly stats: () => SimulatorStats;
};

/** So many events are kept: some 200 bytes each. Older ones are forgotten, in blocks of a tenth. */
const keptEventsMax = 1_000_000;

export function createHistory(world: World): History {
  let events: HistoryEvent[] = [];
  let lastSeq = 0;
  const faults: Record<string, number> = {};
  const api = { apiCalls: 0, mutations: 0, throttled: 0 };
  const webhooks = {
    sent: 0,
    delivered: 0,
    failed: 0,
    retried: 0,
    duplicated: 0,
    dropped: 0,
    late: 0,
  };

  const countFault = (kind: string): void => {
    faults[kind] = (faults[kind] ?? 0) + 1;
  };
  const record = (event: HistoryRecord): void => {
    lastSeq += 1;
    events.push({ ...event, seq: lastSeq, atMs: nowMs() });
    if (events.length > keptEventsMax) events = events.slice(keptEventsMax / 10);
    if (event.kind === "api") countApi(event);
    if (event.kind === "webhook") countWebhook(event);
  };
  const countApi = (call: HistoryRecord & { readonly kind: "api" }): void => {
    api.apiCalls += 1;
    if (call.isMutation) api.mutations += 1;
    if (call.outcome === "throttled") api.throttled += 1;
  };
  const countWebhook = (delivery: HistoryRecord & { readonly kind: "webhook" }): void => {
    if (delivery.outcome === "dropped") {
      webhooks.dropped += 1;
      return;
    }
    webhooks.sent += 1;
    if (isSuccess(delivery.status)) webhooks.delivered += 1;
    else webhooks.failed += 1;
    if (delivery.attempt > 1) webhooks.retried += 1;
    if (delivery.isDuplicate) webhooks.duplicated += 1;
    if (delivery.isLate) webhooks.late += 1;
  };

  world.observers.push((event) => {
    switch (event.kind) {
      case "levels-changed":
        for (const { level, deltaUnits, availableUnits } of event.effects) {
          record({
            kind: "level",
            shop: event.shop.domain,
            sku: event.shop.variants.get(level.item.variantId)?.sku ?? "",
            location: level.location.name,
            deltaUnits,
            availableUnits,
            cause: event.cause,
          });
        }
        break;
      case "order-created":
      case "order-cancelled":
      case "refund-created": {
        const kinds = {
          "order-created": "order",
          "order-cancelled": "order-cancelled",
          "refund-created": "refund",
        } as const;
        const lines =
          event.kind === "refund-created"
            ? event.refund.lines.map(({ line, quantity }) => ({ ...line, quantity }))
            : event.order.lines;
        for (const { sku, quantity } of lines) {
          record({
            kind: kinds[event.kind],
            shop: event.shop.domain,
            sku,
            orderId: event.order.id,
            units: quantity,
          });
        }
        break;
      }
      case "purchase-refused":
        record({
          kind: "refused",
          shop: event.shop.domain,
          sku: event.shop.variants.get(event.item.variantId)?.sku ?? "",
          units: event.units,
        });
        break;
      default:
        break;
    }
  });

  return {
    record,
    countFault,
    find: ({ shop, sku, kinds, sinceSeq = 0, limit = Infinity }) => {
      const found: HistoryEvent[] = [];
      // From the newest: a long history is not gone through for its end.
      for (let index = events.length - 1; index >= 0 && found.length < limit; index -= 1) {
        const event = events[index]!;
        if (event.seq <= sinceSeq) break;
        if (shop !== undefined && event.shop !== shop) continue;
        if (sku !== undefined && (!("sku" in event) || event.sku !== sku)) continue;
        if (kinds !== undefined && !kinds.includes(event.kind)) continue;
        found.push(event);
      }
      return found.reverse();
    },
    stats: () => ({ ...api, faults: { ...faults }, webhooks: { ...webhooks } }),
  };
}

/** Shopify takes 2xx for delivered, and nothing else. */
export function isSuccess(status: number | null): boolean {
  return status !== null && status >= 200 && status < 300;
}
