import { execute } from "graphql";

import { createFaultPlan } from "../faults.ts";
import type { ApiFault } from "../faults.ts";
import type { History } from "../history.ts";
import type { Installations } from "../identity/installations.ts";
import type { Subscriptions } from "../webhooks/subscriptions.ts";
import type { Shop } from "../world/shop.ts";
import { nowMs } from "../world/time.ts";
import type { World } from "../world/world.ts";
import {
  answered,
  costBlock,
  internalError,
  lost,
  throttled,
  tooExpensive,
  unauthorized,
} from "./answers.ts";
import type { AdminAnswer } from "./answers.ts";
import { createBucket } from "./bucket.ts";
import type { Bucket } from "./bucket.ts";
import { actualCost, requestPointsMax, requestedCost } from "./cost.ts";
import type { CostRequest } from "./cost.ts";
import { variableErrors } from "./errors.ts";
import { createIdempotencyKeys } from "./idempotency.ts";
import type { IdempotencyKeys } from "./idempotency.ts";
import { createMetafields } from "./metafield-store.ts";
import type { Metafields } from "./metafield-store.ts";
import { createFieldResolver, resolveEntityType } from "./resolver.ts";
import type { AdminContext } from "./resolver.ts";
import { adminResolvers } from "./resolvers.ts";
import { parseRequest, namesOf, isMutationOf } from "./request.ts";
import type { AdminSchema } from "./schema.ts";
import type { Validations } from "./validation-list.ts";

export type AdminRequest = {
  readonly shop: Shop;
  readonly accessToken: string;
  readonly body: unknown;
};

/** Answers `POST /admin/api/…/graphql.json`. */
export type AdminEndpoint = {
  /**
   * @param hangUp breaks the connection; called before a late effect, so that the caller has surely
   * given up by then.
   */
  readonly answer: (request: AdminRequest, hangUp: () => void) => Promise<AdminAnswer>;
};

/** What the Admin API keeps of one store. */
type StoreState = {
  readonly bucket: Bucket;
  readonly keys: IdempotencyKeys;
  readonly metafields: Metafields;
  readonly validations: Validations;
};

export function createAdminEndpoint({
  world,
  history,
  schema,
  installations,
  subscriptions,
  apiKey,
}: {
  readonly world: World;
  readonly history: History;
  readonly schema: AdminSchema;
  readonly installations: Installations;
  readonly subscriptions: Subscriptions;
  readonly apiKey: string;
}): AdminEndpoint {
  const planFault = createFaultPlan(world);
  const latency = world.random("api/latency");
  const resolveField = createFieldResolver(adminResolvers, schema.scopesOf);
  const stores = new Map<string, StoreState>();

  const stateOf = (shop: Shop): StoreState => {
    const state = stores.get(shop.domain) ?? {
      bucket: createBucket(shop.bucket),
      keys: createIdempotencyKeys(),
      metafields: createMetafields(),
      validations: { list: [] },
    };
    stores.set(shop.domain, state);
    return state;
  };

  const answer = async (request: AdminRequest, hangUp: () => void): Promise<AdminAnswer> => {
    const startedAtMs = nowMs();
    const { shop } = request;
    const parsed = parseRequest(schema, request.body);
    const isMutation = isMutationOf(parsed);
    const fault = planFault(isMutation);
    if (fault.kind !== "none") history.countFault(fault.kind);
    const roundTripMs = latency.durationMs(world.scenario.latency.apiMs);
    const usedKeys: string[] = [];
    let points = { requested: 0, actual: null as number | null };

    const end = (
      result: AdminAnswer,
      outcome: "answered" | "errors" | "throttled" | "refused" | "lost",
    ): AdminAnswer => {
      history.record({
        kind: "api",
        shop: shop.domain,
        ...namesOf(parsed),
        isMutation,
        startedAtMs,
        status: result.kind === "answered" ? result.status : null,
        outcome,
        requestedPoints: points.requested,
        actualPoints: points.actual,
        fault: fault.kind === "none" ? null : fault.kind,
        idempotencyKeys: usedKeys,
      });
      return result;
    };

    if (fault.kind === "request-lost") return end(lost, "lost");
    // A mutation spends the middle half of the round trip inside the store: see `pace`.
    await pause(world, isMutation ? roundTripMs / 4 : roundTripMs / 2);
    if (fault.kind === "error-before") return end(internalError(500), "errors");
    if (fault.kind === "applied-late" && !fault.isKeyTaken) {
      await world.timers.pause(fault.delayMs);
      hangUp();
    }

    const access = installations.findAccess(shop.domain, request.accessToken);
    if (!access) return end(unauthorized, "refused");
    if (parsed.kind === "invalid") return end(answered({ errors: parsed.errors }), "errors");

    const state = stateOf(shop);
    const cost: CostRequest = {
      schema: schema.schema,
      document: parsed.document,
      operation: parsed.operation,
      variables: parsed.variables,
    };
    points = { requested: requestedCost(cost), actual: null };
    if (points.requested > requestPointsMax) {
      return end(answered(tooExpensive(points.requested, requestPointsMax)), "refused");
    }
    if (fault.kind === "throttled" || !state.bucket.charge(points.requested, nowMs())) {
      await pause(world, roundTripMs / 2);
      return end(answered(throttled(points.requested, state.bucket.status(nowMs()))), "throttled");
    }

    const result = await execute({
      schema: schema.schema,
      document: parsed.document,
      variableValues: parsed.variables,
      operationName: parsed.operation.name?.value,
      contextValue: {
        world,
        shop,
        scopes: access.scopes,
        apiKey,
        installations,
        subscriptions,
        metafields: state.metafields,
        validations: state.validations,
        keys: state.keys,
        pace: paceOf(fault, roundTripMs, hangUp),
        usedKeys,
      } satisfies AdminContext,
      fieldResolver: resolveField,
      typeResolver: resolveEntityType,
    });
    if (result.data === undefined) {
      state.bucket.refund(points.requested, nowMs());
      const { operation, variables } = parsed;
      const errors = variableErrors(schema.schema, operation, variables);
      return end(answered({ errors: errors.length > 0 ? errors : result.errors }), "errors");
    }
    points.actual = actualCost(cost, result.data);
    state.bucket.refund(points.requested - points.actual, nowMs());
    await pause(world, isMutation ? roundTripMs / 4 : roundTripMs / 2);

    if (fault.kind === "answer-lost" || fault.kind === "applied-late") {
      return end(lost, "lost");
    }
    if (fault.kind === "error-after") return end(internalError(502), "errors");
    const errors = result.errors?.map((error) => error.toJSON());
    return end(
      answered({
        ...(errors ? { errors } : {}),
        data: result.data,
        extensions: {
          cost: costBlock(points.requested, points.actual, state.bucket.status(nowMs())),
        },
      }),
      errors ? "errors" : "answered",
    );
  };

  return { answer };
}

/** How long a mutation is inside the store before and after its effect; late, if that is its fault. */
function paceOf(fault: ApiFault, roundTripMs: number, hangUp: () => void): AdminContext["pace"] {
  if (fault.kind === "applied-late" && fault.isKeyTaken) {
    return { beforeMs: fault.delayMs, beforeEffect: hangUp, afterMs: 0 };
  }
  return roundTripMs > 0
    ? { beforeMs: roundTripMs / 4, beforeEffect: null, afterMs: roundTripMs / 4 }
    : null;
}

async function pause(world: World, ms: number): Promise<void> {
  if (ms > 0) await world.timers.pause(ms);
}
