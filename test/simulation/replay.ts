/**
 * Plays one world again and prints everything that happened in it:
 *
 *     SEED=strict:4711 npm run sim:replay
 *
 * A bug planted on purpose is named by its sentence in BUG; LINES prints only so many of the last lines.
 */
import { worldKinds } from "./config.ts";
import { plantedBugs } from "./planted-bugs.ts";
import { runWorld, soundRules } from "./run-world.ts";

const [, kindName, seedText] = /^([a-z-]+):(\d+)$/.exec(process.env.SEED ?? "") ?? [];
const kind = worldKinds.find((each) => each === kindName);
if (!kind) throw new Error(`SEED is like strict:4711; kinds: ${worldKinds.join(", ")}.`);

const bug = plantedBugs.find(({ name }) => name === process.env.BUG);
const rules = bug?.rules ?? soundRules;
const { trace, violation } = runWorld(Number(seedText), kind, { rules, withLines: true });
console.log((trace.lines ?? []).slice(-Number(process.env.LINES ?? "0")).join("\n"));
console.log(`${trace.eventCount} events, hash ${(trace.hash >>> 0).toString(16)}.`);
console.log(violation === null ? "Nothing was wrong." : `Wrong: ${violation}.`);
