import { randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";

import type { Tx } from "../db.server.ts";
import { defaultBalanceTerms } from "../domain/pool/balance.ts";
import type { BalanceTerms } from "../domain/pool/balance.ts";
import type { Protection } from "../domain/pool/protection.ts";
import type { Runtime } from "../loop/runtime.ts";
import { findAccountShops } from "../models/account.ts";
import { recordAudit } from "../models/audit.ts";
import {
  findGroupByName,
  findTakenListings,
  insertGroup,
  lockAccount,
} from "../models/location-group.ts";
import type { ExistingGroup, NewGroup } from "../models/location-group.ts";
import { insertPool } from "../models/pool.ts";

import { findGroupStock } from "./group-stock.ts";
import type { MemberStock, WantedMember } from "./group-stock.ts";
import type { OpeningCount } from "./opening-count.ts";
import { planPool } from "./plan-pool.ts";
import type { PlannedMember, PlannedPool } from "./plan-pool.ts";
import type { ShopifyCatalog } from "./ports.ts";

export type GroupRequest = {
  readonly accountId: string;
  /** Who asks, for the audit trail. */
  readonly actor: string;
  /** Unique within the account. */
  readonly name: string;
  readonly protection: Protection;
  /** How long taken units wait before they are free: longer than any payment in progress can last. */
  readonly drainMs: number;
  /** What balanced pools decide by; only what is not as usual. */
  readonly balanceTerms?: Partial<BalanceTerms>;
  /** The earlier are served first when units are too few to go round. */
  readonly members: readonly WantedMember[];
  readonly skus: readonly string[];
  readonly openingCount: OpeningCount;
};

export type CreateGroupOutcome =
  | { readonly kind: "created"; readonly groupId: string; readonly poolIds: readonly string[] }
  /** The same group is there already; nothing was changed. */
  | { readonly kind: "exists"; readonly groupId: string }
  /** Nothing was changed; the reason is a sentence for the merchant. */
  | { readonly kind: "refused"; readonly reason: string };

type Refused = Extract<CreateGroupOutcome, { kind: "refused" }>;
type GroupRuntime = Pick<Runtime, "database" | "clock"> & { readonly catalog: ShopifyCatalog };

/** A group of every location of the largest accounts, with a page of products at a time. */
const membersMax = 1_000;
const skusMax = 10_000;
const nameLengthMax = 200;

/** A pool takes a few milliseconds to write: this is a thousand of them on a busy machine. */
const writeWithinMs = 120_000;

/**
 * Creates a group over locations of an account's stores, and a pool for each product they share. What
 * the stores show is read now; the first takes and grants are planned in the same transaction as the
 * group, and the dispatcher sends them.
 *
 * Untracked items and items that go on selling when nothing is left are let in, and named by their
 * listing's guard: the pool is not guaranteed while it has one.
 */
export async function createGroup(
  runtime: GroupRuntime,
  request: GroupRequest,
): Promise<CreateGroupOutcome> {
  const problem = findRequestProblem(request);
  if (problem) return refuse(problem);

  const { accountId, name, members, skus } = request;
  const { prisma, withTransaction } = runtime.database;
  const domains = members.map(({ shopDomain }) => shopDomain);
  const shops = await findAccountShops(prisma, accountId, domains);
  const shopsByDomain = new Map(shops.map((shop) => [shop.domain, shop]));
  const stock = await findGroupStock(runtime.catalog, shopsByDomain, { members, skus });
  if (stock.kind === "refused") return stock;

  const existing = await findGroupByName(prisma, accountId, name);
  if (existing) return answerForExisting(existing, request, stock.members);

  const planned = planGroup(request, stock.members, runtime.clock.nowMs());
  if (planned.kind === "refused") return planned;
  return withTransaction((tx) => writeGroup(tx, request, planned), { timeoutMs: writeWithinMs });
}

function findRequestProblem(request: GroupRequest): string | null {
  const { name, members, skus, drainMs } = request;
  if (name.trim() === "" || name.length > nameLengthMax) {
    return `A group needs a name of at most ${nameLengthMax} characters.`;
  }
  if (new Set(members.map(({ shopDomain }) => shopDomain)).size < 2) {
    return "A group needs locations of at least two stores.";
  }
  if (members.length > membersMax) return `A group has at most ${membersMax} locations.`;
  if (skus.length === 0) return "A group needs at least one SKU that its stores share.";
  if (skus.length > skusMax) return `A group is created with at most ${skusMax} SKUs.`;
  const repeated = skus.find((sku, index) => skus.indexOf(sku) < index);
  if (repeated !== undefined) return `The SKU ${repeated} is named twice.`;
  if (!Number.isSafeInteger(drainMs) || drainMs < 0) {
    return "The wait before taken units are free must be a whole number of milliseconds.";
  }
  return null;
}

type PlannedGroup = {
  readonly kind: "planned";
  readonly group: NewGroup;
  readonly pools: readonly PlannedPool[];
};

function planGroup(
  request: GroupRequest,
  stock: readonly MemberStock[],
  nowMs: number,
): PlannedGroup | Refused {
  const members: readonly PlannedMember[] = stock.map((member, priority) => ({
    ...member,
    priority,
    id: randomUUID(),
  }));
  const balanceTerms = termsOf(request);
  const pools: PlannedPool[] = [];
  for (const sku of request.skus) {
    const pool = planPool(sku, members, { ...request, balanceTerms, nowMs });
    if (typeof pool === "string") return refuse(pool);
    pools.push(pool);
  }
  const { accountId, name, protection, drainMs } = request;
  return {
    kind: "planned",
    pools,
    group: {
      ...{ id: randomUUID(), accountId, name, protection, drainMs, balanceTerms },
      members: members.map(({ id, shop, location, priority }) => ({
        ...{ id, shopId: shop.id, priority },
        ...{ locationId: location.id, locationName: location.name },
      })),
    },
  };
}

async function writeGroup(
  tx: Tx,
  request: GroupRequest,
  { group, pools }: PlannedGroup,
): Promise<CreateGroupOutcome> {
  const { accountId, actor } = request;
  await lockAccount(tx, accountId);
  const places = pools.flatMap((pool) => pool.listings);
  const [taken] = await findTakenListings(tx, accountId, places);
  if (taken) {
    const place = places.find(
      ({ shopId, inventoryItemId, locationId }) =>
        shopId === taken.shopId &&
        inventoryItemId === taken.inventoryItemId &&
        locationId === taken.locationId,
    );
    const sku = pools.find((pool) => place && pool.listings.includes(place))?.sku;
    const location = group.members.find(({ id }) => id === place?.memberId)?.locationName;
    return refuse(
      `The location ${location} shares ${sku} in the group "${taken.groupName}" already.`,
    );
  }
  await insertGroup(tx, group);
  for (const { opening, ...pool } of pools) {
    await insertPool(tx, opening, { accountId, groupId: group.id, ...pool });
  }
  const detail = { name: group.name, skus: pools.map(({ sku }) => sku) };
  await recordAudit(tx, { accountId, actor, action: "group.created", detail });
  return {
    kind: "created",
    groupId: group.id,
    poolIds: pools.map(({ opening }) => opening.pool.id),
  };
}

/** Asking for the same again is no mistake; asking for something else under its name is one. */
function answerForExisting(
  existing: ExistingGroup,
  request: GroupRequest,
  stock: readonly MemberStock[],
): CreateGroupOutcome {
  const keysOf = (places: readonly (readonly [string, string])[]) =>
    places
      .map((place) => place.join(" "))
      .sort()
      .join(",");
  const isSame =
    existing.protection === request.protection &&
    existing.drainMs === request.drainMs &&
    isDeepStrictEqual(existing.balanceTerms, termsOf(request)) &&
    [...existing.skus].sort().join() === [...request.skus].sort().join() &&
    keysOf(existing.members.map(({ shopId, locationId }) => [shopId, locationId])) ===
      keysOf(stock.map(({ shop, location }) => [shop.id, location.id]));
  if (isSame) return { kind: "exists", groupId: existing.id };
  return refuse(`There is another group named "${request.name}", with other terms.`);
}

function termsOf({ balanceTerms }: GroupRequest): BalanceTerms {
  return { ...defaultBalanceTerms, ...balanceTerms };
}

function refuse(reason: string): Refused {
  return { kind: "refused", reason };
}
