-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateTable
CREATE TABLE "account" (
    "id" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "account_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "shop" (
    "id" UUID NOT NULL,
    "account_id" UUID NOT NULL,
    "domain" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "plan" TEXT NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'installed',
    "scopes" TEXT NOT NULL,
    "installed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "uninstalled_at" TIMESTAMPTZ(3),

    CONSTRAINT "shop_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "session" (
    "id" TEXT NOT NULL,
    "shop" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "isOnline" BOOLEAN NOT NULL DEFAULT false,
    "scope" TEXT,
    "expires" TIMESTAMP(3),
    "accessToken" TEXT NOT NULL,
    "userId" BIGINT,
    "firstName" TEXT,
    "lastName" TEXT,
    "email" TEXT,
    "accountOwner" BOOLEAN NOT NULL DEFAULT false,
    "locale" TEXT,
    "collaborator" BOOLEAN DEFAULT false,
    "emailVerified" BOOLEAN DEFAULT false,
    "refreshToken" TEXT,
    "refreshTokenExpires" TIMESTAMP(3),

    CONSTRAINT "session_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "pairing_code" (
    "id" UUID NOT NULL,
    "account_id" UUID NOT NULL,
    "shop_id" UUID NOT NULL,
    "code_hash" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "used_at" TIMESTAMPTZ(3),
    "attempts_left" INTEGER NOT NULL,

    CONSTRAINT "pairing_code_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "location_group" (
    "id" UUID NOT NULL,
    "account_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "protection" TEXT NOT NULL,
    "drain_ms" INTEGER NOT NULL,
    "is_paused" BOOLEAN NOT NULL DEFAULT false,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "location_group_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "member" (
    "id" UUID NOT NULL,
    "account_id" UUID NOT NULL,
    "group_id" UUID NOT NULL,
    "shop_id" UUID NOT NULL,
    "location_id" TEXT NOT NULL,
    "location_name" TEXT NOT NULL,
    "priority" INTEGER NOT NULL,

    CONSTRAINT "member_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "pool" (
    "id" UUID NOT NULL,
    "account_id" UUID NOT NULL,
    "group_id" UUID NOT NULL,
    "sku" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "version" BIGINT NOT NULL DEFAULT 0,
    "protection" TEXT NOT NULL,
    "target" TEXT NOT NULL,
    "switch_stage" TEXT NOT NULL,
    "switch_number" INTEGER NOT NULL DEFAULT 0,
    "is_paused" BOOLEAN NOT NULL DEFAULT false,
    "free_units" INTEGER NOT NULL,
    "ledger_units" INTEGER NOT NULL,
    "oversold_units" INTEGER NOT NULL DEFAULT 0,
    "next_operation_number" INTEGER NOT NULL DEFAULT 1,
    "drain_ms" INTEGER NOT NULL,
    "is_guaranteed" BOOLEAN NOT NULL DEFAULT false,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "pool_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "listing" (
    "id" UUID NOT NULL,
    "account_id" UUID NOT NULL,
    "pool_id" UUID NOT NULL,
    "member_id" UUID NOT NULL,
    "shop_id" UUID NOT NULL,
    "location_id" TEXT NOT NULL,
    "inventory_item_id" TEXT NOT NULL,
    "variant_id" TEXT NOT NULL,
    "priority" INTEGER NOT NULL,
    "expected_units" INTEGER NOT NULL,
    "observed_at" TIMESTAMPTZ(3) NOT NULL,
    "raised_at" TIMESTAMPTZ(3) NOT NULL,
    "waiting_units" INTEGER,
    "waiting_at" TIMESTAMPTZ(3),
    "revision" INTEGER NOT NULL DEFAULT 0,
    "read_due_at" TIMESTAMPTZ(3),
    "read_for_switch" INTEGER NOT NULL DEFAULT 0,
    "fallen_units" INTEGER NOT NULL DEFAULT 0,
    "risen_units" INTEGER NOT NULL DEFAULT 0,
    "ordered_units" INTEGER NOT NULL DEFAULT 0,
    "returned_units" INTEGER NOT NULL DEFAULT 0,
    "demand_units" DOUBLE PRECISION NOT NULL DEFAULT 0,
    "demand_at" TIMESTAMPTZ(3) NOT NULL,
    "guard" TEXT NOT NULL DEFAULT 'guarded',

    CONSTRAINT "listing_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "inbox_event" (
    "id" BIGSERIAL NOT NULL,
    "account_id" UUID NOT NULL,
    "shop_id" UUID,
    "pool_id" UUID,
    "listing_id" UUID,
    "event_key" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "payload" JSONB NOT NULL,
    "received_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "triggered_at" TIMESTAMPTZ(3),
    "processed_at" TIMESTAMPTZ(3),
    "pool_version" BIGINT,
    "lock_wait_ms" DOUBLE PRECISION,
    "dead_letter_reason" TEXT,

    CONSTRAINT "inbox_event_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "quota_operation" (
    "account_id" UUID NOT NULL,
    "pool_id" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "listing_id" UUID NOT NULL,
    "shop_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "units" INTEGER NOT NULL,
    "repair_units" INTEGER NOT NULL DEFAULT 0,
    "state" TEXT NOT NULL,
    "urgency" INTEGER NOT NULL,
    "dispatch_id" UUID,
    "cause_event_ids" BIGINT[],
    "planned_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "applied_at" TIMESTAMPTZ(3),
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "quota_operation_pkey" PRIMARY KEY ("pool_id","number")
);

