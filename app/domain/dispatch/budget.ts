/**
 * A store's Admin API bucket: it fills by so many cost points a second up to its maximum, and a call is
 * refused when it does not hold enough. Source: Admin API rate limits.
 */
export type CostBucket = {
  readonly availablePoints: number;
  readonly maximumPoints: number;
  readonly restorePointsPerSecond: number;
};

/** What an adjustment costs that also reads the levels after it; it does not grow with its lines. */
export const dispatchPoints = 15;
/**
 * Reads leave this share of the bucket alone, so that a sale finds points to be told with.
 */
export const readReserveShare = 0.3;

/** How full the bucket is `elapsedMs` after an answer told it. */
export function bucketAfter(bucket: CostBucket, elapsedMs: number): CostBucket {
  const restoredPoints = (bucket.restorePointsPerSecond * Math.max(0, elapsedMs)) / 1_000;
  return {
    ...bucket,
    availablePoints: Math.min(bucket.maximumPoints, bucket.availablePoints + restoredPoints),
  };
}

/**
 * How long to wait until the bucket holds `points`, in ms; 0 if it does. A bucket too small for them
 * is waited for until it is full.
 */
export function waitForPointsMs(bucket: CostBucket, points: number): number {
  const missingPoints = Math.min(points, bucket.maximumPoints) - bucket.availablePoints;
  if (missingPoints <= 0) return 0;
  return Math.ceil((missingPoints / bucket.restorePointsPerSecond) * 1_000);
}
