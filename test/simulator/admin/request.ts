import { Kind, OperationTypeNode } from "graphql";
import type { DocumentNode, GraphQLFormattedError, OperationDefinitionNode } from "graphql";

import { documentError } from "./errors.ts";
import type { AdminSchema } from "./schema.ts";

/** One request's body, understood: the document fits the schema and one operation of it is meant. */
export type ParsedRequest =
  | {
      readonly kind: "valid";
      readonly document: DocumentNode;
      readonly operation: OperationDefinitionNode;
      readonly variables: Readonly<Record<string, unknown>>;
    }
  | { readonly kind: "invalid"; readonly errors: readonly GraphQLFormattedError[] };

export function parseRequest(schema: AdminSchema, body: unknown): ParsedRequest {
  const { query, variables, operationName } = (body ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof query !== "string") return invalid("Required parameter missing or invalid: query");
  const known = schema.know(query);
  if (known.kind === "invalid") return { kind: "invalid", errors: known.errors.map(documentError) };
  const operation =
    typeof operationName === "string"
      ? known.operations.find(({ name }) => name?.value === operationName)
      : known.operations[0];
  if (!operation) return invalid("No operation was provided");
  return {
    kind: "valid",
    document: known.document,
    operation,
    variables: (variables ?? {}) as Readonly<Record<string, unknown>>,
  };
}

export function isMutationOf(request: ParsedRequest): boolean {
  return request.kind === "valid" && request.operation.operation === OperationTypeNode.MUTATION;
}

/** The operation's name, and the root fields that it asks for. */
export function namesOf(request: ParsedRequest): {
  readonly operation: string;
  readonly fields: readonly string[];
} {
  if (request.kind === "invalid") return { operation: "(invalid)", fields: [] };
  const { name, selectionSet } = request.operation;
  const fields = selectionSet.selections.flatMap((selection) =>
    selection.kind === Kind.FIELD ? [selection.name.value] : [],
  );
  return { operation: name?.value ?? fields[0] ?? "(empty)", fields };
}

function invalid(message: string): ParsedRequest {
  return { kind: "invalid", errors: [{ message, extensions: { code: "BAD_REQUEST" } }] };
}
