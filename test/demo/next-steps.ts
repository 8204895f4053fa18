import type { Stand } from "./stand.ts";

/** What can be done with a stand that stays up. */
export function whatToTry(stand: Stand, explorerUrl: string): readonly string[] {
  const settings = Object.entries(stand.env)
    .filter(([, value]) => value !== "")
    .map(([name, value]) => `    ${name}='${value}' \\`);
  return [
    `Everything stays up until Ctrl-C. Shop in the stores, and watch every unit: ${explorerUrl}`,
    "",
    "Or, in another terminal:",
    "",
    "  buy something, and look at the levels:",
    `    curl -s ${stand.simulatorUrl}/_control/purchase -d '{"shop":"outdoor-1.myshopify.com","sku":"BOTTLE-1L"}'`,
    `    curl -s ${stand.simulatorUrl}/_control/level -d '{"shop":"outdoor-2.myshopify.com","sku":"BOTTLE-1L"}'`,
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
