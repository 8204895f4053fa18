import { randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import type { TestProject } from "vitest/node";

import { joinSharedPostgres } from "#app/adapters/shared-postgres.server.ts";

import { migrateDatabase } from "../../prisma/migrate.ts";

declare module "vitest" {
  // Vitest's own interface is what is added to.
  // eslint-disable-next-line @typescript-eslint/consistent-type-definitions
  export interface ProvidedContext {
    /** Where the server is; files clone `templateName` on it. */
    readonly postgresUrl: string;
  }
}

export const templateName = "location_groups_template";

/**
 * One real PostgreSQL for a run of a tier, with a migrated template in it. Its files are thrown away,
 * so it need not wait for the disk; everything else is as in production. Its guardian stops it also
 * when the run is killed.
 */
export default async function startSharedPostgres(project: TestProject) {
  const name = `location-groups-test-${randomBytes(6).toString("hex")}`;
  const server = await joinSharedPostgres({
    directory: join(tmpdir(), name),
    settings: { fsync: "off", full_page_writes: "off" },
    isEphemeral: true,
  });
  const templateUrl = withDatabase(server.url, templateName);
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  await client.query(`CREATE DATABASE ${templateName}`);
  await client.end();
  await migrateDatabase(templateUrl);

  project.provide("postgresUrl", server.url);
  return () => server.stop();
}

export function withDatabase(url: string, database: string): string {
  const address = new URL(url);
  address.pathname = `/${database}`;
  return address.href;
}
