/** A process of its own that is present in a database, for tests that kill or stop it. It says its id. */
import { joinPresence } from "#app/adapters/presence.server.ts";

const { processId } = await joinPresence(process.argv[2] ?? "");
console.log(`present as ${processId}`);
