/**
 * The one way into the inbox. An event is kept before anything is done about it, and only once, however
 * often it is told.
 */
import type { Tx } from "../db.server.ts";
import { insertEvents, insertWebhook } from "../models/intake.ts";
import type { IncomingEvent, IncomingWebhook, WebhookRecord } from "../models/intake.ts";

import type { Runtime } from "./runtime.ts";

/**
 * Records events of pools, in their order, in one statement.
 *
 * @param target a transaction where the events belong to a change; the runtime where they stand alone.
 * @returns the pools that have something new to process, each once.
 */
export function recordEvents(
  target: Pick<Runtime, "database"> | Tx,
  events: readonly IncomingEvent[],
): Promise<readonly string[]> {
  return insertEvents("database" in target ? target.database.prisma : target, events);
}

/** Records what a webhook said, for every listing that it names; see {@link insertWebhook}. */
export function recordWebhook(
  runtime: Pick<Runtime, "database">,
  webhook: IncomingWebhook,
): Promise<WebhookRecord> {
  return insertWebhook(runtime.database, webhook);
}
