/**
 * SQL condition that the session `s` should run. Sessions of a suspended company stop and keep their desired state, so that they
 * start again when it is reopened.
 */
export const wantedSession = `(s.desired_state = 'running' and s.removed_at is null
  and not exists (select from companies c where c.id = s.company_id and c.suspended_at is not null))`;
