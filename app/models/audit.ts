import type { Tx } from "../db.server.ts";

export type AuditRecord = {
  readonly accountId: string;
  /** Who did it: a shop's domain, or the name of a tool. Never a person's data. */
  readonly actor: string;
  /** What was done, as `group.created`. */
  readonly action: string;
  readonly detail: Readonly<Record<string, string | number | readonly string[]>>;
};

/** Records what a merchant changed; committed together with the change. */
export async function recordAudit(tx: Tx, record: AuditRecord): Promise<void> {
  await tx.auditEntry.create({
    data: {
      accountId: record.accountId,
      actor: record.actor,
      action: record.action,
      detail: record.detail,
    },
  });
}
