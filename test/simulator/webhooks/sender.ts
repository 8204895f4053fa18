import { createHmac, randomUUID } from "node:crypto";

import { isSuccess } from "../history.ts";
import type { History } from "../history.ts";
import { nowMs } from "../world/time.ts";
import type { World } from "../world/world.ts";
import type { Message } from "./messages.ts";
import type { Post } from "./post.ts";
import type { Subscription, Subscriptions } from "./subscriptions.ts";

/** Shopify tries eight times more, over four hours; here the hours are shortened. */
const retriesMax = 8;
const firstRetryMs = 100;
/** A subscription made through the Admin API is deleted after so many failures in a row. */
const failuresInARowMax = 8;

type Delivery = {
  readonly message: Message;
  readonly subscription: Subscription;
  readonly webhookId: string;
  readonly isDuplicate: boolean;
  readonly isLate: boolean;
};

export type WebhookSender = {
  /** Sends the message to everyone who subscribed to it: late, twice or not at all, as the faults say. */
  readonly send: (message: Message) => void;
  /** Deliveries that are still to be made or answered, retries included. */
  readonly pendingCount: () => number;
};

/** Delivers messages at least once, in no certain order, as Shopify does. */
export function createWebhookSender({
  world,
  history,
  subscriptions,
  post,
  apiSecret,
  apiVersion,
}: {
  readonly world: World;
  readonly history: History;
  readonly subscriptions: Subscriptions;
  readonly post: Post;
  readonly apiSecret: string;
  readonly apiVersion: string;
}): WebhookSender {
  const { timers } = world;
  const latency = world.random("webhooks/latency");
  const drops = world.random("webhooks/drop");
  const duplicates = world.random("webhooks/duplicate");
  const lateness = world.random("webhooks/late");
  let pending = 0;

  const send = (message: Message): void => {
    for (const subscription of subscriptions.find(message.shop.domain, message.topic)) {
      plan(message, subscription);
    }
  };

  const plan = (message: Message, subscription: Subscription): void => {
    const faults = world.faults.webhooks;
    const { webhookMs } = world.scenario.latency;
    const isDropped = drops.isHit(faults.drop);
    const isLate = lateness.isHit(faults.late);
    const lateMs = lateness.durationMs(faults.lateMs);
    const isDuplicated = duplicates.isHit(faults.duplicate);
    const secondDelayMs = duplicates.durationMs(webhookMs);
    const delayMs = latency.durationMs(webhookMs) + (isLate ? lateMs : 0);
    const delivery = { message, subscription, webhookId: randomUUID(), isLate };

    if (isLate) history.countFault("webhook-late");
    if (isDropped) {
      history.countFault("webhook-dropped");
      recordDropped({ ...delivery, isDuplicate: false });
      return;
    }
    start({ ...delivery, isDuplicate: false }, delayMs);
    if (isDuplicated) {
      history.countFault("webhook-duplicated");
      start({ ...delivery, isDuplicate: true }, delayMs + secondDelayMs);
    }
  };

  const start = (delivery: Delivery, delayMs: number): void => {
    pending += 1;
    timers.after(delayMs, () => {
      const body = Buffer.from(JSON.stringify(select(delivery)));
      void attempt(delivery, { body, headers: headersOf(delivery, body) }, 1);
    });
  };

  const attempt = async (
    delivery: Delivery,
    request: { readonly body: Buffer; readonly headers: Readonly<Record<string, string>> },
    number: number,
  ): Promise<void> => {
    const sentAtMs = nowMs();
    const { status, outcome } = await post(delivery.subscription.uri, request);
    record(delivery, { sentAtMs, attempt: number, outcome, status });
    const isDone = isSuccess(status) || isOver(delivery, status);
    if (isDone || number > retriesMax) {
      pending -= 1;
      return;
    }
    timers.after(firstRetryMs * 2 ** (number - 1), () => {
      void attempt(delivery, request, number + 1);
    });
  };

  /** Whether the subscription was given up, as one made through the Admin API is when it keeps failing. */
  const isOver = ({ subscription, message }: Delivery, status: number | null): boolean => {
    if (!("failuresInARow" in subscription)) return false;
    subscription.failuresInARow = isSuccess(status) ? 0 : subscription.failuresInARow + 1;
    if (subscription.failuresInARow < failuresInARowMax) return false;
    subscriptions.remove(message.shop.domain, subscription.id);
    return true;
  };

  const headersOf = (
    { message, subscription, webhookId }: Delivery,
    body: Buffer,
  ): Readonly<Record<string, string>> => ({
    "content-type": "application/json",
    "x-shopify-topic": message.topic,
    "x-shopify-hmac-sha256": createHmac("sha256", apiSecret).update(body).digest("base64"),
    "x-shopify-shop-domain": message.shop.domain,
    "x-shopify-api-version": apiVersion,
    "x-shopify-webhook-id": webhookId,
    "x-shopify-event-id": message.action.eventId,
    "x-shopify-triggered-at": new Date(message.action.atMs).toISOString(),
    ...(subscription.name === null ? {} : { "x-shopify-name": subscription.name }),
  });

  const recordDropped = (delivery: Delivery): void => {
    record(delivery, { sentAtMs: nowMs(), attempt: 0, outcome: "dropped", status: null });
  };
  const record = (
    { message, webhookId, isDuplicate, isLate }: Delivery,
    result: {
      readonly sentAtMs: number;
      readonly attempt: number;
      readonly outcome: "answered" | "timed-out" | "not-connected" | "dropped";
      readonly status: number | null;
    },
  ): void => {
    history.record({
      kind: "webhook",
      shop: message.shop.domain,
      topic: message.topic,
      sku: message.sku,
      triggeredAtMs: message.action.atMs,
      webhookId,
      isDuplicate,
      isLate,
      ...result,
    });
  };

  return { send, pendingCount: () => pending };
}

/** The fields that the subscription asks for; all of them when it names none. */
function select({ message, subscription }: Delivery): object {
  const body = message.assemble();
  const { includeFields } = subscription;
  if (includeFields.length === 0) return body;
  return Object.fromEntries(Object.entries(body).filter(([name]) => includeFields.includes(name)));
}
