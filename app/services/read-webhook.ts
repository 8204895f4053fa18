/**
 * What a webhook's payload says of the listings that it names. Of a payload only the fields named here
 * are read, and nothing of them concerns a buyer.
 */
import { createHash } from "node:crypto";
import { z } from "zod";

import type { Guard } from "../domain/pool/guard.ts";
import { levelUnitsMax, parseLevelTime } from "../domain/pool/observation.ts";
import type { ListingMatch, WebhookFinding } from "../models/intake.ts";

import { parseExactJson } from "./exact-json.ts";

export type WebhookReading =
  | {
      readonly kind: "findings";
      readonly match: ListingMatch;
      readonly findings: readonly WebhookFinding[];
      /** Only listings with one of these guards are told; null for all. */
      readonly onlyGuards: readonly Guard[] | null;
    }
  | {
      readonly kind: "malformed";
      readonly reason: string;
      readonly payload: KeptValue;
    };

/** Topics that change what is known of a pool. */
export type StockTopic = keyof typeof readers;

export type KeptValue =
  string | number | boolean | null | readonly KeptValue[] | { readonly [key: string]: KeptValue };

/** A numeric id as Shopify's REST payloads have it; a string where it is beyond 2^53. */
const Id = z.union([z.int().positive().transform(String), z.string().regex(/^\d{1,20}$/)]);

const LevelPayload = z.object({
  inventory_item_id: Id,
  location_id: Id,
  available: z.int().min(-levelUnitsMax).max(levelUnitsMax).nullable(),
  updated_at: z.iso.datetime({ offset: true }),
});
const LevelName = LevelPayload.pick({ inventory_item_id: true, location_id: true });

const Line = z.object({ variant_id: Id.nullable(), quantity: z.int().nonnegative() });

const RefundPayload = z.object({
  id: Id,
  order_id: Id,
  refund_line_items: z.array(
    z.object({
      quantity: z.int().nonnegative(),
      restock_type: z.string(),
      location_id: Id.nullish(),
      line_item: Line.pick({ variant_id: true }),
    }),
  ),
});
const OrderPayload = z.object({
  id: Id,
  /** Of a sale at a counter. */
  location_id: Id.nullish(),
  line_items: z.array(Line),
});
const CancelledOrderPayload = z.object({ refunds: z.array(RefundPayload) });

const NamedPayload = z.object({ id: Id });
const ItemPayload = z.object({ id: Id, tracked: z.boolean() });

const toGid = (type: string, id: string) => `gid://shopify/${type}/${id}`;
const itemGid = (id: string) => toGid("InventoryItem", id);
const locationGid = (id: string) => toGid("Location", id);

/**
 * A reader per topic.
 *
 * An edited order names neither variants nor items of its lines, and a deleted product neither of its
 * own: they are recorded, and the levels and items that change with them come by topics of their own.
 */
const readers = {
  "inventory_levels/update": (payload) => {
    const level = LevelPayload.parse(payload);
    return aboutLevel(level, {
      event:
        level.available === null
          ? { kind: "guard-changed", guard: "untracked" }
          : {
              kind: "level-observed",
              units: level.available,
              atMs: parseLevelTime(level.updated_at),
            },
    });
  },
  "inventory_levels/connect": (payload) =>
    aboutLevel(LevelName.parse(payload), {
      event: { kind: "guard-changed", guard: "guarded" },
      // It repairs what a disconnection broke, a refused write included, and nothing else.
      onlyGuards: ["guarded", "disconnected", "refused"],
    }),
  "inventory_levels/disconnect": (payload) =>
    aboutLevel(LevelName.parse(payload), {
      event: { kind: "guard-changed", guard: "disconnected" },
    }),
  "inventory_items/update": (payload) => {
    const item = ItemPayload.parse(payload);
    return aboutItem(
      item.id,
      item.tracked ? "guarded" : "untracked",
      item.tracked ? ["guarded", "untracked"] : null,
    );
  },
  "inventory_items/delete": (payload) => aboutItem(NamedPayload.parse(payload).id, "deleted"),
  "locations/deactivate": (payload) => aboutLocation(NamedPayload.parse(payload).id),
  "locations/delete": (payload) => aboutLocation(NamedPayload.parse(payload).id),
  "orders/create": (payload) => {
    const order = OrderPayload.parse(payload);
    const sales = sumByVariant(
      order.line_items.map((line) => ({ ...line, location_id: order.location_id })),
    );
    return aboutVariants(
      sales.map(({ units, ...variant }) => ({
        ...variant,
        event: orderSeen(order.id, { soldUnits: units, returnedUnits: 0 }),
      })),
    );
  },
  "orders/edited": () => aboutVariants([]),
  "orders/cancelled": (payload) =>
    aboutVariants(CancelledOrderPayload.parse(payload).refunds.flatMap(findReturns)),
  "refunds/create": (payload) => aboutVariants(findReturns(RefundPayload.parse(payload))),
  "products/delete": () => aboutVariants([]),
} as const satisfies Readonly<Record<string, (payload: unknown) => WebhookReading>>;

