/**
 * Accept queue length (`backlog`) of every public port. When the queue is full, the kernel drops a client's SYN and the client
 * retries after 1, 3, 7 … s; with Node's default of 511 this delays thousands of simultaneous reconnects. Linux caps the value
 * at `net.core.somaxconn` (4,096 by default).
 */
export const acceptQueue = 16_384;
