/**
 * Connections that may wait to be accepted, as `backlog` of every public port. Beyond it the kernel drops a client's SYN, which
 * comes again after 1, 3, 7 … s: with Node's 511 thousands who come back at once wait for that and for nothing else. Linux
 * caps it at `net.core.somaxconn` (4,096 by default).
 */
export const acceptQueue = 16_384;
