import "@shopify/shopify-app-remix/server/adapters/node";
import { setAbstractFetchFunc } from "@shopify/shopify-api/runtime";
import {
  ApiVersion,
  AppDistribution,
  LogSeverity,
  shopifyApp,
} from "@shopify/shopify-app-remix/server";
import { z } from "zod";

import { carryOn } from "./loop/carry-on.ts";
import { findShop } from "./models/shop.ts";
import { processRuntime } from "./runtime.server.ts";
import { installShop } from "./services/install-shop.ts";

const runtime = await processRuntime();
const { settings, log } = runtime;

// All that the library sends, its token exchange included, goes where the app's own requests go.
setAbstractFetchFunc(runtime.shopifyFetch);

/** Shopify's library: it knows who asks, and brings the tokens by which the app works for a shop. */
const shopify = shopifyApp({
  apiKey: settings.apiKey,
  apiSecretKey: settings.apiSecret,
  apiVersion: ApiVersion.October26,
  scopes: [...settings.scopes],
  appUrl: settings.appUrl,
  authPathPrefix: "/auth",
  sessionStorage: runtime.sessionStorage,
  distribution: AppDistribution.AppStore,
  future: {
    unstable_newEmbeddedAuthStrategy: true,
    expiringOfflineAccessTokens: true,
  },
  logger: {
    level: LogSeverity.Warning,
    log: (severity, message) => {
      if (severity === LogSeverity.Error) log.error({}, message);
      else log.warn({}, message);
    },
  },
  hooks: {
    afterAuth: (visit) => install(visit),
  },
});

export const { authenticate, addDocumentResponseHeaders } = shopify;

/** Who visits, as Shopify's library tells it. */
type Visit = {
  readonly session: { readonly shop: string; readonly scope?: string | undefined };
  readonly admin: { readonly graphql: (query: string) => Promise<Response> };
};

/**
 * Notes the shop if its installation was cut short: the library keeps the session first, and does not
 * tell of it again while its token lasts.
 */
export async function ensureInstalled(visit: Visit): Promise<void> {
  const shop = await findShop(runtime.database.prisma, visit.session.shop);
  if (shop?.status !== "installed") await install(visit);
}

async function install({ session, admin }: Visit): Promise<void> {
  const response = await admin.graphql(shopDetailsQuery);
  const { shop } = ShopDetails.parse(await response.json()).data;
  const { poolIds } = await installShop(runtime, {
    domain: session.shop,
    name: shop.name,
    plan: shop.plan.publicDisplayName,
    scopes: session.scope ?? "",
  });
  carryOn(runtime, poolIds);
}

const shopDetailsQuery = `#graphql
  query ShopDetails {
    shop {
      name
      plan {
        publicDisplayName
      }
    }
  }`;

const ShopDetails = z.object({
  data: z.object({
    shop: z.object({ name: z.string(), plan: z.object({ publicDisplayName: z.string() }) }),
  }),
});
