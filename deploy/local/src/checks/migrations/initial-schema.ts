/**
 * Migrations before the first release, and the rules that they break. Every installation runs them on an empty database, where nothing
 * waits for a lock (decision 086). Must not grow.
 */
export const initialSchema: Record<string, readonly string[]> = {
  "005-search": ["ban-revoke", "require-concurrent-index-creation"],
  "008-missing-media": ["constraint-missing-not-valid", "validate-alone"],
  "009-phone-pairing": ["require-concurrent-index-creation"],
  "010-wiped-profiles": ["require-concurrent-index-creation"],
  "015-identities": [
    "adding-foreign-key-constraint",
    "ban-drop-constraint",
    "constraint-missing-not-valid",
    "require-concurrent-index-creation",
  ],
  "016-search-at-size": [
    "adding-field-with-default",
    "require-concurrent-index-creation",
    "require-concurrent-index-deletion",
  ],
  "017-sending": ["constraint-missing-not-valid", "require-concurrent-index-creation", "validate-alone"],
  "020-redrive": [
    "ban-drop-constraint",
    "constraint-missing-not-valid",
    "disallowed-unique-constraint",
    "require-concurrent-index-creation",
    "whole-table-write",
  ],
  "024-webhook-order": ["ban-drop-constraint", "constraint-missing-not-valid"],
  "026-accounts": [
    "adding-foreign-key-constraint",
    "ban-drop-not-null",
    "constraint-missing-not-valid",
    "require-concurrent-index-creation",
    "whole-table-write",
  ],
  "027-teams": ["require-concurrent-index-creation"],
  "028-company-lifecycle": ["constraint-missing-not-valid", "require-concurrent-index-creation"],
  "037-message-context": ["ban-drop-constraint", "require-concurrent-index-creation"],
  "040-recovery-progress": ["whole-table-write"],
  "041-read-order": ["require-concurrent-index-creation"],
  "042-client-evidence": ["require-concurrent-index-creation", "whole-table-write"],
  "045-groups": ["ban-drop-not-null", "ban-drop-object", "require-concurrent-index-creation"],
  "053-statistics": ["require-concurrent-index-creation", "require-concurrent-index-deletion"],
};
