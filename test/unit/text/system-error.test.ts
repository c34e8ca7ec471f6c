import { openSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { systemFault } from '../../../src/text/system-error.js';

const thrownBy = (action: () => unknown): unknown => {
  try {
    return action();
  } catch (error) {
    return error;
  }
};

describe('an error of the operating system', () => {
  it.each([
    [
      'a file that is not there',
      () => openSync(join(tmpdir(), 'none', 'x'), 'r'),
      /^there is no such file or folder \(open: ENOENT\); check its name$/,
    ],
    [
      'a folder in place of a file',
      () => readFileSync(tmpdir()),
      /^it is a folder \(read: EISDIR\); name a file in it$/,
    ],
    [
      'a name that is too long',
      () => openSync(`/${'x'.repeat(300)}`, 'r'),
      /^the name is too long \(open: ENAMETOOLONG\)/,
    ],
  ])('says fault and fix without the path: %s', (_, action, message) => {
    expect(systemFault(thrownBy(action))).toMatch(message);
  });

  it.each(['EACCES', 'EADDRINUSE', 'EMFILE', 'ENFILE', 'ENOSPC', 'EROFS', 'ENOMEM', 'EIO'])(
    '%s has words of its own',
    (code) => {
      const fault = systemFault(Object.assign(new Error(), { code, syscall: 'open' }));
      expect(fault).toContain(`(open: ${code})`);
      expect(fault).not.toContain('the system refuses');
    },
  );

  it('of an unknown code is still one of the system', () => {
    const error = Object.assign(new Error('S3cret'), { code: 'EXDEV', syscall: 'rename' });
    expect(systemFault(error)).toBe('the system refuses (rename: EXDEV); look the code up');
  });

  it('is told from other errors, and quotes nothing that is no name of the system', () => {
    expect(systemFault(new TypeError('x'))).toBeUndefined();
    expect(systemFault(undefined)).toBeUndefined();
    const odd = Object.assign(new Error(), { code: 'a secret', syscall: 'open' });
    expect(systemFault(odd)).toBeUndefined();
  });
});
