/** The archive can't be restored, and a retry would not help. The message is for the operator. */
export class ArchiveRefusedError extends Error {
  override readonly name = "ArchiveRefusedError";
}

/** A profile that is too large to be archived or unpacked. */
export class ProfileTooLargeError extends Error {
  override readonly name = "ProfileTooLargeError";
  constructor(limitBytes: number) {
    super(`the profile is larger than ${limitBytes} bytes`);
  }
}
