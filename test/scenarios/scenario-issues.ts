import type { z } from "zod";

import type { ScenarioMistake } from "./scenario-references.ts";

type Issue = z.core.$ZodIssue;
type Path = ScenarioMistake["path"];

/** What the schema found, in words and at the innermost field that is wrong. */
export function describeIssue(issue: Issue, parents: Path = []): readonly ScenarioMistake[] {
  const path = [...parents, ...issue.path.map((part) => (typeof part === "symbol" ? "?" : part))];
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => ({ path: [...path, key], message: "is not a known field" }));
    case "invalid_union":
      return describeUnion(issue, path);
    case "invalid_key":
      return issue.issues.map((inner) => ({ path, message: inner.message }));
    case "invalid_element":
      return issue.issues.flatMap((inner) => describeIssue(inner, path));
    default:
      return [{ path, message: describeValue(issue) }];
  }
}

function describeValue(issue: Exclude<Issue, { code: "invalid_union" }>): string {
  switch (issue.code) {
    case "invalid_type": {
      const isMissing = issue.message.endsWith("received undefined");
      return isMissing ? "is missing" : `must be ${withArticle(issue.expected)}`;
    }
    case "invalid_value":
      return `must be one of ${issue.values.map((value) => JSON.stringify(value)).join(", ")}`;
    case "too_small":
      if (issue.origin === "string") return "must not be empty";
      if (issue.origin === "array") return `must have at least ${issue.minimum} entries`;
      return `must be ${issue.inclusive ? "at least" : "more than"} ${issue.minimum}`;
    case "too_big":
      if (issue.origin === "array") return `must have at most ${issue.maximum} entries`;
      return `must be ${issue.inclusive ? "at most" : "less than"} ${issue.maximum}`;
    default:
      return issue.message;
  }
}

/**
 * A value that fits none of several shapes: the mistakes against the shape that it comes closest to,
 * which is the one it fits at the top, else what each shape would be.
 */
function describeUnion(
  issue: Extract<Issue, { code: "invalid_union" }>,
  path: Path,
): readonly ScenarioMistake[] {
  if (issue.errors.length === 0) return [{ path, message: issue.message }];
  const closest = issue.errors.find((issues) =>
    issues.every((inner) => inner.path.length > 0 || inner.code !== "invalid_type"),
  );
  if (closest) return closest.flatMap((inner) => describeIssue(inner, path));
  const shapes = issue.errors.flatMap((issues) =>
    issues.flatMap((inner) => (inner.code === "invalid_type" ? [withArticle(inner.expected)] : [])),
  );
  return [{ path, message: `must be ${shapes.join(" or ")}` }];
}

const articles: Readonly<Record<string, string>> = {
  int: "a whole number",
  array: "a list",
  record: "an object",
  object: "an object",
  boolean: "true or false",
};

function withArticle(type: string): string {
  return articles[type] ?? `a ${type}`;
}
