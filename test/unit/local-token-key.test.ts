import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";

import { ensureLocalTokenKey } from "#app/adapters/local-token-key.server.ts";
import { createTokenCipher } from "#app/adapters/token-cipher.server.ts";

test("a checkout's own key is made once, is a key, and only its owner reads it", () => {
  const directory = mkdtempSync(join(tmpdir(), "token-key-"));
  onTestFinished(() => {
    rmSync(directory, { recursive: true });
  });
  const file = join(directory, ".data", "token-key");

  const key = ensureLocalTokenKey(file);

  expect(ensureLocalTokenKey(file)).toBe(key);
  expect(() => createTokenCipher([key])).not.toThrow();
  expect(statSync(file).mode & 0o077).toBe(0);
});
