import { Session } from "@shopify/shopify-api";
import type { SessionStorage } from "@shopify/shopify-app-session-storage";

import type { Logger } from "../loop/ports.ts";

import { TokenCipherError } from "./token-cipher.server.ts";
import type { TokenCipher } from "./token-cipher.server.ts";

/**
 * Shopify's sessions with their access and refresh tokens encrypted. What was sealed with an older key
 * is sealed again when it is read.
 *
 * A session whose tokens do not open, because its key is gone, counts as missing: the merchant's next
 * visit brings new tokens.
 */
export function createSessionStorage(options: {
  /** Where the sealed sessions are kept. */
  readonly inner: SessionStorage;
  readonly cipher: TokenCipher;
  readonly log: Logger;
}): SessionStorage {
  const { inner, cipher, log } = options;

  const openOrForget = async (sealed: Session): Promise<Session | undefined> => {
    try {
      const session = withTokens(sealed, (token, field) =>
        cipher.open(token, { shop: sealed.shop, field }),
      );
      if (isStale(sealed, cipher)) await inner.storeSession(seal(session, cipher));
      return session;
    } catch (error) {
      if (!(error instanceof TokenCipherError)) throw error;
      log.warn({ error, shop: sealed.shop }, "a session's tokens do not open; it is ignored");
      return undefined;
    }
  };

  return {
    storeSession: (session) => inner.storeSession(seal(session, cipher)),
    async loadSession(id) {
      const sealed = await inner.loadSession(id);
      return sealed && openOrForget(sealed);
    },
    deleteSession: (id) => inner.deleteSession(id),
    deleteSessions: (ids) => inner.deleteSessions(ids),
    async findSessionsByShop(shop) {
      const opened = await Promise.all((await inner.findSessionsByShop(shop)).map(openOrForget));
      return opened.filter((session) => session !== undefined);
    },
  };
}

function seal(session: Session, cipher: TokenCipher): Session {
  return withTokens(session, (token, field) => cipher.seal(token, { shop: session.shop, field }));
}

function isStale({ accessToken, refreshToken }: Session, cipher: TokenCipher): boolean {
  return [accessToken, refreshToken].some((token) => Boolean(token) && cipher.isStale(token ?? ""));
}

function withTokens(
  session: Session,
  change: (token: string, field: "accessToken" | "refreshToken") => string,
): Session {
  const { accessToken, refreshToken, ...rest } = session.toObject();
  return new Session({
    ...rest,
    ...(accessToken && { accessToken: change(accessToken, "accessToken") }),
    ...(refreshToken && { refreshToken: change(refreshToken, "refreshToken") }),
  });
}
