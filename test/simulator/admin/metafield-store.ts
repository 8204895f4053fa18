import { nowMs } from "../world/time.ts";

export type Metafield = {
  readonly kind: "Metafield";
  readonly id: number;
  readonly ownerId: string;
  readonly namespace: string;
  readonly key: string;
  type: string;
  value: string;
  readonly createdAtMs: number;
  updatedAtMs: number;
};

/** The metafields of one store. */
export type Metafields = {
  readonly find: (ownerId: string, namespace: string, key: string) => Metafield | null;
  readonly listOfOwner: (ownerId: string) => readonly Metafield[];
  readonly put: (
    metafield: Omit<Metafield, "kind" | "id" | "createdAtMs" | "updatedAtMs">,
  ) => Metafield;
  readonly remove: (ownerId: string, namespace: string, key: string) => boolean;
};

const firstMetafieldId = 27_000_000_000_001;

export function createMetafields(): Metafields {
  const owners = new Map<string, Map<string, Metafield>>();
  let count = 0;
  const find = (ownerId: string, namespace: string, key: string): Metafield | null =>
    owners.get(ownerId)?.get(`${namespace}/${key}`) ?? null;
  return {
    find,
    listOfOwner: (ownerId) => [...(owners.get(ownerId)?.values() ?? [])],
    put: ({ ownerId, namespace, key, type, value }) => {
      const before = find(ownerId, namespace, key);
      if (before) {
        before.type = type;
        before.value = value;
        before.updatedAtMs = nowMs();
        return before;
      }
      const dates = { createdAtMs: nowMs(), updatedAtMs: nowMs() };
      const id = firstMetafieldId + count;
      count += 1;
      const metafield: Metafield = {
        ...{ kind: "Metafield", id, ownerId, namespace, key, type, value },
        ...dates,
      };
      const ofOwner = owners.get(ownerId) ?? new Map<string, Metafield>();
      owners.set(ownerId, ofOwner.set(`${namespace}/${key}`, metafield));
      return metafield;
    },
    remove: (ownerId, namespace, key) =>
      owners.get(ownerId)?.delete(`${namespace}/${key}`) ?? false,
  };
}
