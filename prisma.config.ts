import { PrismaPg } from "@prisma/adapter-pg";
import { defineConfig } from "prisma/config";

// With a JavaScript engine, and only with DATABASE_URL set before the CLI looks, Prisma's commands
// run without the native engines that it would otherwise download from a host of its own. Commands
// that need no database (`prisma generate`, in `npm ci`) get an address that is never connected to.
const connectionString = (process.env.DATABASE_URL ??= "postgresql://127.0.0.1:1/none");

/** Tells Prisma's CLI where things are. The app itself migrates with prisma/migrate.ts. */
export default defineConfig({
  schema: "prisma/schema.prisma",
  migrations: { path: "prisma/migrations" },
  experimental: { adapter: true },
  engine: "js",
  // Without allowExitOnIdle every command stays for the ten seconds that its connections idle.
  adapter: () => Promise.resolve(new PrismaPg({ connectionString, allowExitOnIdle: true })),
});
