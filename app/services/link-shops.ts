import type { AccountShop, MovableShop } from "../models/account.ts";
import { lockShopsToMove, moveShops } from "../models/account.ts";
import { recordAudit } from "../models/audit.ts";
import type { Runtime } from "../loop/runtime.ts";

export type LinkShopsOutcome =
  | {
      readonly kind: "linked";
      readonly accountId: string;
      /** Domains of those that were in another account before. */
      readonly movedShops: readonly string[];
    }
  /** Nothing was changed; the reason is a sentence for the merchant. */
  | { readonly kind: "refused"; readonly reason: string };

/**
 * Puts shops into one account, so that their locations can form groups. Whoever calls this has made
 * sure that one merchant owns them all. Linking shops that are linked already changes nothing.
 *
 * The account is that of the shop that has groups, else that of the first one named. Shops that have
 * groups in different accounts are refused: their pools would have to change hands.
 */
export function linkShops(
  { database }: Pick<Runtime, "database">,
  request: { readonly shopDomains: readonly string[]; readonly actor: string },
): Promise<LinkShopsOutcome> {
  return database.withTransaction(async (tx) => {
    const shops = await lockShopsToMove(tx, request.shopDomains);
    const choice = chooseAccount(shops, request.shopDomains);
    if (choice.kind === "refused") return choice;

    const { accountId } = choice;
    const moving = shops.filter((shop) => shop.accountId !== accountId);
    if (moving.length > 0) {
      const movedShops = moving.map(({ domain }) => domain);
      await moveShops(tx, accountId, moving);
      const { actor } = request;
      await recordAudit(tx, { accountId, actor, action: "shops.linked", detail: { movedShops } });
    }
    return { kind: "linked", accountId, movedShops: moving.map(({ domain }) => domain) };
  });
}

function chooseAccount(
  shops: readonly MovableShop[],
  domains: readonly string[],
): { readonly kind: "chosen"; readonly accountId: string } | RefusedLinking {
  const byDomain = new Map<string, AccountShop>(shops.map((shop) => [shop.domain, shop]));
  const missing = domains.find((domain) => byDomain.get(domain)?.status !== "installed");
  if (missing) return refuse(`${missing} has not installed the app.`);

  const tied = shops.filter(({ memberCount }) => memberCount > 0);
  const [first] = tied;
  const other = tied.find((shop) => shop.accountId !== first?.accountId);
  if (first && other) {
    return refuse(`${first.domain} and ${other.domain} share stock in groups of two accounts.`);
  }
  const accountId = first?.accountId ?? byDomain.get(domains[0] ?? "")?.accountId;
  return accountId ? { kind: "chosen", accountId } : refuse("There is no shop to link.");
}

type RefusedLinking = Extract<LinkShopsOutcome, { kind: "refused" }>;

function refuse(reason: string): RefusedLinking {
  return { kind: "refused", reason };
}
