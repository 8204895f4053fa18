import { newLevel } from "../world/build-shops.ts";
import type { Level, StoredQuantityName } from "../world/shop.ts";
import { onHandUnits } from "../world/shop.ts";
import { changeQuantities } from "../world/stock.ts";
import { nowMs } from "../world/time.ts";
import { requireIdempotencyKey } from "./idempotency.ts";
import {
  deltaErrors,
  documentErrors,
  findTargets,
  quantityErrors,
  reasonErrors,
  requireArraySize,
  requireChangeFrom,
  staleErrors,
} from "./quantity-rules.ts";
import { adjustNameErrors, ledgerDocumentErrors, setNameErrors } from "./quantity-names.ts";
import type { QuantityRow, Target, UserError } from "./quantity-rules.ts";
import type { AdjustmentGroup } from "./adjustment-group.ts";
import type { AdminContext, TypeResolvers } from "./resolver.ts";
import type { GraphQLResolveInfo } from "graphql";

type Head = {
  readonly name: string;
  readonly reason: string;
  readonly referenceDocumentUri?: string | null;
};
type AdjustInput = Head & {
  readonly changes: readonly (QuantityRow & {
    readonly delta: number;
    readonly ledgerDocumentUri?: string | null;
  })[];
};
type SetInput = Head & {
  readonly quantities: readonly (QuantityRow & { readonly quantity: number })[];
};

type Payload = {
  readonly inventoryAdjustmentGroup: AdjustmentGroup | null;
  readonly userErrors: readonly UserError[];
};

const firstGroupId = 98_000_000_001;

/** What both mutations do alike, once it is known which rows they mean. */
type Plan = {
  readonly mutation: "inventoryAdjustQuantities" | "inventorySetQuantities";
  readonly list: "changes" | "quantities";
  readonly head: Head;
  readonly rows: readonly QuantityRow[];
  /** What is wrong with the input itself. */
  readonly inputErrors: readonly UserError[];
  /** The quantity that is compared and changed. */
  readonly name: StoredQuantityName | "on_hand";
  readonly deltaOf: (index: number, units: number) => number;
  readonly ledgerDocumentOf: (index: number) => string | null;
};

export const quantityMutations: TypeResolvers = {
  inventoryAdjustQuantities: (
    _root: unknown,
    { input }: { readonly input: AdjustInput },
    context: AdminContext,
    info: GraphQLResolveInfo,
  ) => {
    const key = requireIdempotencyKey(info);
    requireArraySize("changes", input.changes.length);
    requireChangeFrom("InventoryChangeInput", input.changes);
    return runOnce(context, key, input, {
      mutation: "inventoryAdjustQuantities",
      list: "changes",
      head: input,
      rows: input.changes,
      inputErrors: [
        ...adjustNameErrors(input.name),
        ...ledgerDocumentErrors(input.name, input.changes),
        ...deltaErrors(input.changes.map(({ delta }) => delta)),
      ],
      name: input.name as StoredQuantityName,
      deltaOf: (index) => input.changes[index]!.delta,
      ledgerDocumentOf: (index) => input.changes[index]!.ledgerDocumentUri ?? null,
    });
  },
  inventorySetQuantities: (
    _root: unknown,
    { input }: { readonly input: SetInput },
    context: AdminContext,
    info: GraphQLResolveInfo,
  ) => {
    const key = requireIdempotencyKey(info);
    requireArraySize("quantities", input.quantities.length);
    requireChangeFrom("InventoryQuantityInput", input.quantities);
    return runOnce(context, key, input, {
      mutation: "inventorySetQuantities",
      list: "quantities",
      head: input,
      rows: input.quantities,
      inputErrors: [
        ...setNameErrors(input.name),
        ...quantityErrors(
          input.name,
          input.quantities.map(({ quantity }) => quantity),
        ),
      ],
      name: input.name as "available" | "on_hand",
      deltaOf: (index, units) => input.quantities[index]!.quantity - units,
      ledgerDocumentOf: () => null,
    });
  },
};

/**
 * Applies a mutation under its idempotency key: once, whatever is sent how often. A refusal changes
 * nothing and leaves the key free.
 *
 * A replay is built from the present state. Rows that compare are compared again, as was seen at
 * Shopify (API 2026-07): after the first attempt succeeded they are stale.
 */