-- CreateTable
CREATE TABLE "dispatch" (
    "id" UUID NOT NULL,
    "account_id" UUID NOT NULL,
    "shop_id" UUID NOT NULL,
    "location_id" TEXT NOT NULL,
    "lines" JSONB NOT NULL,
    "state" TEXT NOT NULL,
    "attempts" INTEGER NOT NULL,
    "claimed_by" TEXT NOT NULL,
    "claimed_until" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "answered_at" TIMESTAMPTZ(3),
    "answer" JSONB,

    CONSTRAINT "dispatch_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ledger_entry" (
    "id" BIGSERIAL NOT NULL,
    "account_id" UUID NOT NULL,
    "pool_id" UUID NOT NULL,
    "listing_id" UUID,
    "pool_version" BIGINT NOT NULL,
    "line" INTEGER NOT NULL,
    "units" INTEGER NOT NULL,
    "units_after" INTEGER NOT NULL,
    "cause" TEXT NOT NULL,
    "event_id" BIGINT,
    "recorded_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "ledger_entry_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "incident" (
    "id" BIGSERIAL NOT NULL,
    "account_id" UUID NOT NULL,
    "pool_id" UUID NOT NULL,
    "listing_id" UUID,
    "kind" TEXT NOT NULL,
    "units" INTEGER NOT NULL,
    "detail" TEXT NOT NULL,
    "opened_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "resolved_at" TIMESTAMPTZ(3),
    "note" TEXT,

    CONSTRAINT "incident_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "import_run" (
    "id" UUID NOT NULL,
    "account_id" UUID NOT NULL,
    "group_id" UUID NOT NULL,
    "state" TEXT NOT NULL,
    "plan" JSONB NOT NULL,
    "progress" JSONB NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finished_at" TIMESTAMPTZ(3),

    CONSTRAINT "import_run_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "audit_entry" (
    "id" BIGSERIAL NOT NULL,
    "account_id" UUID NOT NULL,
    "actor" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "detail" JSONB NOT NULL,
    "recorded_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "audit_entry_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "shop_domain_key" ON "shop"("domain");

-- CreateIndex
CREATE UNIQUE INDEX "shop_account_id_id_key" ON "shop"("account_id", "id");

-- CreateIndex
CREATE INDEX "session_shop_idx" ON "session"("shop");

-- CreateIndex
CREATE UNIQUE INDEX "pairing_code_code_hash_key" ON "pairing_code"("code_hash");

-- CreateIndex
CREATE UNIQUE INDEX "location_group_account_id_name_key" ON "location_group"("account_id", "name");

-- CreateIndex
CREATE UNIQUE INDEX "location_group_account_id_id_key" ON "location_group"("account_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "member_group_id_shop_id_location_id_key" ON "member"("group_id", "shop_id", "location_id");

-- CreateIndex
CREATE UNIQUE INDEX "member_account_id_id_key" ON "member"("account_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "pool_group_id_sku_key" ON "pool"("group_id", "sku");

-- CreateIndex
CREATE UNIQUE INDEX "pool_account_id_id_key" ON "pool"("account_id", "id");

-- CreateIndex
CREATE INDEX "listing_pool_id_idx" ON "listing"("pool_id");

-- CreateIndex
CREATE INDEX "listing_shop_id_variant_id_idx" ON "listing"("shop_id", "variant_id");

-- CreateIndex
CREATE UNIQUE INDEX "listing_shop_id_inventory_item_id_location_id_key" ON "listing"("shop_id", "inventory_item_id", "location_id");

-- CreateIndex
CREATE UNIQUE INDEX "listing_pool_id_member_id_key" ON "listing"("pool_id", "member_id");

-- CreateIndex
CREATE UNIQUE INDEX "listing_account_id_id_key" ON "listing"("account_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "inbox_event_event_key_key" ON "inbox_event"("event_key");

-- CreateIndex
CREATE UNIQUE INDEX "ledger_entry_pool_id_pool_version_line_key" ON "ledger_entry"("pool_id", "pool_version", "line");

-- CreateIndex
CREATE INDEX "incident_account_id_opened_at_idx" ON "incident"("account_id", "opened_at");

-- CreateIndex
CREATE INDEX "audit_entry_account_id_recorded_at_idx" ON "audit_entry"("account_id", "recorded_at");

-- AddForeignKey
ALTER TABLE "shop" ADD CONSTRAINT "shop_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "account"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "pairing_code" ADD CONSTRAINT "pairing_code_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "account"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "pairing_code" ADD CONSTRAINT "pairing_code_account_id_shop_id_fkey" FOREIGN KEY ("account_id", "shop_id") REFERENCES "shop"("account_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "location_group" ADD CONSTRAINT "location_group_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "account"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "member" ADD CONSTRAINT "member_account_id_group_id_fkey" FOREIGN KEY ("account_id", "group_id") REFERENCES "location_group"("account_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "member" ADD CONSTRAINT "member_account_id_shop_id_fkey" FOREIGN KEY ("account_id", "shop_id") REFERENCES "shop"("account_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "pool" ADD CONSTRAINT "pool_account_id_group_id_fkey" FOREIGN KEY ("account_id", "group_id") REFERENCES "location_group"("account_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "listing" ADD CONSTRAINT "listing_account_id_pool_id_fkey" FOREIGN KEY ("account_id", "pool_id") REFERENCES "pool"("account_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "listing" ADD CONSTRAINT "listing_account_id_member_id_fkey" FOREIGN KEY ("account_id", "member_id") REFERENCES "member"("account_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "quota_operation" ADD CONSTRAINT "quota_operation_account_id_pool_id_fkey" FOREIGN KEY ("account_id", "pool_id") REFERENCES "pool"("account_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "quota_operation" ADD CONSTRAINT "quota_operation_account_id_listing_id_fkey" FOREIGN KEY ("account_id", "listing_id") REFERENCES "listing"("account_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "ledger_entry" ADD CONSTRAINT "ledger_entry_account_id_pool_id_fkey" FOREIGN KEY ("account_id", "pool_id") REFERENCES "pool"("account_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "incident" ADD CONSTRAINT "incident_account_id_pool_id_fkey" FOREIGN KEY ("account_id", "pool_id") REFERENCES "pool"("account_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "import_run" ADD CONSTRAINT "import_run_account_id_group_id_fkey" FOREIGN KEY ("account_id", "group_id") REFERENCES "location_group"("account_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "audit_entry" ADD CONSTRAINT "audit_entry_account_id_fkey" FOREIGN KEY ("account_id") REFERENCES "account"("id") ON DELETE CASCADE ON UPDATE CASCADE;


-- What Prisma's schema cannot say: the invariants, stated a second time where nothing can go round them.

ALTER TABLE "shop" ADD CONSTRAINT "shop_status" CHECK ("status" IN ('installed', 'uninstalled', 'revoked'));

ALTER TABLE "location_group"
    ADD CONSTRAINT "location_group_protection" CHECK ("protection" IN ('strict', 'balanced', 'mirror')),
    ADD CONSTRAINT "location_group_drain" CHECK ("drain_ms" >= 0);

ALTER TABLE "pool"
    ADD CONSTRAINT "pool_protection" CHECK ("protection" IN ('strict', 'balanced', 'mirror')),
    ADD CONSTRAINT "pool_target" CHECK ("target" IN ('quotas', 'mirror')),
    ADD CONSTRAINT "pool_switch_stage" CHECK ("switch_stage" IN ('none', 'taking', 'reading')),
    ADD CONSTRAINT "pool_switch_only_to_quotas" CHECK ("target" = 'quotas' OR "switch_stage" = 'none'),
    -- Under quotas a grant is paid for before it is planned.
    ADD CONSTRAINT "pool_free_units_under_quotas"
        CHECK ("target" = 'mirror' OR "switch_stage" <> 'none' OR "free_units" >= 0),
    ADD CONSTRAINT "pool_guaranteed_only_under_quotas"
        CHECK (NOT "is_guaranteed" OR ("target" = 'quotas' AND "switch_stage" = 'none'));

ALTER TABLE "listing" ADD CONSTRAINT "listing_guard" CHECK ("guard" IN (
    'guarded', 'untracked', 'continues-selling', 'deleted', 'disconnected', 'location-inactive', 'refused', 'closed'));

ALTER TABLE "quota_operation"
    ADD CONSTRAINT "quota_operation_kind" CHECK ("kind" IN ('take', 'grant')),
    ADD CONSTRAINT "quota_operation_state" CHECK (
        "state" IN ('planned', 'dispatched', 'draining', 'done', 'failed', 'cancelled', 'quarantined')),
    ADD CONSTRAINT "quota_operation_units" CHECK ("units" >= 1 OR ("state" = 'cancelled' AND "units" >= 0)),
    ADD CONSTRAINT "quota_operation_repair"
        CHECK ("repair_units" BETWEEN 0 AND "units" AND ("kind" = 'grant' OR "repair_units" = 0)),
    ADD CONSTRAINT "quota_operation_drains_takes" CHECK ("state" <> 'draining' OR "kind" = 'take'),
    ADD CONSTRAINT "quota_operation_sent_as" CHECK (
        ("state" IN ('planned', 'cancelled')) = ("dispatch_id" IS NULL));

-- One operation of a listing adds up while at most one is out.
CREATE UNIQUE INDEX "quota_operation_one_planned" ON "quota_operation" ("listing_id") WHERE "state" = 'planned';
CREATE UNIQUE INDEX "quota_operation_one_out" ON "quota_operation" ("listing_id") WHERE "state" = 'dispatched';
CREATE INDEX "quota_operation_to_pack" ON "quota_operation" ("shop_id", "urgency", "planned_at") WHERE "state" = 'planned';
CREATE INDEX "quota_operation_live" ON "quota_operation" ("pool_id")
    WHERE "state" IN ('planned', 'dispatched', 'draining', 'quarantined');
CREATE INDEX "quota_operation_draining" ON "quota_operation" ("applied_at") WHERE "state" = 'draining';

ALTER TABLE "dispatch"
    ADD CONSTRAINT "dispatch_state" CHECK ("state" IN ('sent', 'applied', 'refused', 'quarantined')),
    ADD CONSTRAINT "dispatch_attempts" CHECK ("attempts" >= 1);
CREATE INDEX "dispatch_open" ON "dispatch" ("claimed_until") WHERE "state" = 'sent';

CREATE INDEX "listing_read_due" ON "listing" ("read_due_at") WHERE "read_due_at" IS NOT NULL;

CREATE INDEX "inbox_event_waiting_since" ON "inbox_event" ("received_at")
    WHERE "processed_at" IS NULL AND "dead_letter_reason" IS NULL;
CREATE INDEX "inbox_event_waiting" ON "inbox_event" ("pool_id", "id")
    WHERE "processed_at" IS NULL AND "dead_letter_reason" IS NULL;

-- The outbox's content is immutable: what is sent again is what was sent before.
CREATE FUNCTION "refuse_changed_dispatch"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW."id", NEW."shop_id", NEW."location_id", NEW."lines")
        IS DISTINCT FROM (OLD."id", OLD."shop_id", OLD."location_id", OLD."lines") THEN
        RAISE EXCEPTION 'a dispatch never changes once it is written' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER "dispatch_is_immutable" BEFORE UPDATE ON "dispatch"
    FOR EACH ROW EXECUTE FUNCTION "refuse_changed_dispatch"();

-- The fencing token only rises.
CREATE FUNCTION "refuse_older_pool_version"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW."version" < OLD."version" THEN
        RAISE EXCEPTION 'a pool''s version only rises' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER "pool_version_rises" BEFORE UPDATE ON "pool"
    FOR EACH ROW EXECUTE FUNCTION "refuse_older_pool_version"();

-- The ledger is append-only, save for the one function that shop/redact calls.
ALTER TABLE "ledger_entry" ADD CONSTRAINT "ledger_entry_units" CHECK ("units" <> 0);

CREATE FUNCTION "refuse_ledger_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND current_setting('location_groups.erasing_account', true) = OLD."account_id"::text THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'the ledger is append-only: % is refused', TG_OP USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER "ledger_is_append_only" BEFORE UPDATE OR DELETE ON "ledger_entry"
    FOR EACH ROW EXECUTE FUNCTION "refuse_ledger_change"();

CREATE FUNCTION "refuse_ledger_truncate"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is append-only: TRUNCATE is refused' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER "ledger_is_not_truncated" BEFORE TRUNCATE ON "ledger_entry"
    FOR EACH STATEMENT EXECUTE FUNCTION "refuse_ledger_truncate"();

-- Erases an account's ledger for good. Only the shop/redact compliance webhook has a reason to.
CREATE FUNCTION "erase_account_ledger"("erased_account_id" uuid) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    "erased" bigint;
BEGIN
    PERFORM set_config('location_groups.erasing_account', "erased_account_id"::text, true);
    DELETE FROM "ledger_entry" WHERE "account_id" = "erased_account_id";
    GET DIAGNOSTICS "erased" = ROW_COUNT;
    PERFORM set_config('location_groups.erasing_account', '', true);
    RETURN "erased";
END $$;
