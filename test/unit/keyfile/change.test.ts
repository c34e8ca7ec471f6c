import { fsyncSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { changeSecretFile } from '../../../src/keyfile/change.js';
import { temporaryFolder } from '../cli/binary.js';

vi.mock('node:fs', async (original) => {
  const real = await original<typeof import('node:fs')>();
  return { ...real, fsyncSync: vi.fn(real.fsyncSync) };
});
beforeEach(() => {
  vi.mocked(fsyncSync).mockClear();
});

const folder = temporaryFolder();
const left = () => readdirSync(folder.path).filter((name) => name.endsWith('.lock'));

describe('a change of a key file', () => {
  it.each([
    ['writes into it', (path: string) => writeFileSync(path, 'theirs')],
    [
      'replaces it by one with the same text',
      (path: string) => {
        writeFileSync(join(folder.path, 'other'), 'old');
        renameSync(join(folder.path, 'other'), path);
      },
    ],
  ])('is refused, and nothing is lost, if another program %s meanwhile', (_, interfere) => {
    const path = folder.file('raced.json', 'old');
    const change = () => {
      interfere(path);
      return 'ours';
    };
    expect(() => changeSecretFile(path, change, false)).toThrow(
      /another program has changed it in the meantime; try again$/,
    );
    expect(readFileSync(path, 'utf8')).not.toBe('ours');
    expect(left()).toEqual([]);
  });

  it('is refused while another is under way, and goes through after it', () => {
    const path = folder.file('nested.json', 'old');
    const nested = () => changeSecretFile(path, () => 'inner', false);
    expect(() => changeSecretFile(path, () => `${nested()}`, false)).toThrow(
      /another command is changing it/,
    );
    expect(readFileSync(path, 'utf8')).toBe('old');
    changeSecretFile(path, (text) => `${text}, new`, false);
    expect(readFileSync(path, 'utf8')).toBe('old, new');
  });

  it('succeeds where the system cannot synchronize a folder', () => {
    const path = folder.file('network.json', 'old');
    vi.mocked(fsyncSync)
      .mockImplementationOnce(() => {})
      .mockImplementationOnce(() => {
        throw Object.assign(new Error('EINVAL'), { code: 'EINVAL', syscall: 'fsync' });
      });
    changeSecretFile(path, (text) => `${text}, new`, false);
    expect(vi.mocked(fsyncSync)).toHaveBeenCalledTimes(2);
    expect(readFileSync(path, 'utf8')).toBe('old, new');
    expect(left()).toEqual([]);
  });

  it('leaves the file as it was when the new text cannot be made', () => {
    const path = folder.file('failed.json', 'old');
    const failure = new TypeError('of the caller');
    const change = () => {
      throw failure;
    };
    expect(() => changeSecretFile(path, change, false)).toThrow(failure);
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(left()).toEqual([]);
  });
});
