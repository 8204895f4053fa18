import { createShopifyCatalog } from "#app/adapters/shopify-catalog.server.ts";
import type { AppRuntime } from "#app/runtime.server.ts";
import { createGroup } from "#app/services/create-group.ts";
import type { OpeningCount } from "#app/services/opening-count.ts";
import { linkShops } from "#app/services/link-shops.ts";
import type { Scenario } from "#test/scenarios/scenario.ts";

import { ApplyError } from "./apply-error.ts";
import { createAppInstaller } from "./install-app.ts";

/** Shops are installed side by side; more at once would only queue for the database's connections. */
const shopsAtOnce = 8;
/** By which the audit trail names what this command did. */
const actor = "npm run scenario";

/**
 * Makes the app's side of a scenario true: the app is installed on its shops, they are linked to one
 * account, and its groups exist. What is so already stays as it is.
 *
 * @param say gets a sentence for each thing done.
 * @throws ApplyError when something is missing, does not answer, or contradicts what is there.
 */
export async function applyScenario(
  runtime: AppRuntime,
  scenario: Scenario,
  say: (sentence: string) => void,
): Promise<void> {
  const shopDomains = scenario.shops.map(({ domain }) => domain);
  const installer = createAppInstaller(runtime);
  for (let first = 0; first < shopDomains.length; first += shopsAtOnce) {
    await Promise.all(
      shopDomains.slice(first, first + shopsAtOnce).map((domain) => installer.install(domain)),
    );
  }
  say(`The app is installed on ${countOf(shopDomains, "shop")}.`);

  const linked = await linkShops(runtime, { shopDomains, actor });
  if (linked.kind === "refused") throw new ApplyError(linked.reason);
  say(`They belong to the account ${linked.accountId}.`);

  const catalog = createShopifyCatalog(runtime.graphql);
  for (const group of scenario.groups) {
    const outcome = await createGroup(
      { ...runtime, catalog },
      {
        accountId: linked.accountId,
        actor,
        name: group.name,
        protection: group.protection,
        drainMs: group.drainMs,
        balanceTerms: group.balance,
        members: group.members.map(({ shop, location }) => ({ shopDomain: shop, location })),
        skus: group.skus,
        openingCount: toOpeningCount(group.openingCount),
      },
    );
    if (outcome.kind === "refused") throw new ApplyError(`${group.name}: ${outcome.reason}`);
    const what = `${countOf(group.members, "location")}, ${countOf(group.skus, "product")}`;
    const isNew = outcome.kind === "created";
    say(`The group "${group.name}" ${isNew ? "was created" : "is there"}: ${what}.`);
  }
}

function toOpeningCount(count: Scenario["groups"][number]["openingCount"]): OpeningCount {
  return count.kind === "store" ? { kind: "store", shopDomain: count.shop } : count;
}

function countOf(list: readonly unknown[], noun: string): string {
  return `${list.length} ${noun}${list.length === 1 ? "" : "s"}`;
}
