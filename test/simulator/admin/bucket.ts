/** Shopify's leaky bucket of one app in one store, in cost points. */
export type Bucket = {
  /** Takes the points if the bucket holds them all. */
  readonly charge: (points: number, atMs: number) => boolean;
  readonly refund: (points: number, atMs: number) => void;
  readonly status: (atMs: number) => {
    readonly maximumAvailable: number;
    readonly currentlyAvailable: number;
    readonly restoreRate: number;
  };
};

export function createBucket({
  maximumPoints,
  restorePointsPerSecond,
}: {
  readonly maximumPoints: number;
  readonly restorePointsPerSecond: number;
}): Bucket {
  let points = maximumPoints;
  let countedAtMs: number | null = null;

  const restore = (atMs: number): void => {
    const elapsedMs = Math.max(0, atMs - (countedAtMs ?? atMs));
    points = Math.min(maximumPoints, points + (elapsedMs / 1000) * restorePointsPerSecond);
    countedAtMs = atMs;
  };
  return {
    charge: (cost, atMs) => {
      restore(atMs);
      if (points < cost) return false;
      points -= cost;
      return true;
    },
    refund: (cost, atMs) => {
      restore(atMs);
      points = Math.min(maximumPoints, points + cost);
    },
    status: (atMs) => {
      restore(atMs);
      return {
        maximumAvailable: maximumPoints,
        currentlyAvailable: Math.floor(points),
        restoreRate: restorePointsPerSecond,
      };
    },
  };
}
