import { GraphQLError, coerceInputValue, getLocation, isInputType, typeFromAST } from "graphql";
import type { GraphQLFormattedError, GraphQLSchema, OperationDefinitionNode } from "graphql";

/** An error that a resolver throws; the answer gets its path and place. */
export function badRequest(message: string, code: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code } });
}

/** What the simulator does not know it does not invent. */
export function notImplemented(type: string, field: string): GraphQLError {
  return badRequest(
    `The simulator does not implement ${type}.${field}.`,
    "SIMULATOR_NOT_IMPLEMENTED",
  );
}

export function accessDenied(field: string, scopes: readonly string[]): GraphQLError {
  const access = scopes.map((scope) => `\`${scope}\``).join(" or ");
  return new GraphQLError(
    `Access denied for ${field} field. Required access: ${access} access scope.`,
    {
      extensions: {
        code: "ACCESS_DENIED",
        documentation: "https://shopify.dev/api/usage/access-scopes",
        requiredAccess: `${access} access scope.`,
      },
    },
  );
}

/** How Shopify names what is wrong with a document itself; no data comes with it. */
export function documentError(error: GraphQLError): GraphQLFormattedError {
  const { message, locations } = error.toJSON();
  const place = locations ? { locations } : {};
  const unknownDirective = /^Unknown directive "@(\w+)"/.exec(message);
  if (unknownDirective) {
    return {
      message: `Directive @${unknownDirective[1]!} is not defined`,
      ...place,
      extensions: { code: "undefinedDirective" },
    };
  }
  const missing = /^Directive "@(\w+)" argument "(\w+)" of type .* is required/.exec(message);
  if (missing) {
    return {
      message: `Directive '${missing[1]!}' is missing required arguments: ${missing[2]!}`,
      ...place,
      extensions: { code: "missingRequiredArguments" },
    };
  }
  const misplaced = /^Directive "@(\w+)" may not be used on (MUTATION|QUERY)/.exec(message);
  if (misplaced) {
    const kind = misplaced[2] === "MUTATION" ? "mutations" : "queries";
    return {
      message: `'@${misplaced[1]!}' can't be applied to ${kind} (allowed: fields)`,
      ...place,
      extensions: { code: "directiveCannotBeApplied" },
    };
  }
  const unknownField = /^Cannot query field "(\w+)" on type "(\w+)"/.exec(message);
  if (unknownField) {
    const [, field, type] = unknownField;
    return {
      message: `Field '${field!}' doesn't exist on type '${type!}'`,
      ...place,
      extensions: { code: "undefinedField", typeName: type, fieldName: field },
    };
  }
  return { message, ...place, extensions: { code: "BAD_REQUEST" } };
}

type Problem = { readonly path: readonly (string | number)[]; readonly explanation: string };

/** Shopify's words for variables that do not fit their types: one error a variable. */
export function variableErrors(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): readonly GraphQLFormattedError[] {
  return (operation.variableDefinitions ?? []).flatMap((definition) => {
    const name = definition.variable.name.value;
    // graphql-js has one overload per kind of type node; a variable's type may be any of them.
    const type = typeFromAST(schema, definition.type);
    const value = variables[name];
    if (!isInputType(type) || (value === undefined && definition.defaultValue)) return [];
    const problems: Problem[] = [];
    coerceInputValue(value ?? null, type, (path, _value, error) => {
      problems.push(explain(path, error.message));
    });
    if (problems.length === 0) return [];
    const list = problems
      .map(({ path, explanation }) =>
        path.length === 0 ? `(${explanation})` : `for ${path.join(".")} (${explanation})`,
      )
      .join(", ");
    return [
      {
        message: `Variable $${name} of type ${String(type)} was provided invalid value ${list}`,
        ...(definition.loc
          ? { locations: [getLocation(definition.loc.source, definition.loc.start)] }
          : {}),
        extensions: { code: "INVALID_VARIABLE", value: value ?? null, problems },
      },
    ];
  });
}

/** A field that is not defined, or missing, is named as the end of the path. */
function explain(path: readonly (string | number)[], message: string): Problem {
  const unknown = /^Field "(\w+)" is not defined by type "(\w+)"/.exec(message);
  if (unknown) {
    return { path: [...path, unknown[1]!], explanation: `Field is not defined on ${unknown[2]!}` };
  }
  const missing = /^Field "(\w+)" of required type/.exec(message);
  if (missing)
    return { path: [...path, missing[1]!], explanation: "Expected value to not be null" };
  if (message.includes("not to be null")) {
    return { path, explanation: "Expected value to not be null" };
  }
  return { path, explanation: message };
}
