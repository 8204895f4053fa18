import { z } from "zod";

import { nowMs } from "../world/time.ts";
import type { Installations } from "./installations.ts";
import { isSessionTokenValid } from "./session-token.ts";

const tokenTypes = {
  idToken: "urn:ietf:params:oauth:token-type:id_token",
  offline: "urn:shopify:params:oauth:token-type:offline-access-token",
  online: "urn:shopify:params:oauth:token-type:online-access-token",
};

const TokenRequest = z.object({
  client_id: z.string(),
  client_secret: z.string(),
  grant_type: z.string(),
  subject_token: z.string().optional(),
  subject_token_type: z.string().optional(),
  requested_token_type: z.string().optional(),
  expiring: z.union([z.string(), z.number(), z.boolean()]).optional(),
  refresh_token: z.string().optional(),
});
type TokenRequest = z.infer<typeof TokenRequest>;

export type TokenAnswer = { readonly status: number; readonly body: object };

export type AppIdentity = {
  readonly apiKey: string;
  readonly apiSecret: string;
  /** What the app is granted when a merchant installs it. */
  readonly scopes: readonly string[];
};

/**
 * `POST /admin/oauth/access_token`: a session token for an access token (which installs the app, as
 * Shopify-managed installation does), an access token that does not expire for one that does, or a
 * refresh token for new ones.
 */
export function answerTokenRequest({
  shop,
  body,
  app,
  installations,
}: {
  readonly shop: string;
  readonly body: unknown;
  readonly app: AppIdentity;
  readonly installations: Installations;
}): TokenAnswer {
  const parsed = TokenRequest.safeParse(body);
  if (!parsed.success) return refuse("invalid_request", "The request is incomplete.");
  const request = parsed.data;
  if (request.client_id !== app.apiKey || request.client_secret !== app.apiSecret) {
    return refuse("invalid_client", "The client id or secret is wrong.");
  }
  switch (request.grant_type) {
    case "refresh_token": {
      const grant = installations.refresh(shop, request.refresh_token ?? "");
      return grant
        ? { status: 200, body: grant }
        : refuse("invalid_grant", "This refresh token is not valid.");
    }
    case "urn:ietf:params:oauth:grant-type:token-exchange":
      return exchange(shop, request, app, installations);
    default:
      return refuse("unsupported_grant_type", "The grant type is not supported.");
  }
}

function exchange(
  shop: string,
  request: TokenRequest,
  app: AppIdentity,
  installations: Installations,
): TokenAnswer {
  const subject = request.subject_token ?? "";
  const isExpiring = ["1", "true"].includes(String(request.expiring ?? "0"));
  if (request.subject_token_type === tokenTypes.offline) {
    const access = installations.findAccess(shop, subject);
    if (!access) return refuse("invalid_subject_token", "The access token is not valid.");
    return {
      status: 200,
      body: installations.grantOffline({ shop, scopes: access.scopes, isExpiring }),
    };
  }
  const isValid = isSessionTokenValid(subject, { shop, ...app, nowSeconds: nowMs() / 1000 });
  if (request.subject_token_type !== tokenTypes.idToken || !isValid) {
    return refuse("invalid_subject_token", "The session token is not valid.");
  }
  installations.install(shop, app.scopes);
  if (request.requested_token_type === tokenTypes.online) {
    return {
      status: 200,
      body: {
        ...installations.grantOnline({ shop, scopes: app.scopes }),
        associated_user_scope: app.scopes.join(","),
        associated_user: {
          id: 1,
          first_name: "Store",
          last_name: "Owner",
          email: `owner@${shop}`,
          email_verified: true,
          account_owner: true,
          locale: "en",
          collaborator: false,
        },
      },
    };
  }
  return {
    status: 200,
    body: installations.grantOffline({ shop, scopes: app.scopes, isExpiring }),
  };
}

function refuse(error: string, description: string): TokenAnswer {
  return { status: 400, body: { error, error_description: description } };
}
