/**
 * Which folder of app/ may import which. Ports are imported as types, from anywhere below.
 *
 * The core decides and the shell does: a rule that can reach the network or the clock cannot be
 * tested exhaustively, and a route that can reach SQL will one day hold a rule.
 */
const allowedImports = {
  domain: ["domain"],
  models: ["domain", "models"],
  loop: ["domain", "models", "loop"],
  services: ["domain", "models", "services", "loop"],
  adapters: ["domain", "adapters"],
  jobs: ["domain", "loop", "services"],
  components: ["domain", "components"],
  routes: ["domain", "loop", "services", "models", "components", "routes"],
};

const ports = "^app/(loop|services)/ports[.]ts$";
const rootModule = "^app/[^/]+[.]server[.]tsx?$";

const forbid = (name, comment, from, to) => ({ name, comment, severity: "error", from, to });

module.exports = {
  forbidden: [
    ...Object.entries(allowedImports).map(([folder, targets]) =>
      forbid(
        `${folder}-layer`,
        `app/${folder} may import only: ${targets.join(", ")}.`,
        { path: `^app/${folder}/` },
        { path: "^app/[^/]+/", pathNot: [`^app/(${targets.join("|")})/`, ports] },
      ),
    ),
    forbid(
      "domain-is-pure",
      "The domain needs no package and no Node API.",
      { path: "^app/domain/" },
      { dependencyTypes: ["npm", "npm-dev", "npm-no-pkg", "core"] },
    ),
    forbid(
      "ports-are-types",
      "An adapter implements a port; it never calls the loop or a service.",
      { path: "^app/(adapters|models)/" },
      { path: "^app/(loop|services)/", dependencyTypesNot: ["type-only"] },
    ),
    forbid(
      "services-record-events",
      "A merchant's action enters the loop as an event, like everything else.",
      { path: "^app/services/" },
      { path: "^app/loop/", pathNot: ["^app/loop/(record-event|ports|runtime)[.]ts$"] },
    ),
    forbid(
      "core-takes-arguments",
      "Only routes, jobs and adapters reach the app's root modules.",
      { path: "^app/(domain|models|loop|services|components)/" },
      { path: rootModule, pathNot: "^app/db[.]server[.]ts$" },
    ),
    forbid(
      "settings-at-the-edge",
      "Root modules read settings and pass them in.",
      { path: "^app/[^/]+/" },
      { path: "^app/env[.]server[.]ts$" },
    ),
    forbid(
      "database-behind-models",
      "SQL lives in models; services only open transactions.",
      { path: "^app/(domain|adapters|jobs|components|routes)/" },
      { path: "^app/db[.]server[.]ts$", dependencyTypesNot: ["type-only"] },
    ),
    forbid(
      "prisma-behind-models",
      "Only models and the root modules name Prisma.",
      { path: "^app/[^/]+/", pathNot: "^app/models/" },
      { path: "@prisma/client" },
    ),
    forbid(
      "redis-behind-adapters",
      "Locks are taken through the PoolLock port.",
      { path: "^app/", pathNot: "^app/adapters/" },
      { path: "node_modules/(ioredis|redlock)/" },
    ),
    forbid(
      "adapters-built-once",
      "The root modules pick the adapters and pass them in.",
      { path: "^app/[^/]+/", pathNot: ["^app/adapters/"] },
      { path: "^app/adapters/" },
    ),
    forbid(
      "tests-stay-in-test",
      "What is deployed needs nothing of what tests it.",
      { path: "^(app|extensions|prisma)/" },
      { path: "^test/" },
    ),
    forbid(
      "simulator-is-independent",
      "An oracle that shares code with the app shares its bugs.",
      { path: "^test/simulator/" },
      { path: "^app/" },
    ),
    forbid(
      "extensions-share-only-domain",
      "An extension is deployed alone; the rule it shares with the server is the domain's.",
      { path: "^extensions/([^/]+)/" },
      { path: "^(app|test|extensions)/", pathNot: ["^app/domain/", "^extensions/$1/"] },
    ),
    forbid("no-cycles", "Two files that need each other are one idea.", {}, { circular: true }),
    forbid("no-unresolved", "An import that resolves to nothing.", {}, { couldNotResolve: true }),
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    doNotFollow: { path: "node_modules" },
    exclude: { path: "(^|/)(dist|build|generated)/" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "node", "types"],
      extensions: [".ts", ".tsx", ".js", ".cjs", ".json"],
    },
  },
};
