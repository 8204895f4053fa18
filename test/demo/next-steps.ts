import type { Stand } from "./stand.ts";

/** What can be done with a stand that stays up. */
export function whatToTry(stand: Stand): readonly string[] {
  const settings = Object.entries(stand.env)
    .filter(([, value]) => value !== "")
    .map(([name, value]) => `    ${name}='${value}' \\`);
  return [
    "Everything stays up until Ctrl-C. Try, in another terminal:",
    "",
    "  buy something, and look at the levels:",
    `    curl -s ${stand.simulatorUrl}/_control/purchase -d '{"shop":"store-1.myshopify.com","sku":"SNEAKER-42-mirror-1"}'`,
    `    curl -s ${stand.simulatorUrl}/_control/level -d '{"shop":"store-2.myshopify.com","sku":"SNEAKER-42-mirror-1"}'`,
    "  look at what happened in the stores:",
    `    curl -s ${stand.simulatorUrl}/_control/history -d '{"limit":20}'`,
    "  look at what the app believes:",
    `    psql '${stand.databaseUrl}' -c 'SELECT sku, protection, ledger_units, free_units FROM pool'`,
    "  whether the app's processes are ready:",
    ...stand.webs().map(({ url }) => `    curl -s ${url}/readyz`),
    "  start a worker of your own, or apply another scenario to these stores:",
    ...settings,
    "    npm run worker",
  ];
}
