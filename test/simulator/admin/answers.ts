/** `lost`: the connection breaks, or the answer never comes. */
export type AdminAnswer =
  | { readonly kind: "answered"; readonly status: number; readonly body: object }
  | { readonly kind: "lost" };

type ThrottleStatus = {
  readonly maximumAvailable: number;
  readonly currentlyAvailable: number;
  readonly restoreRate: number;
};

export const lost: AdminAnswer = { kind: "lost" };

/** GraphQL answers are HTTP 200, whatever is in them. */
export function answered(body: object): AdminAnswer {
  return { kind: "answered", status: 200, body };
}

export function internalError(status: 500 | 502): AdminAnswer {
  return { kind: "answered", status, body: { errors: "Internal Server Error" } };
}

export const unauthorized: AdminAnswer = {
  kind: "answered",
  status: 401,
  body: {
    errors: "[API] Invalid API key or access token (unrecognized login or wrong password)",
  },
};

/** The `cost` of an answer's extensions. */
export function costBlock(
  requestedQueryCost: number,
  actualQueryCost: number | null,
  throttleStatus: ThrottleStatus,
): object {
  return { requestedQueryCost, actualQueryCost, throttleStatus };
}

export function throttled(requestedPoints: number, status: ThrottleStatus): object {
  return {
    errors: [
      {
        message: "Throttled",
        extensions: {
          code: "THROTTLED",
          documentation: "https://shopify.dev/api/usage/rate-limits",
        },
      },
    ],
    extensions: { cost: costBlock(requestedPoints, null, status) },
  };
}

/** One query may not cost more, however full the bucket is. */
export function tooExpensive(requestedPoints: number, maximumPoints: number): object {
  return {
    errors: [
      {
        message: `Query cost is ${requestedPoints}, which exceeds the single query max cost limit (${maximumPoints}).`,
        extensions: {
          code: "MAX_COST_EXCEEDED",
          cost: requestedPoints,
          maxCost: maximumPoints,
          documentation: "https://shopify.dev/api/usage/rate-limits",
        },
      },
    ],
  };
}
