import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

/** How long one test, and one set-up or tear-down, of a tier may take. */
const tiers = {
  unit: { testMs: 1_000, isParallel: true },
  property: { testMs: 30_000, isParallel: true },
  simulation: { testMs: 600_000, isParallel: true },
  integration: { testMs: 30_000, isParallel: true },
  // These start several processes each, and measure or kill them: one file at a time.
  chaos: { testMs: 300_000, isParallel: false },
  e2e: { testMs: 120_000, isParallel: false },
} as const;

/** Integration tests and up share one PostgreSQL; each file clones its own database from it. */
const tiersWithDatabase: readonly string[] = ["integration", "chaos", "e2e"];

export default defineConfig({
  test: {
    // Vitest would leave one core to an editor; a run of every tier has the machine to itself.
    maxWorkers: availableParallelism(),
    projects: Object.entries(tiers).map(([name, { testMs, isParallel }]) => ({
      test: {
        name,
        include: [`test/${name}/**/*.test.{ts,tsx}`],
        testTimeout: testMs,
        hookTimeout: Math.max(testMs, 60_000),
        fileParallelism: isParallel,
        pool: "forks",
        setupFiles: ["test/support/leak-guard.ts"],
        globalSetup: tiersWithDatabase.includes(name) ? ["test/support/shared-postgres.ts"] : [],
      },
    })),
  },
});
