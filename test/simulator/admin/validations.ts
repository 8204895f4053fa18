import { toGid } from "../world/gid.ts";
import { toConnection } from "./connection.ts";
import type { PageArguments } from "./connection.ts";
import { metafieldFieldsOf, toNamespace } from "./metafields.ts";
import type { AdminContext, TypeResolvers } from "./resolver.ts";
import type { Validation } from "./validation-list.ts";

/** Shopify allows so many active ones in a store. */
const activeMax = 25;
const firstValidationId = 5_300_001;

type MetafieldInput = {
  readonly namespace?: string | null;
  readonly key: string;
  readonly type: string;
  readonly value: string;
};
type CreateInput = {
  readonly functionHandle?: string | null;
  readonly functionId?: string | null;
  readonly title?: string | null;
  readonly enable?: boolean | null;
  readonly blockOnFailure?: boolean | null;
  readonly metafields?: readonly MetafieldInput[] | null;
};
type UpdateInput = Omit<CreateInput, "functionHandle" | "functionId">;

export const validationQueries: TypeResolvers = {
  validations: (_root: unknown, args: PageArguments, { validations }: AdminContext) =>
    toConnection(validations.list, args, ({ id }) => id),
  validation: (_root: unknown, { id }: { id: string }, context: AdminContext) => find(context, id),
};

export const validationMutations: TypeResolvers = {
  validationCreate: (
    _root: unknown,
    { validation: input }: { readonly validation: CreateInput },
    context: AdminContext,
  ) => {
    const { list } = context.validations;
    if (!input.functionHandle) {
      return refuse(
        ["validation", "functionHandle"],
        "Either function_id or function_handle must be provided.",
        "MISSING_FUNCTION_IDENTIFIER",
      );
    }
    if (input.enable && list.filter(({ isEnabled }) => isEnabled).length >= activeMax) {
      return refuse(
        [],
        `Cannot have more than ${activeMax} active validation functions.`,
        "MAX_VALIDATIONS_ACTIVATED",
      );
    }
    const validation: Validation = {
      kind: "Validation",
      id: firstValidationId + list.length,
      functionHandle: input.functionHandle,
      title: input.title ?? input.functionHandle,
      isEnabled: input.enable ?? false,
      blocksOnFailure: input.blockOnFailure ?? false,
    };
    list.push(validation);
    putMetafields(context, validation, input.metafields);
    return { validation, userErrors: [] };
  },
  validationUpdate: (
    _root: unknown,
    { id, validation: input }: { readonly id: string; readonly validation: UpdateInput },
    context: AdminContext,
  ) => {
    const validation = find(context, id);
    if (!validation) return refuse(["id"], "Extension not found.", "NOT_FOUND");
    validation.title = input.title ?? validation.title;
    // Both default to false: what is not sent is switched off.
    validation.isEnabled = input.enable ?? false;
    validation.blocksOnFailure = input.blockOnFailure ?? false;
    putMetafields(context, validation, input.metafields);
    return { validation, userErrors: [] };
  },
  validationDelete: (_root: unknown, { id }: { id: string }, context: AdminContext) => {
    const { list } = context.validations;
    const index = list.findIndex((one) => toGid("Validation", one.id) === id);
    if (index < 0) {
      const userErrors = [{ field: ["id"], message: "Extension not found.", code: "NOT_FOUND" }];
      return { deletedId: null, userErrors };
    }
    list.splice(index, 1);
    return { deletedId: id, userErrors: [] };
  },
};

export const validationResolvers: TypeResolvers = {
  id: ({ id }: Validation) => toGid("Validation", id),
  title: ({ title }: Validation) => title,
  enabled: ({ isEnabled }: Validation) => isEnabled,
  blockOnFailure: ({ blocksOnFailure }: Validation) => blocksOnFailure,
  errorHistory: () => null,
  ...metafieldFieldsOf(({ id }: Validation) => toGid("Validation", id)),
};

function find({ validations }: AdminContext, id: string): Validation | null {
  return validations.list.find((one) => toGid("Validation", one.id) === id) ?? null;
}

function putMetafields(
  { metafields, apiKey }: AdminContext,
  { id }: Validation,
  inputs: readonly MetafieldInput[] | null | undefined,
): void {
  for (const { namespace, key, type, value } of inputs ?? []) {
    const ownerId = toGid("Validation", id);
    metafields.put({ ownerId, namespace: toNamespace(namespace, apiKey), key, type, value });
  }
}

function refuse(field: readonly string[], message: string, code: string): object {
  return { validation: null, userErrors: [{ field, message, code }] };
}
