import { expect, test } from "vitest";

import { decideAnswer } from "#app/domain/dispatch/answer.ts";
import type { DispatchAnswer } from "#app/domain/dispatch/answer.ts";

const refusals: readonly DispatchAnswer[] = [
  { kind: "refused-lines", lines: [0] },
  { kind: "refused-shop" },
  { kind: "previous-attempt-failed" },
];

test("a refusal of the only attempt proves that nothing was applied", () => {
  expect(refusals.map((answer) => decideAnswer(answer, true))).toEqual([
    { kind: "dead", failedLines: [0] },
    { kind: "dead-store" },
    { kind: "dead", failedLines: [] },
  ]);
});

test("a refusal after another attempt proves nothing", () => {
  for (const answer of refusals) expect(decideAnswer(answer, false).kind).toBe("quarantine");
});

test.each(["unknown", "throttled", "still-running"] as const)(
  "%s sends the same bytes again, whatever came before",
  (kind) => {
    expect(decideAnswer({ kind }, true)).toEqual({ kind: "send-again" });
    expect(decideAnswer({ kind }, false)).toEqual({ kind: "send-again" });
  },
);

test("a success counts whichever attempt it answers", () => {
  expect(decideAnswer({ kind: "applied" }, false)).toEqual({ kind: "applied" });
});

test("a key used with other content is quarantined, never guessed", () => {
  expect(decideAnswer({ kind: "key-mismatch" }, true).kind).toBe("quarantine");
});
