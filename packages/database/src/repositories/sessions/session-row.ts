import { EngineName, type Session, type SessionDetail, sessionStatusOf } from "@syszap/contracts";

export interface SessionRow {
  id: string;
  name: string;
  engine: string;
  detail: SessionDetail;
  reason: string | null;
  phone_number: string | null;
  groups_enabled_at: Date | null;
  version: number;
  created_at: Date;
  updated_at: Date;
}
export const toSession = (row: SessionRow): Session => ({
  id: row.id,
  name: row.name,
  engine: EngineName.parse(row.engine),
  status: sessionStatusOf(row.detail),
  detail: row.detail,
  reason: row.reason,
  phoneNumber: row.phone_number,
  groupsEnabled: row.groups_enabled_at !== null,
  version: row.version,
  createdAt: row.created_at.toISOString(),
  updatedAt: row.updated_at.toISOString(),
});
