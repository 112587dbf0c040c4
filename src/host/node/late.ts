/**
 * Modules of Node that take milliseconds to load and that many commands never use (`okstra list` hashes nothing and starts
 * nothing): asked for where they are used, instead of imported by all.
 */
export const crypto = () => process.getBuiltinModule("node:crypto");
export const childProcess = () => process.getBuiltinModule("node:child_process");
export const workerThreads = () => process.getBuiltinModule("node:worker_threads");
