import type { Database } from "../db.server.ts";

import type { LoopState } from "./loop-state.ts";
import type { Clock, Logger, PoolLock, Processes, ShopifyAdmin } from "./ports.ts";

/** What the loop and the services work with; always the first argument, never fetched. */
export type Runtime = {
  readonly database: Database;
  readonly lock: PoolLock;
  readonly admin: ShopifyAdmin;
  readonly processes: Processes;
  readonly clock: Clock;
  readonly log: Logger;
  /** What this process is in the middle of. Losing it loses nothing but time. */
  readonly state: LoopState;
};
