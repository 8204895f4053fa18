import type { ShopperProgress } from "#test/simulator/client.ts";

import type { Contest } from "./composed-world.ts";

const barWidth = 30;
/** A wide world would scroll; its other stores are in the report. */
const shopsShownMax = 20;

/**
 * A race as it looks at one moment. The first line says it all, for where only one can be shown.
 *
 * @param levels `available` per shop; absent where it is not known.
 */
export function viewRace(
  contest: Contest,
  progress: ShopperProgress,
  levels: ReadonlyMap<string, number>,
): readonly string[] {
  const leftTheStore = progress.bought + progress.refused + progress.failed;
  const share = progress.planned > 0 ? leftTheStore / progress.planned : 1;
  const full = Math.round(share * barWidth);
  const bar = "█".repeat(full) + "░".repeat(barWidth - full);
  const stock = contest.pools.reduce((units, pool) => units + pool.initialUnits, 0);
  const shops = progress.perShop.filter(({ attempts }) => attempts > 0);
  const nameWidth = Math.max(5, ...shops.map(({ shop }) => shortName(shop).length));
  return [
    `${contest.protection.padEnd(8)} ${bar} ${leftTheStore}/${progress.planned} shoppers · ` +
      `${progress.bought} bought of ${stock} · ${progress.refused} told sold out · ` +
      `${progress.inPayment} paying`,
    ...shops
      .slice(0, shopsShownMax)
      .map(
        ({ shop, bought, refused, inPayment }) =>
          `  ${shortName(shop).padEnd(nameWidth)}  shows ${String(levels.get(shop) ?? "?").padStart(4)}` +
          `  bought ${String(bought).padStart(3)}  sold out ${String(refused).padStart(3)}` +
          `  paying ${String(inPayment).padStart(2)}`,
      ),
  ];
}

function shortName(domain: string): string {
  return domain.replace(/\.myshopify\.com$/, "");
}
