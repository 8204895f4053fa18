import type { Story } from "./composed-world.ts";
import { noFaults } from "./composed-world.ts";
import { playRace } from "./race.ts";
import type { RaceResult } from "./race.ts";
import type { Stand } from "./stand.ts";

export type ToldStory = {
  readonly sentence: string;
  readonly isAsItShouldBe: boolean;
};

/**
 * Plays a story of two customers and says how it ended. Nothing goes wrong in it: it shows what happens
 * on a good day.
 */
export async function tellStory(stand: Stand, story: Story): Promise<ToldStory> {
  const result = await playRace(stand, story, { faults: noFaults });
  const wanted = Math.min(result.purchaseAttempts, result.stockUnits);
  const isAsItShouldBe =
    result.soldUnits === wanted && result.oversoldUnits === 0 && result.mistakes.length === 0;
  const ending = isAsItShouldBe ? "As it should be" : "NOT as it should be";
  return { isAsItShouldBe, sentence: `${story.title} ${ending}: ${describe(result)}` };
}

function describe(result: RaceResult): string {
  const mistakes = result.mistakes.length > 0 ? ` ${result.mistakes.join("; ")}.` : "";
  return (
    `${result.soldUnits} of ${result.stockUnits} sold, ${result.refusedUnits} told sold out, ` +
    `${result.oversoldUnits} sold twice.${mistakes}`
  );
}
