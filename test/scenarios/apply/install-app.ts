import "@shopify/shopify-api/adapters/node";
import {
  ApiVersion,
  HttpResponseError,
  LogSeverity,
  RequestedTokenType,
  shopifyApi,
} from "@shopify/shopify-api";
import type { Session } from "@shopify/shopify-api";
import { setAbstractFetchFunc } from "@shopify/shopify-api/runtime";
import { z } from "zod";

import { apiVersion } from "#app/adapters/shopify-graphql.server.ts";
import type { AppRuntime } from "#app/runtime.server.ts";
import { installShop } from "#app/services/install-shop.ts";

import { ApplyError } from "./apply-error.ts";
import { mintSessionToken } from "./session-token.ts";

/** Shops answer at once in a stand-in, and within a second at Shopify. */
const answerWithinMs = 10_000;

const shopQuery = "{ shop { name plan { publicDisplayName } } }";
const ShopAnswer = z.object({
  data: z.object({
    shop: z.object({ name: z.string(), plan: z.object({ publicDisplayName: z.string() }) }),
  }),
});

type InstallerRuntime = Pick<
  AppRuntime,
  "database" | "clock" | "settings" | "sessionStorage" | "shopifyFetch"
>;

export type AppInstaller = {
  /**
   * Installs the app on a shop as its owner does by opening it: a session token is exchanged for an
   * offline token, which is stored as the app stores it. A shop that has it already keeps its token.
   *
   * @throws ApplyError with a sentence that says what is missing or does not answer.
   */
  readonly install: (shopDomain: string) => Promise<void>;
};

export function createAppInstaller(runtime: InstallerRuntime): AppInstaller {
  const { settings, sessionStorage, shopifyFetch } = runtime;
  const exchange = createTokenExchange(settings, shopifyFetch);

  const hasToken = async (shopDomain: string): Promise<boolean> => {
    const [shop, stored] = await Promise.all([
      runtime.database.prisma.shop.findUnique({ where: { domain: shopDomain } }),
      sessionStorage.findSessionsByShop(shopDomain),
    ]);
    const offline = stored.find((session) => !session.isOnline);
    if (shop?.status !== "installed" || !offline?.accessToken) return false;
    return (await askShop(shopifyFetch, offline)) !== null;
  };

  return {
    async install(shopDomain) {
      if (await hasToken(shopDomain)) return;
      const nowMs = runtime.clock.nowMs();
      const { apiKey, apiSecret } = settings;
      const session = await exchange(
        shopDomain,
        mintSessionToken({ shopDomain, apiKey, apiSecret, nowMs }),
      );
      await sessionStorage.storeSession(session);
      const shop = await askShop(shopifyFetch, session);
      if (!shop) throw new ApplyError(`${shopDomain} refuses the token that it has just given.`);
      await installShop(runtime, {
        domain: shopDomain,
        name: shop.name,
        plan: shop.plan.publicDisplayName,
        scopes: session.scope ?? "",
      });
    },
  };
}

/** The exchange of Shopify's own library, which the app uses too. */
function createTokenExchange(settings: AppRuntime["settings"], shopifyFetch: typeof fetch) {
  const { apiKey, apiSecret, appUrl, scopes, shopifySimUrl } = settings;
  setAbstractFetchFunc(shopifyFetch);
  const shopify = shopifyApi({
    apiKey,
    apiSecretKey: apiSecret,
    scopes: [...scopes],
    hostName: new URL(appUrl).host,
    hostScheme: appUrl.startsWith("https:") ? "https" : "http",
    apiVersion: ApiVersion.October26,
    isEmbeddedApp: true,
    logger: { level: LogSeverity.Error },
  });

  return async (shopDomain: string, sessionToken: string): Promise<Session> => {
    try {
      const { session } = await shopify.auth.tokenExchange({
        shop: shopDomain,
        sessionToken,
        requestedTokenType: RequestedTokenType.OfflineAccessToken,
        expiring: true,
      });
      return session;
    } catch (cause) {
      if (cause instanceof HttpResponseError) {
        const { code } = cause.response as { readonly code: number };
        throw new ApplyError(
          code === 404
            ? `${shopDomain} does not exist there.`
            : `${shopDomain} refused to install the app (HTTP status ${code}): SHOPIFY_API_KEY and ` +
                "SHOPIFY_API_SECRET must be those of the app it knows.",
          { cause },
        );
      }
      const place = shopifySimUrl
        ? `The stand-in at ${shopifySimUrl} (SHOPIFY_SIM_URL) does not answer; is it running?`
        : `${shopDomain} does not answer; set SHOPIFY_SIM_URL to reach a stand-in instead.`;
      throw new ApplyError(place, { cause });
    }
  };
}

/** Null when the shop refuses the token. */
async function askShop(shopifyFetch: typeof fetch, { shop, accessToken }: Session) {
  const url = `https://${shop}/admin/api/${apiVersion}/graphql.json`;
  const response = await shopifyFetch(url, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "x-shopify-access-token": accessToken ?? "",
    },
    body: JSON.stringify({ query: shopQuery }),
    signal: AbortSignal.timeout(answerWithinMs),
  }).catch((cause: unknown) => {
    throw new ApplyError(`${shop} does not answer its Admin API.`, { cause });
  });
  if (response.status === 401) return null;
  const answer = ShopAnswer.safeParse(await response.json().catch(() => null));
  if (!answer.success) {
    throw new ApplyError(`${shop} answers its Admin API with HTTP status ${response.status}.`);
  }
  return answer.data.data.shop;
}
