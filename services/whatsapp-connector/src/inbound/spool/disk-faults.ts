/** True when the file system has no room for more data, of all users or of this one. */
export function isDiskFull(err: unknown): boolean {
  const { code } = err as NodeJS.ErrnoException;
  return code === "ENOSPC" || code === "EDQUOT";
}

/** Describes why the spool cannot be written, for the health check. */
export function describeDiskFault(err: unknown): string {
  if (isDiskFull(err)) return "the disk of the spool is full";
  const { code, message } = err as NodeJS.ErrnoException;
  return `the spool cannot be written: ${code ?? message}`;
}
