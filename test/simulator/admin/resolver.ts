import type { GraphQLFieldResolver, GraphQLResolveInfo, GraphQLTypeResolver } from "graphql";

import type { Installations } from "../identity/installations.ts";
import type { Subscriptions } from "../webhooks/subscriptions.ts";
import type { Shop } from "../world/shop.ts";
import type { World } from "../world/world.ts";
import { accessDenied, notImplemented } from "./errors.ts";
import type { IdempotencyKeys } from "./idempotency.ts";
import type { Metafields } from "./metafield-store.ts";
import { isGranted } from "./schema.ts";
import type { Validations } from "./validation-list.ts";

/** What one request to the Admin API may use. */
export type AdminContext = {
  readonly world: World;
  readonly shop: Shop;
  readonly scopes: readonly string[];
  readonly apiKey: string;
  readonly installations: Installations;
  readonly subscriptions: Subscriptions;
  readonly metafields: Metafields;
  readonly validations: Validations;
  readonly keys: IdempotencyKeys;
  /** How long the mutation takes before and after its effect; null when it takes no time. */
  readonly pace: {
    readonly beforeMs: number;
    readonly afterMs: number;
    readonly beforeEffect: (() => void) | null;
  } | null;
  /** For the history. */
  readonly usedKeys: string[];
};

/**
 * Answers one field. The schema has checked the arguments, so each resolver names the shape it expects;
 * `never` stands for "whatever the schema promises at this place".
 */
export type Resolver = (
  source: never,
  args: never,
  context: AdminContext,
  info: GraphQLResolveInfo,
) => unknown;

export type TypeResolvers = Readonly<Record<string, Resolver>>;

/** Something that the Admin API can show: its `kind` is its GraphQL type. */
export type Entity = { readonly kind: string };

/**
 * Resolves a field by the resolvers of its type, else by the property of that name, and else answers
 * an error that names the field. A field of the root needs one of its scopes.
 */
export function createFieldResolver(
  types: Readonly<Record<string, TypeResolvers>>,
  scopesOf: (rootType: string, field: string) => readonly string[],
): GraphQLFieldResolver<unknown, AdminContext> {
  return (source, args: unknown, context, info) => {
    const type = info.parentType.name;
    if (info.path.prev === undefined) {
      const wanted = scopesOf(type, info.fieldName);
      if (!isGranted(wanted, context.scopes)) throw accessDenied(info.fieldName, wanted);
    }
    const ofType = types[type];
    if (ofType) {
      const resolve = ofType[info.fieldName] as
        | ((
            source: unknown,
            args: unknown,
            context: AdminContext,
            info: GraphQLResolveInfo,
          ) => unknown)
        | undefined;
      if (!resolve) throw notImplemented(type, info.fieldName);
      return resolve(source, args, context, info);
    }
    if (typeof source === "object" && source !== null && info.fieldName in source) {
      return (source as Readonly<Record<string, unknown>>)[info.fieldName];
    }
    throw notImplemented(type, info.fieldName);
  };
}

export const resolveEntityType: GraphQLTypeResolver<unknown, AdminContext> = (value) =>
  (value as Entity).kind;
