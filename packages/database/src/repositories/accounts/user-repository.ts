import type { Role } from "@syszap/contracts";
import { queryRow, queryRows, type Scope } from "../../sql/query.ts";

export interface User {
  id: string;
  name: string;
  email: string;
  role: Role;
  isDisabled: boolean;
}
interface UserRow {
  id: string;
  name: string;
  email: string;
  role: Role;
  is_disabled: boolean;
}
const columns = "id, name, email, role, disabled_at is not null as is_disabled";
const toUser = ({ is_disabled, ...user }: UserRow): User => ({ ...user, isDisabled: is_disabled });

/** The users of the company. `SystemRepositories.logins` finds users for signing in, when the company is unknown. */
export class UserRepository {
  constructor(private readonly scope: Scope) {}

  async find(id: string): Promise<User | undefined> {
    const row = await queryRow<UserRow>(
      this.scope.db,
      `select ${columns} from users where company_id = :companyId and id = :id`,
      { companyId: this.scope.companyId, id },
    );
    return row && toUser(row);
  }

  async list(): Promise<User[]> {
    const rows = await queryRows<UserRow>(
      this.scope.db,
      `select ${columns} from users where company_id = :companyId order by created_at, id`,
      { companyId: this.scope.companyId },
    );
    return rows.map(toUser);
  }
}
