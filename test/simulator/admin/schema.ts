import { readFileSync } from "node:fs";
import { findPackageJSON } from "node:module";
import { dirname, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { Kind, buildClientSchema, parse, validate } from "graphql";
import type {
  DocumentNode,
  GraphQLError,
  GraphQLSchema,
  IntrospectionQuery,
  OperationDefinitionNode,
} from "graphql";

import { apiVersion } from "../webhooks/app-config.ts";

/** A document that was parsed and validated once; the app sends the same few again and again. */
export type KnownDocument =
  | {
      readonly kind: "valid";
      readonly document: DocumentNode;
      readonly operations: readonly OperationDefinitionNode[];
    }
  | { readonly kind: "invalid"; readonly errors: readonly GraphQLError[] };

export type AdminSchema = {
  readonly schema: GraphQLSchema;
  /** The scopes of which one is enough for a root field; empty when the schema names none. */
  readonly scopesOf: (rootType: string, field: string) => readonly string[];
  readonly know: (source: string) => KnownDocument;
};

/** Documents that carry their values inline are all different; older ones are forgotten. */
const knownDocumentsMax = 2_000;

let loaded: AdminSchema | null = null;

/** Shopify's own schema, whole, as its developer tools publish it. Takes 300 ms, once in a process. */
export function loadAdminSchema(): AdminSchema {
  loaded ??= load();
  return loaded;
}

type IntrospectedField = { readonly name: string; readonly requiredAccess?: string | null };

function load(): AdminSchema {
  const manifest = findPackageJSON("@shopify/dev-mcp", import.meta.url);
  if (manifest === undefined) throw new Error("@shopify/dev-mcp is not installed.");
  const path = join(dirname(manifest), `dist/data/admin_${apiVersion}.json.gz`);
  const introspection = JSON.parse(gunzipSync(readFileSync(path)).toString("utf8")) as {
    readonly data: IntrospectionQuery;
  };
  const schema = buildClientSchema(introspection.data, { assumeValid: true });
  const access = readRequiredAccess(introspection.data);
  const known = new Map<string, KnownDocument>();

  return {
    schema,
    scopesOf: (rootType, field) => access.get(`${rootType}.${field}`) ?? [],
    know: (source) => {
      const before = known.get(source);
      if (before) return before;
      const document = check(schema, source);
      if (known.size >= knownDocumentsMax) known.clear();
      known.set(source, document);
      return document;
    },
  };
}

function check(schema: GraphQLSchema, source: string): KnownDocument {
  let document: DocumentNode;
  try {
    document = parse(source);
  } catch (error) {
    return { kind: "invalid", errors: [error as GraphQLError] };
  }
  const errors = validate(schema, document);
  if (errors.length > 0) return { kind: "invalid", errors };
  const operations = document.definitions.filter(
    (definition) => definition.kind === Kind.OPERATION_DEFINITION,
  );
  return { kind: "valid", document, operations };
}

/** The schema tells scopes in prose: "`write_inventory` access scope. Also: …". */
function readRequiredAccess(introspection: IntrospectionQuery): Map<string, readonly string[]> {
  const access = new Map<string, readonly string[]>(Object.entries(scopesToldElsewhere));
  for (const name of ["QueryRoot", "Mutation"]) {
    const type = introspection.__schema.types.find((candidate) => candidate.name === name);
    const fields = type && "fields" in type ? (type.fields as readonly IntrospectedField[]) : [];
    for (const { name: field, requiredAccess } of fields) {
      const scopes = [...(requiredAccess ?? "").matchAll(/`((?:read|write)_[a-z_]+)`/g)];
      if (scopes.length > 0)
        access.set(
          `${name}.${field}`,
          scopes.map((match) => match[1]!),
        );
    }
  }
  return access;
}

/** Roots whose scopes stand at the type that they yield, and not at the field. */
const scopesToldElsewhere: Readonly<Record<string, readonly string[]>> = {
  "QueryRoot.inventoryItem": ["read_inventory", "read_products"],
  "QueryRoot.inventoryItems": ["read_inventory", "read_products"],
  "QueryRoot.inventoryLevel": ["read_inventory"],
  "QueryRoot.location": ["read_locations", "read_inventory"],
  "QueryRoot.locations": ["read_locations", "read_inventory"],
  "QueryRoot.order": ["read_orders"],
  "QueryRoot.orders": ["read_orders"],
  "QueryRoot.product": ["read_products"],
  "QueryRoot.products": ["read_products"],
  "QueryRoot.productVariant": ["read_products"],
  "QueryRoot.productVariants": ["read_products"],
};

/** Whether one of the wanted scopes was granted; writing something includes reading it. */
export function isGranted(wanted: readonly string[], granted: readonly string[]): boolean {
  if (wanted.length === 0 || granted.length === 0) return true;
  return wanted.some(
    (scope) => granted.includes(scope) || granted.includes(scope.replace(/^read_/, "write_")),
  );
}
