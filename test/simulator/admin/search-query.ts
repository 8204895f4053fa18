import { badRequest } from "./errors.ts";

/** How the elements of a list answer the fields that may be searched; null matches nothing. */
export type SearchFields<Element> = Readonly<
  Record<string, (element: Element) => string | number | null>
>;

type Term = { readonly field: string | null; readonly comparison: string; readonly value: string };

/**
 * The part of Shopify's search syntax that apps of this kind use: `field:value`, quoted values, a `*` at
 * the end, `>`, `>=`, `<`, `<=` for numbers, words without a field (looked for in every field), joined
 * by AND (or a blank) and OR. Anything else is refused, not ignored.
 */
export function search<Element>(
  all: readonly Element[],
  query: string | null | undefined,
  fields: SearchFields<Element>,
): readonly Element[] {
  if (!query?.trim()) return all;
  const alternatives = parseSearch(query);
  for (const { field } of alternatives.flat()) {
    if (field !== null && !(field in fields)) {
      throw badRequest(
        `The simulator does not implement searching by "${field}".`,
        "SIMULATOR_NOT_IMPLEMENTED",
      );
    }
  }
  return all.filter((element) =>
    alternatives.some((terms) => terms.every((term) => isMatch(element, term, fields))),
  );
}

function parseSearch(query: string): readonly (readonly Term[])[] {
  const tokens = query.match(
    /(?:[\w.]+:)?[<>]?=?(?:"(?:\\.|[^"])*"|'(?:\\.|[^'])*'|[^\s()]+)|[()]/g,
  );
  const alternatives: Term[][] = [[]];
  for (const token of tokens ?? []) {
    if (token === "OR") alternatives.push([]);
    else if (token !== "AND" && token !== "(" && token !== ")") {
      alternatives.at(-1)!.push(parseTerm(token));
    }
  }
  return alternatives;
}

function parseTerm(token: string): Term {
  const [, field, comparison, value] = /^(?:([a-z_]\w*):)?([<>]?=?)(.*)$/s.exec(token)!;
  const unquoted = /^(["'])(.*)\1$/s.exec(value!)?.[2] ?? value!;
  return {
    field: field ?? null,
    comparison: comparison!,
    value: unquoted.replaceAll(/\\(.)/g, "$1"),
  };
}

function isMatch<Element>(element: Element, term: Term, fields: SearchFields<Element>): boolean {
  if (term.field === null) {
    const word = term.value.toLowerCase();
    return Object.values(fields).some((read) =>
      String(read(element) ?? "")
        .toLowerCase()
        .includes(word),
    );
  }
  const value = fields[term.field]!(element);
  if (value === null) return false;
  switch (term.comparison) {
    case ">":
      return Number(value) > Number(term.value);
    case ">=":
      return Number(value) >= Number(term.value);
    case "<":
      return Number(value) < Number(term.value);
    case "<=":
      return Number(value) <= Number(term.value);
    default: {
      const text = String(value).toLowerCase();
      const wanted = term.value.toLowerCase();
      return wanted.endsWith("*") ? text.startsWith(wanted.slice(0, -1)) : text === wanted;
    }
  }
}
