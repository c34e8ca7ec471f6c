/** An error of the operating system, as Node throws it. */
interface SystemError extends Error {
  readonly code: string;
  readonly syscall: string;
  readonly path?: unknown;
}

/** Fault and fix for errors of the system, by code. */
const FAULTS: Readonly<Record<string, readonly [fault: string, fix: string]>> = {
  EACCES: ['permission is denied', 'check owner and mode, or name another'],
  EPERM: ['the system does not permit it', 'check who runs this'],
  ENOENT: ['there is no such file or folder', 'check its name'],
  ENOTDIR: ['a part of the path is not a folder', 'check its name'],
  EISDIR: ['it is a folder', 'name a file in it'],
  EEXIST: ['it exists already', 'name another'],
  ELOOP: ['its links lead nowhere', 'check them'],
  ENAMETOOLONG: ['the name is too long', 'use a shorter one'],
  EROFS: ['the file system is read-only', 'name another place'],
  ENOSPC: ['no space is left', 'make room on the disk'],
  EDQUOT: ['no space is left for this user', 'make room, or raise the quota'],
  EIO: ['the disk reports an error', 'check the disk'],
  EMFILE: ['this process may open no more files', 'raise ulimit -n, or LimitNOFILE= of the unit'],
  ENFILE: ['the system may open no more files', 'raise fs.file-max'],
  ENOMEM: ['the system has no memory left', 'give it more'],
  EAGAIN: ['the system has no room for another process', 'raise its limits, such as TasksMax='],
  EADDRINUSE: ['the address is taken', 'choose another, or end the process that uses it'],
  EADDRNOTAVAIL: ['this machine has no such address', 'choose one that it has'],
  EAFNOSUPPORT: ['this machine does not speak that kind of address', 'choose another'],
  ECONNREFUSED: ['nobody listens there', 'start the server'],
  ECONNRESET: ['the other side broke the connection off', 'look into its log'],
  ETIMEDOUT: ['the other side does not answer', 'check the network'],
  EHOSTUNREACH: ['that machine cannot be reached', 'check the network'],
  ENETUNREACH: ['that network cannot be reached', 'check the network'],
  ENOTFOUND: ['there is no machine of that name', 'check the name and the resolver'],
  EAI_AGAIN: ['the resolver does not answer', 'check the network'],
};

/**
 * Describes an error of the operating system for the operator: fault, code and fix. Undefined for
 * any other error. Leaves out path and address, which may be something else in the wrong place.
 */
export function systemFault(error: unknown): string | undefined {
  if (!isSystemError(error)) return undefined;
  const [fault, fix] = FAULTS[error.code] ?? ['the system refuses', 'look the code up'];
  return `${fault} (${error.syscall}: ${error.code}); ${fix}`;
}

const isSystemError = (error: unknown): error is SystemError =>
  error instanceof Error &&
  'syscall' in error &&
  'code' in error &&
  /^[A-Z][A-Z\d_]{1,30}$/.test(String(error.code)) &&
  /^[\w ]{1,40}$/.test(String(error.syscall));
