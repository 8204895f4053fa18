import type { SessionStorage } from "@shopify/shopify-app-session-storage";
import { PrismaSessionStorage } from "@shopify/shopify-app-session-storage-prisma";
import { resolve } from "node:path";

import { systemClock } from "./adapters/clock.server.ts";
import { ensureLocalTokenKey } from "./adapters/local-token-key.server.ts";
import { createLogger } from "./adapters/logger.server.ts";
import { createOfflineTokens } from "./adapters/offline-tokens.server.ts";
import { createPoolLock } from "./adapters/pool-lock.server.ts";
import type { PoolLockStatus } from "./adapters/pool-lock.server.ts";
import { joinPresence, livePresences } from "./adapters/presence.server.ts";
import { createSessionStorage } from "./adapters/session-storage.server.ts";
import { ensureDatabaseUrl } from "./adapters/shared-postgres.server.ts";
import { createShopifyAdmin } from "./adapters/shopify-admin.server.ts";
import { createShopifyGraphql } from "./adapters/shopify-graphql.server.ts";
import type { ShopifyGraphql } from "./adapters/shopify-graphql.server.ts";
import { createTokenCipher } from "./adapters/token-cipher.server.ts";
import { createDatabase } from "./db.server.ts";
import { readSettings } from "./env.server.ts";
import type { Settings } from "./env.server.ts";
import { whenIdle } from "./loop/background.ts";
import { newLoopState } from "./loop/loop-state.ts";
import type { Runtime } from "./loop/runtime.ts";
import { findOfflineTokens, replaceOfflineTokens } from "./models/session.ts";
import { createShopifyFetch } from "./shopify-sim.server.ts";
import { migrateDatabase } from "../prisma/migrate.ts";

/** All that a process of the app works with. */
export type AppRuntime = Runtime & {
  readonly settings: Settings;
  readonly databaseUrl: string;
  readonly sessionStorage: SessionStorage;
  readonly graphql: ShopifyGraphql;
  /** `fetch` for Shopify, or for its stand-in. */
  readonly shopifyFetch: typeof fetch;
  readonly lockStatus: () => PoolLockStatus;
  /** Lets what is under way end, for as long as that may take, and closes everything. */
  readonly close: () => Promise<void>;
};

/** Orchestrators kill ten seconds after they ask; closing the connections takes its part. */
const drainWithinMs = 8_000;

/**
 * Opens a process's runtime: its database, brought to the newest migration, and the adapters that the
 * settings ask for. Whoever opens one closes it.
 */
export async function createRuntime(
  settings: Settings,
  options: { readonly processName: string },
): Promise<AppRuntime> {
  const log = createLogger({ level: settings.logLevel, processName: options.processName });
  const databaseUrl = await ensureDatabaseUrl({ DATABASE_URL: settings.databaseUrl ?? undefined });
  const applied = await migrateDatabase(databaseUrl);
  if (applied.length > 0) log.info({ applied }, "the database was migrated");

  const database = createDatabase(databaseUrl, {
    applicationName: `location-groups ${options.processName}`,
  });
  const presence = await joinPresence(databaseUrl, { log });
  const lock = createPoolLock({ redisUrls: settings.redisUrls, pool: database.pool, log });
  const cipher = createTokenCipher(tokenKeys(settings));
  const clock = systemClock;
  const shopifyFetch = createShopifyFetch(settings.shopifySimUrl);
  const tokens = createOfflineTokens({
    rows: {
      find: (shopDomain) => findOfflineTokens(database, shopDomain),
      replace: (shopDomain, replace) => replaceOfflineTokens(database, shopDomain, replace),
    },
    cipher,
    fetch: shopifyFetch,
    apiKey: settings.apiKey,
    apiSecret: settings.apiSecret,
    clock,
    log,
  });
  const graphql = createShopifyGraphql({ tokens, fetch: shopifyFetch });
  const runtime: Runtime = {
    database,
    lock,
    admin: createShopifyAdmin(graphql),
    processes: {
      ownId: presence.processId,
      livingIds: () => livePresences(database.pool),
    },
    clock,
    log,
    state: newLoopState(),
  };

  return {
    ...runtime,
    settings,
    databaseUrl,
    sessionStorage: createSessionStorage({
      inner: new PrismaSessionStorage(database.prisma),
      cipher,
      log,
    }),
    graphql,
    shopifyFetch,
    lockStatus: lock.status,
    async close() {
      await whenIdle(runtime, drainWithinMs);
      await lock.close();
      await presence.leave();
      await database.close();
    },
  };
}

const processKey = Symbol.for("location-groups.runtime");
type ProcessGlobal = { [processKey]?: Promise<AppRuntime> };

/**
 * This process's one runtime. It is kept beside the modules, because the process loads them twice: as
 * files that start it, and inside the bundle that serves its pages.
 */
export function processRuntime(): Promise<AppRuntime> {
  const holder = globalThis as ProcessGlobal;
  return (holder[processKey] ??= createRuntime(readSettings(), { processName: "web" }));
}

/** Whether this process can serve: it is not stopping, and its database answers. */
export async function isReady({ state, database }: AppRuntime): Promise<boolean> {
  if (state.isStopping) return false;
  return database.pool.query("SELECT 1").then(
    () => true,
    () => false,
  );
}

function tokenKeys({ tokenKeys: keys }: Settings): readonly string[] {
  return keys.length > 0 ? keys : [ensureLocalTokenKey(resolve(".data", "token-key"))];
}
