import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { findNodeAtLocation, parseTree, printParseErrorCode } from "jsonc-parser";
import type { Node, ParseError } from "jsonc-parser";

import { findReferenceMistakes } from "./scenario-references.ts";
import type { ScenarioMistake } from "./scenario-references.ts";
import { describeIssue } from "./scenario-issues.ts";
import { Scenario } from "./scenario.ts";

/** A scenario that cannot be used. Each line of the message says where, which field, and what is wrong. */
export class ScenarioError extends Error {
  override readonly name = "ScenarioError";
}

/**
 * Reads and checks a scenario file.
 *
 * @throws ScenarioError naming every mistake by line, column and field, as in
 *   `race.json:14:7 shops[2].plan: must be one of "standard", "advanced".`
 */
export function readScenario(file: string): Scenario {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const reason = code === "ENOENT" ? "there is no such file" : (code ?? "unknown");
    throw new ScenarioError(`The scenario ${file} cannot be read: ${reason}.`, { cause });
  }
  return parseScenario(text, basename(file));
}

/** @param fileName how the messages name the file. */
export function parseScenario(text: string, fileName: string): Scenario {
  const parseErrors: ParseError[] = [];
  // JSON as it is everywhere else: no comments, no trailing commas.
  const root = parseTree(text, parseErrors, { disallowComments: true, allowTrailingComma: false });
  const [parseError] = parseErrors;
  if (parseError || !root) {
    const what = parseError ? printParseErrorCode(parseError.error) : "an empty file";
    const position = positionAt(text, parseError?.offset ?? 0);
    throw new ScenarioError(`${fileName}:${position} this is not JSON: ${spellOut(what)}.`);
  }

  const parsed = Scenario.safeParse(JSON.parse(text));
  const mistakes = parsed.success
    ? findReferenceMistakes(parsed.data)
    : parsed.error.issues.flatMap((issue) => describeIssue(issue));
  if (parsed.success && mistakes.length === 0) return parsed.data;
  throw new ScenarioError(
    mistakes.map((mistake) => describeMistake(mistake, { text, fileName, root })).join("\n"),
  );
}

type Source = { readonly text: string; readonly fileName: string; readonly root: Node };

function describeMistake(mistake: ScenarioMistake, { text, fileName, root }: Source): string {
  const position = positionAt(text, locate(root, mistake.path));
  return `${fileName}:${position} ${spellPath(mistake.path)}: ${mistake.message}.`;
}

/** Where the field stands; where it should stand in, when it is missing. Keys are pointed at by name. */
function locate(root: Node, path: ScenarioMistake["path"]): number {
  for (let length = path.length; length >= 0; length -= 1) {
    const node = findNodeAtLocation(root, path.slice(0, length));
    if (!node) continue;
    return node.parent?.type === "property" ? node.parent.offset : node.offset;
  }
  return 0;
}

function positionAt(text: string, offset: number): string {
  const before = text.slice(0, offset).split("\n");
  return `${before.length}:${(before.at(-1) ?? "").length + 1}`;
}

function spellPath(path: ScenarioMistake["path"]): string {
  if (path.length === 0) return "the scenario";
  return path.reduce<string>((spelled, part) => {
    if (typeof part === "number") return `${spelled}[${part}]`;
    if (!/^\w+$/.test(part)) return `${spelled}["${part}"]`;
    return spelled ? `${spelled}.${part}` : part;
  }, "");
}

/** "PropertyNameExpected" reads "property name expected". */
function spellOut(code: string): string {
  return code.replace(/(?<=[a-z])(?=[A-Z])/g, " ").toLowerCase();
}
