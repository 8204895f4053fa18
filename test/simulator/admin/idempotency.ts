import { createHash } from "node:crypto";
import { GraphQLDirective, getDirectiveValues } from "graphql";
import type { GraphQLResolveInfo } from "graphql";

import { badRequest } from "./errors.ts";

/**
 * What a store knows of one idempotency key.
 *
 * ```
 * (new) ─▶ running ─▶ done      its outcome is answered again, rebuilt from what is true by then
 *             └─────▶ (new)     it was refused and changed nothing: the same key may try again
 * ```
 */
type KeyRecord = { readonly fingerprint: string; outcome: object | null };

export type Attempt<Outcome extends object> =
  /** Nobody used the key: do it, then call `finish` with the outcome, or with null when nothing was changed. */
  | { readonly kind: "first"; readonly finish: (outcome: Outcome | null) => void }
  | { readonly kind: "replay"; readonly outcome: Outcome }
  | { readonly kind: "still-running" }
  | { readonly kind: "other-parameters" };

export type IdempotencyKeys = {
  readonly begin: <Outcome extends object>(
    key: string,
    mutation: string,
    parameters: unknown,
  ) => Attempt<Outcome>;
};

/** Keys live as long as the world: Shopify has not said how long it keeps them. */
export function createIdempotencyKeys(): IdempotencyKeys {
  const records = new Map<string, KeyRecord>();
  return {
    begin: <Outcome extends object>(
      key: string,
      mutation: string,
      parameters: unknown,
    ): Attempt<Outcome> => {
      const fingerprint = createHash("sha256")
        .update(mutation)
        .update(JSON.stringify(parameters))
        .digest("base64");
      const before = records.get(key);
      if (before) {
        if (before.fingerprint !== fingerprint) return { kind: "other-parameters" };
        if (before.outcome === null) return { kind: "still-running" };
        return { kind: "replay", outcome: before.outcome as Outcome };
      }
      const record: KeyRecord = { fingerprint, outcome: null };
      records.set(key, record);
      return {
        kind: "first",
        finish: (outcome) => {
          if (outcome === null) records.delete(key);
          else record.outcome = outcome;
        },
      };
    },
  };
}

/**
 * The key of the `@idempotent` directive on the mutation's field.
 *
 * Throws what Shopify answers when the directive is missing, or its key blank.
 */
export function requireIdempotencyKey(info: GraphQLResolveInfo): string {
  const directive = info.schema.getDirective("idempotent");
  if (!(directive instanceof GraphQLDirective)) throw new Error("The schema has no @idempotent.");
  const values = getDirectiveValues(directive, info.fieldNodes[0]!, info.variableValues);
  if (!values) {
    throw badRequest(
      "The @idempotent directive is required for this mutation but was not provided.",
      "BAD_REQUEST",
    );
  }
  const key: unknown = values.key;
  if (typeof key !== "string" || key.trim() === "") {
    throw badRequest("The idempotency key can't be blank.", "BAD_REQUEST");
  }
  return key;
}
