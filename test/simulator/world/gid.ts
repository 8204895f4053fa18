/** Shopify's global ids: `gid://shopify/Location/1`. */
export function toGid(type: string, id: number): string {
  return `gid://shopify/${type}/${id}`;
}

/** The number of a gid of this type, or null for anything else. */
export function parseGid(type: string, gid: string): number | null {
  const prefix = `gid://shopify/${type}/`;
  if (!gid.startsWith(prefix)) return null;
  const digits = gid.slice(prefix.length);
  return /^\d{1,16}$/.test(digits) ? Number(digits) : null;
}

/** A level's gid names the level's number of its location, and the item. */
export function toLevelGid(levelNumber: number, itemId: number): string {
  return `gid://shopify/InventoryLevel/${levelNumber}?inventory_item_id=${itemId}`;
}

export function parseLevelGid(gid: string): { levelNumber: number; itemId: number } | null {
  const match = /^gid:\/\/shopify\/InventoryLevel\/(\d{1,16})\?inventory_item_id=(\d{1,16})$/.exec(
    gid,
  );
  return match ? { levelNumber: Number(match[1]), itemId: Number(match[2]) } : null;
}
