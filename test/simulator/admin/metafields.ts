import { createHash } from "node:crypto";

import { toGid } from "../world/gid.ts";
import { toIsoSeconds } from "../world/time.ts";
import { toConnection } from "./connection.ts";
import type { PageArguments } from "./connection.ts";
import { badRequest } from "./errors.ts";
import type { Metafield } from "./metafield-store.ts";
import type { AdminContext, TypeResolvers } from "./resolver.ts";

/** At most so many in one mutation, all or none. */
const setsMax = 25;
/** The namespace of a metafield that only its app may touch begins so. */
const ownNamespace = "$app";

/** `metafield` and `metafields` of anything that has them. */
export function metafieldFieldsOf(gidOf: (source: never) => string): TypeResolvers {
  return {
    metafield: (
      source: never,
      { namespace, key }: { namespace?: string | null; key: string },
      { metafields, apiKey }: AdminContext,
    ) => metafields.find(gidOf(source), toNamespace(namespace, apiKey), key),
    metafields: (
      source: never,
      args: PageArguments & { namespace?: string | null; keys?: readonly string[] | null },
      { metafields, apiKey }: AdminContext,
    ) => {
      const all = metafields
        .listOfOwner(gidOf(source))
        .filter(
          ({ namespace, key }) =>
            (!args.namespace || namespace === toNamespace(args.namespace, apiKey)) &&
            (!args.keys || args.keys.includes(key) || args.keys.includes(`${namespace}.${key}`)),
        );
      return toConnection(all, args, ({ id }) => id);
    },
  };
}

/** `$app` and `$app:name` are the app's own; so is no namespace at all. */
export function toNamespace(namespace: string | null | undefined, apiKey: string): string {
  if (!namespace) return `app--${apiKey}`;
  return namespace === ownNamespace
    ? `app--${apiKey}`
    : namespace.replace(/^\$app:/, `app--${apiKey}--`);
}

type MetafieldInput = {
  readonly ownerId: string;
  readonly namespace?: string | null;
  readonly key: string;
  readonly type?: string | null;
  readonly value: string;
  readonly compareDigest?: string | null;
};

export const metafieldMutations: TypeResolvers = {
  metafieldsSet: (
    _root: unknown,
    args: { readonly metafields: readonly MetafieldInput[] },
    { metafields, apiKey }: AdminContext,
  ) => {
    if (args.metafields.length > setsMax) {
      throw badRequest(
        `The input array size of ${args.metafields.length} is greater than the maximum allowed of ${setsMax}.`,
        "MAX_INPUT_SIZE_EXCEEDED",
      );
    }
    const planned = args.metafields.map((input) => {
      const namespace = toNamespace(input.namespace, apiKey);
      return { input, namespace, before: metafields.find(input.ownerId, namespace, input.key) };
    });
    const userErrors = planned.flatMap(({ input, before }, index) => {
      const refuse = (field: string, message: string, code: string) => [
        { field: ["metafields", String(index), field], message, code, elementIndex: index },
      ];
      if (!input.type && !before) return refuse("type", "Type can't be blank", "BLANK");
      if (input.value === "") return refuse("value", "Value can't be blank", "BLANK");
      const digest = before ? compareDigest(before) : null;
      if (input.compareDigest !== undefined && input.compareDigest !== digest) {
        return refuse(
          "compareDigest",
          "The resource has been updated since it was loaded. Try again with an updated `compareDigest` value.",
          "STALE_OBJECT",
        );
      }
      return [];
    });
    if (userErrors.length > 0) return { metafields: null, userErrors };
    return {
      metafields: planned.map(({ input, namespace, before }) =>
        metafields.put({
          ownerId: input.ownerId,
          namespace,
          key: input.key,
          type: input.type ?? before!.type,
          value: input.value,
        }),
      ),
      userErrors: [],
    };
  },
  metafieldsDelete: (
    _root: unknown,
    args: {
      readonly metafields: readonly { ownerId: string; namespace: string; key: string }[];
    },
    { metafields, apiKey }: AdminContext,
  ) => ({
    deletedMetafields: args.metafields.map(({ ownerId, namespace, key }) =>
      metafields.remove(ownerId, toNamespace(namespace, apiKey), key)
        ? { ownerId, namespace, key }
        : null,
    ),
    userErrors: [],
  }),
};

export const metafieldResolvers: TypeResolvers = {
  id: ({ id }: Metafield) => toGid("Metafield", id),
  namespace: ({ namespace }: Metafield) => namespace,
  key: ({ key }: Metafield) => key,
  type: ({ type }: Metafield) => type,
  value: ({ value }: Metafield) => value,
  jsonValue: ({ type, value }: Metafield): unknown =>
    type === "json" || type.startsWith("list.") || type.startsWith("number_integer")
      ? JSON.parse(value)
      : value,
  compareDigest: (metafield: Metafield) => compareDigest(metafield),
  createdAt: ({ createdAtMs }: Metafield) => toIsoSeconds(createdAtMs),
  updatedAt: ({ updatedAtMs }: Metafield) => toIsoSeconds(updatedAtMs),
};

function compareDigest({ value }: Metafield): string {
  return createHash("sha256").update(value).digest("hex");
}
