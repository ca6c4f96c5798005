/** This archive will never become a profile; trying again changes nothing. The message is for the person who runs the connector. */
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
