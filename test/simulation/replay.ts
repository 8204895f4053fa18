/**
 * Plays one world again and tells what happened in it:
 *
 *     SEED=strict:4711 npm run sim:replay
 *
 * If something goes wrong in it, the smallest world is told in which the same goes wrong; FULL=1 tells
 * the world as it is. A bug planted on purpose is named by its sentence in BUG.
 */
import { longWorldKinds, worldKinds } from "./config.ts";
import { plantedBugs } from "./planted-bugs.ts";
import { runWorld, soundRules } from "./run-world.ts";
import { shrink } from "./shrink.ts";
import { storyOf } from "./story.ts";

const [, kindName, seedText] = /^([a-z-]+):(\d+)$/.exec(process.env.SEED ?? "") ?? [];
const kinds = [...worldKinds, ...longWorldKinds];
const kind = kinds.find((each) => each === kindName);
if (!kind) throw new Error(`SEED is like strict:4711; kinds: ${kinds.join(", ")}.`);
const seed = Number(seedText);

const bug = plantedBugs.find(({ name }) => name === process.env.BUG);
const rules = bug?.rules ?? soundRules;
const shrunk = process.env.FULL ? null : shrink(seed, kind, rules);
const outcome = shrunk?.outcome ?? runWorld(seed, kind, { rules, withEntries: true });
const { trace, violation, config } = outcome;
console.log(storyOf(trace.entries ?? []).join("\n"));
if (shrunk) {
  const { storeCount, stockUnits } = config;
  console.log(
    `\nThe smallest of ${shrunk.triedCount} worlds that were tried: ${storeCount} stores, ` +
      `${stockUnits} units. FULL=1 tells the world of the seed as it is.`,
  );
}
console.log(`${trace.eventCount} events, hash ${(trace.hash >>> 0).toString(16)}.`);
console.log(violation === null ? "Nothing was wrong." : `Wrong: ${violation}.`);
