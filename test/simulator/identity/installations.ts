import { randomBytes } from "node:crypto";

import { nowMs } from "../world/time.ts";

/** How long a refresh token is good for: 90 days. */
const refreshTokenSeconds = 7_776_000;

type IssuedToken = {
  readonly shop: string;
  readonly scopes: readonly string[];
  /** Null: never. */
  readonly expiresAtMs: number | null;
};

type RefreshToken = IssuedToken & {
  /** The token that this one replaces: it stays good until this one is used. */
  readonly replaces: string | null;
};

/** What the token endpoint answers. */
export type TokenGrant = {
  readonly access_token: string;
  readonly scope: string;
  readonly expires_in?: number;
  readonly refresh_token?: string;
  readonly refresh_token_expires_in?: number;
};

/** Where the app is installed, and the tokens it holds there. Outlives a world that is replaced, if asked to. */
export type Installations = {
  readonly isInstalled: (shop: string) => boolean;
  readonly install: (shop: string, scopes: readonly string[]) => void;
  readonly uninstall: (shop: string) => void;
  readonly grantOffline: (request: {
    readonly shop: string;
    readonly scopes: readonly string[];
    readonly isExpiring: boolean;
  }) => TokenGrant;
  readonly grantOnline: (request: {
    readonly shop: string;
    readonly scopes: readonly string[];
  }) => TokenGrant;
  /** Null: the refresh token is not known, was replaced, or is over. */
  readonly refresh: (shop: string, refreshToken: string) => TokenGrant | null;
  /** Null: not known, revoked, over, or of another store. */
  readonly findAccess: (shop: string, accessToken: string) => { scopes: readonly string[] } | null;
  /** All access and refresh tokens of the store stop working, as when the merchant uninstalls. */
  readonly revokeTokens: (shop: string) => void;
  /** The access tokens of the store are over from now on; refreshing still works. */
  readonly expireTokens: (shop: string) => void;
};

export function createInstallations({
  accessTokenSeconds,
}: {
  readonly accessTokenSeconds: number;
}): Installations {
  const installed = new Map<string, readonly string[]>();
  const accessTokens = new Map<string, IssuedToken>();
  const refreshTokens = new Map<string, RefreshToken>();

  const forget = (tokens: Map<string, IssuedToken>, shop: string): void => {
    for (const [token, issued] of tokens) if (issued.shop === shop) tokens.delete(token);
  };
  const issueAccess = (issued: IssuedToken): string => {
    const token = `shpat_${randomBytes(16).toString("hex")}`;
    accessTokens.set(token, issued);
    return token;
  };
  const issuePair = (shop: string, scopes: readonly string[], replaces: string | null) => {
    const refreshToken = `shprt_${randomBytes(16).toString("hex")}`;
    refreshTokens.set(refreshToken, {
      shop,
      scopes,
      replaces,
      expiresAtMs: nowMs() + refreshTokenSeconds * 1000,
    });
    return {
      access_token: issueAccess({
        shop,
        scopes,
        expiresAtMs: nowMs() + accessTokenSeconds * 1000,
      }),
      scope: scopes.join(","),
      expires_in: accessTokenSeconds,
      refresh_token: refreshToken,
      refresh_token_expires_in: refreshTokenSeconds,
    };
  };
  const isOver = ({ expiresAtMs }: IssuedToken): boolean =>
    expiresAtMs !== null && expiresAtMs <= nowMs();

  return {
    isInstalled: (shop) => installed.has(shop),
    install: (shop, scopes) => {
      installed.set(shop, scopes);
    },
    uninstall: (shop) => {
      installed.delete(shop);
      forget(accessTokens, shop);
      forget(refreshTokens, shop);
    },
    grantOffline: ({ shop, scopes, isExpiring }) =>
      isExpiring
        ? issuePair(shop, scopes, null)
        : {
            access_token: issueAccess({ shop, scopes, expiresAtMs: null }),
            scope: scopes.join(","),
          },
    grantOnline: ({ shop, scopes }) => ({
      access_token: issueAccess({ shop, scopes, expiresAtMs: nowMs() + accessTokenSeconds * 1000 }),
      scope: scopes.join(","),
      expires_in: accessTokenSeconds,
    }),
    refresh: (shop, refreshToken) => {
      const current = refreshTokens.get(refreshToken);
      if (current?.shop !== shop || isOver(current)) return null;
      if (current.replaces !== null) refreshTokens.delete(current.replaces);
      return issuePair(shop, current.scopes, refreshToken);
    },
    findAccess: (shop, accessToken) => {
      const issued = accessTokens.get(accessToken);
      return issued?.shop === shop && !isOver(issued) ? { scopes: issued.scopes } : null;
    },
    revokeTokens: (shop) => {
      forget(accessTokens, shop);
      forget(refreshTokens, shop);
    },
    expireTokens: (shop) => {
      forget(accessTokens, shop);
    },
  };
}
