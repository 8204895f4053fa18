import { createCipheriv, createDecipheriv, createHash, randomBytes } from "node:crypto";

/** What a secret belongs to. It opens only for the same shop and field that it was sealed for. */
export type TokenOwner = { readonly shop: string; readonly field: string };

export type TokenCipher = {
  /** Encrypts with the first key. The same text gives another result each time. */
  readonly seal: (text: string, owner: TokenOwner) => string;
  /**
   * Decrypts with the key that was used, whichever of the keys it is.
   * @throws TokenCipherError if the text is not ours, was changed, belongs to another shop or field,
   *   or was sealed with a key that is no longer given.
   */
  readonly open: (sealed: string, owner: TokenOwner) => string;
  /** Whether the text was sealed with an older key, and should be sealed again when it is next kept. */
  readonly isStale: (sealed: string) => boolean;
};

/** Says what is wrong, never what the secret or the key is. */
export class TokenCipherError extends Error {
  override readonly name = "TokenCipherError";
}

const version = "v1";
const algorithm = "aes-256-gcm";
const keyBytes = 32;
/** The length for which GCM is specified; random ones are safe for 2^32 tokens per key. Source: NIST SP 800-38D §8.3. */
const nonceBytes = 12;
const tagBytes = 16;

type Key = { readonly id: string; readonly bytes: Buffer };

/**
 * Keeps access tokens and refresh tokens unreadable in the database: AES-256-GCM, as
 * `v1.<key id>.<nonce>.<tag and ciphertext>`, the parts in base64url.
 *
 * To rotate, put a new key first and keep the old one behind it until nothing `isStale`.
 *
 * @param keys base64 of 32 random bytes each; the first encrypts, all decrypt.
 */
export function createTokenCipher(keys: readonly string[]): TokenCipher {
  const ring = keys.map(parseKey);
  const [current] = ring;
  if (!current) throw new TokenCipherError("TOKEN_KEYS names no key.");

  return {
    seal(text, owner) {
      const nonce = randomBytes(nonceBytes);
      const cipher = createCipheriv(algorithm, current.bytes, nonce, { authTagLength: tagBytes });
      cipher.setAAD(associatedData(current.id, owner));
      const body = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
      const sealed = Buffer.concat([cipher.getAuthTag(), body]);
      return [version, current.id, nonce.toString("base64url"), sealed.toString("base64url")].join(
        ".",
      );
    },

    open(sealed, owner) {
      const { keyId, nonce, tag, body } = parseSealed(sealed);
      const key = ring.find(({ id }) => id === keyId);
      if (!key) {
        throw new TokenCipherError(`TOKEN_KEYS lacks key ${keyId}, with which a token was sealed.`);
      }
      const decipher = createDecipheriv(algorithm, key.bytes, nonce, { authTagLength: tagBytes });
      decipher.setAAD(associatedData(key.id, owner));
      decipher.setAuthTag(tag);
      try {
        return Buffer.concat([decipher.update(body), decipher.final()]).toString("utf8");
      } catch (cause) {
        throw new TokenCipherError(
          `The ${owner.field} of ${owner.shop} was changed, or was sealed for another owner.`,
          { cause },
        );
      }
    },

    isStale: (sealed) => parseSealed(sealed).keyId !== current.id,
  };
}

function parseKey(text: string, index: number): Key {
  const bytes = Buffer.from(text, "base64");
  // Buffer.from skips what is not base64: only a text that comes back unchanged was one.
  if (bytes.length !== keyBytes || bytes.toString("base64") !== text) {
    throw new TokenCipherError(
      `Key ${index + 1} of TOKEN_KEYS is not the base64 of ${keyBytes} bytes. ` +
        "Make one with `openssl rand -base64 32`.",
    );
  }
  // Names the key in what it sealed without giving anything of it away.
  const id = createHash("sha256").update("token key id").update(bytes).digest("hex").slice(0, 8);
  return { id, bytes };
}

function parseSealed(sealed: string) {
  const [found, keyId, nonceText, sealedText, ...rest] = sealed.split(".");
  if (found !== version || !keyId || !nonceText || !sealedText || rest.length > 0) {
    throw new TokenCipherError("A stored token is not in the form that this app writes.");
  }
  const nonce = Buffer.from(nonceText, "base64url");
  const bytes = Buffer.from(sealedText, "base64url");
  if (nonce.toString("base64url") !== nonceText || bytes.toString("base64url") !== sealedText) {
    throw new TokenCipherError("A stored token has characters that this app does not write.");
  }
  if (nonce.length !== nonceBytes || bytes.length < tagBytes) {
    throw new TokenCipherError("A stored token is cut short.");
  }
  return { keyId, nonce, tag: bytes.subarray(0, tagBytes), body: bytes.subarray(tagBytes) };
}

/** Authenticated but not stored: a token moved to another row does not open there. */
function associatedData(keyId: string, { shop, field }: TokenOwner): Buffer {
  return Buffer.from(JSON.stringify([version, keyId, shop, field]));
}
