import { badRequest } from "./errors.ts";

export type PageArguments = {
  readonly first?: number | null;
  readonly last?: number | null;
  readonly after?: string | null;
  readonly before?: string | null;
  readonly reverse?: boolean | null;
};

/** Shopify gives at most so many of anything in one page. */
const pageSizeMax = 250;

/**
 * A page of a list, in the shape of every connection of the schema.
 *
 * @param idOf names an element in a cursor; the same for as long as the list has it.
 */
export function toConnection<Element>(
  all: readonly Element[],
  { first, last, after, before, reverse }: PageArguments,
  idOf: (element: Element) => number | string,
): object {
  const size = first ?? last;
  if (size === null || size === undefined) {
    throw badRequest("you must provide one of first or last", "BAD_REQUEST");
  }
  if (size < 0 || size > pageSizeMax) {
    throw badRequest(
      `${size} is outside of the allowed page size (0 to ${pageSizeMax})`,
      "BAD_REQUEST",
    );
  }
  const list = reverse ? all.toReversed() : all;
  const indexOf = (cursor: string): number => {
    const id = Buffer.from(cursor, "base64url").toString("utf8");
    const index = list.findIndex((element) => String(idOf(element)) === id);
    if (index < 0) throw badRequest(`Invalid cursor: ${cursor}`, "BAD_REQUEST");
    return index;
  };
  const begin = after ? indexOf(after) + 1 : 0;
  const end = before ? indexOf(before) : list.length;
  const isForward = first !== null && first !== undefined;
  const from = isForward ? begin : Math.max(begin, end - size);
  const to = isForward ? Math.min(end, begin + size) : end;
  const nodes = list.slice(from, to);
  const cursors = nodes.map((node) => Buffer.from(String(idOf(node))).toString("base64url"));
  return {
    nodes,
    edges: nodes.map((node, index) => ({ node, cursor: cursors[index] })),
    pageInfo: {
      hasNextPage: to < list.length,
      hasPreviousPage: from > 0,
      startCursor: cursors.at(0) ?? null,
      endCursor: cursors.at(-1) ?? null,
    },
  };
}
