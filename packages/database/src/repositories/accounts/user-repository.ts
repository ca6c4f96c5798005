import type { Role } from "@syszap/contracts";
import type { Scope } from "../../sql/query.ts";

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
    const row = await this.scope.row<UserRow>(
      `select ${columns} from users where company_id = :companyId and id = :id`,
      { id },
    );
    return row && toUser(row);
  }
}
