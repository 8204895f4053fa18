import fc from "fast-check";
import { expect, test } from "vitest";

import { TokenCipherError, createTokenCipher } from "#app/adapters/token-cipher.server.ts";

const anyKey = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => Buffer.from(bytes).toString("base64"));
const anyOwner = fc.record({ shop: fc.string(), field: fc.string() });
const anyText = fc.string({ unit: "binary" });

test("whatever was sealed with any of the keys opens to the same text", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(anyKey, { minLength: 1, maxLength: 4 }),
      fc.nat(),
      anyText,
      anyOwner,
      (keys, index, text, owner) => {
        const sealed = createTokenCipher([keys[index % keys.length]!]).seal(text, owner);

        expect(createTokenCipher(keys).open(sealed, owner)).toBe(text);
      },
    ),
  );
});

test("no changed character opens: it is refused with a named error", () => {
  fc.assert(
    fc.property(
      anyKey,
      anyText,
      anyOwner,
      fc.nat(),
      fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
      (key, text, owner, at, other) => {
        const cipher = createTokenCipher([key]);
        const sealed = cipher.seal(text, owner);
        const index = at % sealed.length;
        const changed = sealed.slice(0, index) + other + sealed.slice(index + 1);
        fc.pre(changed !== sealed);

        expect(() => cipher.open(changed, owner)).toThrow(TokenCipherError);
      },
    ),
  );
});

test("only the owner that a text was sealed for can open it", () => {
  fc.assert(
    fc.property(anyKey, anyText, anyOwner, anyOwner, (key, text, owner, other) => {
      fc.pre(owner.shop !== other.shop || owner.field !== other.field);
      const cipher = createTokenCipher([key]);

      expect(() => cipher.open(cipher.seal(text, owner), other)).toThrow(TokenCipherError);
    }),
  );
});
