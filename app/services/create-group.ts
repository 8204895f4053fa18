import { randomUUID } from "node:crypto";

import type { Protection } from "../domain/pool/pool.ts";
import type { Runtime } from "../loop/runtime.ts";
import { recordAudit } from "../models/audit.ts";
import { findGroupByName, findTakenListings, insertGroup, lockAccount } from "../models/location-group.ts";
import type { ExistingGroup } from "../models/location-group.ts";
import { insertPool } from "../models/pool.ts";
import type { Tx } from "../db.server.ts";

import { findGroupStock } from "./group-stock.ts";
import type { GroupStock } from "./group-stock.ts";
import { planPool } from "./plan-pool.ts";
import type { OpeningCount, PlannedPool } from "./plan-pool.ts";
import type { ShopifyCatalog } from "./ports.ts";