/** Reads the body of a webhook. What cannot be read is described, never thrown. */
export function readWebhook(topic: StockTopic, body: Uint8Array): WebhookReading {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(body);
    const payload = parseExactJson(text);
    try {
      return readers[topic](payload);
    } catch (error) {
      if (!(error instanceof z.ZodError)) throw error;
      return { kind: "malformed", reason: describe(error), payload: keepKnown(payload) };
    }
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error;
    const sha256 = createHash("sha256").update(body).digest("hex");
    return {
      kind: "malformed",
      reason: error instanceof SyntaxError ? "The body is no JSON." : "The body is no UTF-8.",
      payload: { bytes: body.length, sha256 },
    };
  }
}

function aboutLevel(
  level: z.infer<typeof LevelName>,
  told: { readonly event: WebhookFinding["event"]; readonly onlyGuards?: readonly Guard[] },
): WebhookReading {
  const inventoryItemId = itemGid(level.inventory_item_id);
  const locationId = locationGid(level.location_id);
  return {
    kind: "findings",
    match: "item-at-location",
    findings: [{ inventoryItemId, locationId, event: told.event }],
    onlyGuards: told.onlyGuards ?? null,
  };
}

function aboutItem(
  id: string,
  guard: Guard,
  onlyGuards: readonly Guard[] | null = null,
): WebhookReading {
  const finding = {
    inventoryItemId: itemGid(id),
    event: { kind: "guard-changed", guard },
  } as const;
  return { kind: "findings", match: "item", findings: [finding], onlyGuards };
}

function aboutLocation(id: string): WebhookReading {
  const event = { kind: "guard-changed", guard: "location-inactive" } as const;
  const findings = [{ locationId: locationGid(id), event }];
  return { kind: "findings", match: "location", findings, onlyGuards: null };
}

function aboutVariants(findings: readonly WebhookFinding[]): WebhookReading {
  return { kind: "findings", match: "variant", findings, onlyGuards: null };
}

/**
 * Units that went back into stock. A cancelled order names its refunds, and each refund comes by a
 * webhook of its own too: both make the same event, which is recorded once.
 */
function findReturns(refund: z.infer<typeof RefundPayload>): readonly WebhookFinding[] {
  const restocked = refund.refund_line_items.filter(
    ({ restock_type }) => restock_type !== "no_restock",
  );
  return sumByVariant(
    restocked.map(({ line_item, ...line }) => ({ ...line, variant_id: line_item.variant_id })),
  ).map(({ units, ...variant }) => ({
    ...variant,
    subject: `refund:${refund.id}`,
    event: orderSeen(refund.order_id, { soldUnits: 0, returnedUnits: units }),
  }));
}

function orderSeen(
  orderId: string,
  units: { readonly soldUnits: number; readonly returnedUnits: number },
): WebhookFinding["event"] {
  return { kind: "order-seen", orderId: toGid("Order", orderId), ...units };
}

/** One sum for each variant, however many lines it has; lines of no variant hold no stock. */
function sumByVariant(
  lines: readonly {
    readonly variant_id: string | null;
    readonly location_id?: string | null | undefined;
    readonly quantity: number;
  }[],
) {
  const sums = new Map<string, { variantId: string; locationId?: string; units: number }>();
  for (const { variant_id, location_id, quantity } of lines) {
    if (variant_id === null || quantity === 0) continue;
    const key = `${variant_id} ${location_id ?? ""}`;
    const sum = sums.get(key) ?? {
      variantId: toGid("ProductVariant", variant_id),
      ...(location_id && { locationId: locationGid(location_id) }),
      units: 0,
    };
    sums.set(key, { ...sum, units: sum.units + quantity });
  }
  return [...sums.values()];
}

/** Long enough to name the first mistakes; a payload can have hundreds. */
const reasonLengthMax = 500;

function describe(error: z.ZodError): string {
  const parts = error.issues.map(
    ({ path, message }) => `${path.join(".") || "payload"}: ${message}`,
  );
  return parts.join("; ").slice(0, reasonLengthMax);
}

/** What a dead letter may keep: what the readers look at. Names and addresses are not among it. */
const keptKeys: ReadonlySet<string> = new Set([
  ...["id", "order_id", "inventory_item_id", "location_id", "variant_id"],
  ...["available", "updated_at", "tracked", "quantity", "restock_type"],
  ...["line_items", "line_item", "refunds", "refund_line_items"],
]);
const keptTextLengthMax = 64;
const keptEntriesMax = 250;

function keepKnown(value: unknown): KeptValue {
  if (Array.isArray(value)) return value.slice(0, keptEntriesMax).map(keepKnown);
  if (typeof value === "object" && value !== null) {
    const known = Object.entries(value).filter(([key]) => keptKeys.has(key));
    return Object.fromEntries(known.map(([key, inner]) => [key, keepKnown(inner)]));
  }
  // PostgreSQL's JSON holds no NUL.
  if (typeof value === "string") return value.slice(0, keptTextLengthMax).replaceAll("\0", "");
  return typeof value === "number" || typeof value === "boolean" ? value : null;
}
