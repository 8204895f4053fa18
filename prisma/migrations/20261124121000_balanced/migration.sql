-- What balanced decides by. Pools that are there already are watched from now on.

ALTER TABLE "location_group" ADD COLUMN "balance_terms" JSONB;

ALTER TABLE "pool"
    ADD COLUMN "balance" JSONB,
    ADD COLUMN "look_at" TIMESTAMPTZ(3);

UPDATE "pool" SET "balance" = jsonb_build_object(
    'terms', jsonb_build_object(
        'oversellRisk', 1e-6,
        'quotasAtLeastMs', 1800000,
        'historyAtLeastMs', 86400000,
        'confirmWithinMs', 60000,
        'plannedUnitsPerHour', 0,
        'flashSaleUntilMs', NULL),
    'delays', jsonb_build_object('webhookMs', 60000, 'apiMs', 2000, 'queueMs', 1000),
    'sales', jsonb_build_object(
        'watchedSinceMs', floor(extract(epoch FROM clock_timestamp()) * 1000),
        'recent', '[]'::jsonb,
        'peaks', '[]'::jsonb,
        'orderUnits', 0,
        'orderUnitsSquared', 0),
    'targetSinceMs', floor(extract(epoch FROM clock_timestamp()) * 1000),
    'withheldUnits', 0);
-- They say when they are to be looked at again as soon as they are looked at once.
UPDATE "pool" SET "look_at" = clock_timestamp() WHERE "protection" = 'balanced';

ALTER TABLE "pool" ALTER COLUMN "balance" SET NOT NULL;
CREATE INDEX "pool_look_at" ON "pool" ("look_at") WHERE "look_at" IS NOT NULL;

ALTER TABLE "listing" ADD COLUMN "confirmed_at" TIMESTAMPTZ(3);
UPDATE "listing" SET "confirmed_at" = "observed_at";
ALTER TABLE "listing" ALTER COLUMN "confirmed_at" SET NOT NULL;
