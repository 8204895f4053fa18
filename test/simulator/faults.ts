import type { World } from "./world/world.ts";

/** What goes wrong with one request to the Admin API. */
export type ApiFault =
  | { readonly kind: "none" }
  /** It never arrives. */
  | { readonly kind: "request-lost" }
  /** Refused although the bucket has points. */
  | { readonly kind: "throttled" }
  /** 500, nothing was done. */
  | { readonly kind: "error-before" }
  /** 502, it was done. */
  | { readonly kind: "error-after" }
  /** It was done, and the connection breaks. */
  | { readonly kind: "answer-lost" }
  /** It is done when the caller has given up. `isKeyTaken`: Shopify knew of it all the while. */
  | { readonly kind: "applied-late"; readonly delayMs: number; readonly isKeyTaken: boolean };

/**
 * Decides, from the seed, what happens to the next request: at most one fault. Each kind draws from its
 * own stream, and draws for every request, so that switching one on leaves the others where they were.
 */
export function createFaultPlan(world: World): (isMutation: boolean) => ApiFault {
  const streams = {
    requestLost: world.random("faults/request-lost"),
    answerLost: world.random("faults/answer-lost"),
    errorBefore: world.random("faults/error-before"),
    errorAfter: world.random("faults/error-after"),
    throttled: world.random("faults/throttled"),
    appliedLate: world.random("faults/applied-late"),
  };
  return (isMutation) => {
    const { api } = world.faults;
    const hits = {
      requestLost: streams.requestLost.isHit(api.requestLost),
      answerLost: streams.answerLost.isHit(api.answerLost),
      errorBefore: streams.errorBefore.isHit(api.errorBefore),
      errorAfter: streams.errorAfter.isHit(api.errorAfter),
      throttled: streams.throttled.isHit(api.throttled),
      appliedLate: streams.appliedLate.isHit(api.appliedLate),
    };
    const delayMs = streams.appliedLate.durationMs(api.appliedLateMs);
    const isKeyTaken = streams.appliedLate.isHit(0.5);

    if (hits.requestLost) return { kind: "request-lost" };
    if (hits.throttled) return { kind: "throttled" };
    if (hits.errorBefore) return { kind: "error-before" };
    if (hits.appliedLate && isMutation) return { kind: "applied-late", delayMs, isKeyTaken };
    if (hits.answerLost) return { kind: "answer-lost" };
    if (hits.errorAfter) return { kind: "error-after" };
    return { kind: "none" };
  };
}
