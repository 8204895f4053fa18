import type { Database } from "../db.server.ts";

import type { Clock, Logger, PoolLock, ShopifyAdmin } from "./ports.ts";

/** What the loop and the services work with; always the first argument, never fetched. */
export type Runtime = {
  readonly database: Database;
  readonly lock: PoolLock;
  readonly admin: ShopifyAdmin;
  readonly clock: Clock;
  readonly log: Logger;
};
