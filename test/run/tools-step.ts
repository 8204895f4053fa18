import { ensureChromium, ensureRedisServer } from "../support/machine-tools.ts";

import type { StepResult } from "./step-result.ts";

/** The first that strips types without a flag; package.json's `node` brings a newer one. */
const nodeVersionMin = [22, 18] as const;

/** Finds or installs what npm cannot bring; each missing thing fails here once, in a sentence. */
export function checkTools(): StepResult {
  const outcomes = [checkNode, ensureRedisServer, ensureChromium].map((ensure) => {
    try {
      console.log(`  ${ensure()}`);
      return null;
    } catch (error) {
      const sentence = error instanceof Error ? error.message : String(error);
      console.log(`  ✗ ${sentence}`);
      return sentence;
    }
  });
  const failures = outcomes.filter((outcome) => outcome !== null);
  return { passed: outcomes.length - failures.length, failed: failures.length, failures };
}

function checkNode(): string {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const [majorMin, minorMin] = nodeVersionMin;
  if (major < majorMin || (major === majorMin && minor < minorMin)) {
    throw new Error(`Node ${majorMin}.${minorMin} or newer is needed: run this with \`npm test\`.`);
  }
  return `node ${process.versions.node}`;
}