function runOnce(
  context: AdminContext,
  key: string,
  input: unknown,
  plan: Plan,
): Payload | Promise<Payload> {
  context.usedKeys.push(key);
  const attempt = context.keys.begin<Payload>(key, plan.mutation, input);
  switch (attempt.kind) {
    case "other-parameters":
      return refused([
        {
          field: null,
          message:
            "The request with this idempotency key has different parameters than the original request.",
          code: "IDEMPOTENCY_KEY_PARAMETER_MISMATCH",
        },
      ]);
    case "still-running":
      return refused([
        {
          field: null,
          message: "A request with this idempotency key is already in progress.",
          code: "IDEMPOTENCY_CONCURRENT_REQUEST",
        },
      ]);
    case "replay": {
      const { targets } = findTargets(context.shop, plan.list, plan.rows);
      const stale = staleErrors(plan.list, plan.rows, (index) => unitsOf(plan, targets[index]));
      return stale.length > 0 ? refused(stale) : attempt.outcome;
    }
    case "first": {
      const apply = (): Payload => applyPlan(context, key, plan);
      const finish = (payload: Payload): Payload => {
        attempt.finish(payload.userErrors.length === 0 ? payload : null);
        return payload;
      };
      const { pace, world } = context;
      if (!pace) return finish(apply());
      return world.timers
        .pause(pace.beforeMs)
        .then(() => {
          pace.beforeEffect?.();
          return apply();
        })
        .then(async (payload) => {
          await world.timers.pause(pace.afterMs);
          return finish(payload);
        });
    }
  }
}

function applyPlan(context: AdminContext, key: string, plan: Plan): Payload {
  const { world, shop } = context;
  const { targets, errors } = findTargets(shop, plan.list, plan.rows);
  const userErrors = [
    ...reasonErrors(plan.head.reason),
    ...documentErrors(plan.head.referenceDocumentUri),
    ...plan.inputErrors,
    ...errors,
  ];
  if (userErrors.length > 0) return refused(userErrors);
  const stale = staleErrors(plan.list, plan.rows, (index) => unitsOf(plan, targets[index]));
  if (stale.length > 0) return refused(stale);

  const atMs = nowMs();
  const stored: StoredQuantityName = plan.name === "on_hand" ? "available" : plan.name;
  const changes = targets.flatMap((target, index) => {
    const deltaUnits = plan.deltaOf(index, unitsOf(plan, target));
    if (!target || deltaUnits === 0) return [];
    return [{ target, index, deltaUnits, level: levelOf(target, atMs) }];
  });
  const group: AdjustmentGroup = {
    kind: "InventoryAdjustmentGroup",
    id: firstGroupId + world.nextNumber("adjustment"),
    createdAtMs: atMs,
    reason: plan.head.reason,
    referenceDocumentUri: plan.head.referenceDocumentUri ?? null,
    changes: changes.flatMap(({ target, index, deltaUnits }) =>
      changedNames(stored).map((name) => ({
        kind: "InventoryChange" as const,
        item: target.item,
        location: target.location,
        name,
        delta: deltaUnits,
        ledgerDocumentUri: plan.ledgerDocumentOf(index),
      })),
    ),
  };
  changeQuantities(world, shop, {
    cause: {
      kind: "app",
      mutation: plan.mutation,
      idempotencyKey: key,
      reason: group.reason,
      referenceDocumentUri: group.referenceDocumentUri,
    },
    changes: changes.map(({ level, deltaUnits }) => ({ level, name: stored, deltaUnits })),
  });
  return { inventoryAdjustmentGroup: changes.length > 0 ? group : null, userErrors: [] };
}

/** From 2026-10 on a level may be changed where the item is not stocked: it comes into being, inactive. */
function levelOf({ item, location, level }: Target, atMs: number): Level {
  if (level) return level;
  const created = newLevel(item, location, 0, atMs);
  created.isActive = false;
  item.levels.set(location.id, created);
  return created;
}

/** Everything but `incoming` is in the building: `on_hand` changes with it. */
function changedNames(stored: StoredQuantityName): readonly string[] {
  return stored === "incoming" ? [stored] : [stored, "on_hand"];
}

function unitsOf({ name }: Plan, target: Target | null | undefined): number {
  if (!target?.level) return 0;
  return name === "on_hand" ? onHandUnits(target.level) : target.level.quantities[name];
}

function refused(userErrors: readonly UserError[]): Payload {
  return { inventoryAdjustmentGroup: null, userErrors };
}
