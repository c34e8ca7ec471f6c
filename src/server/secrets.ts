import type { Stats } from 'node:fs';
import { resolve } from 'node:path';
import { optionError, type VerifierError } from '../errors.js';
import type { HostKeys, Hosts } from '../index.js';
import { readSmallText, type UnreadableFile } from '../keyfile/small-file.js';
import type { Config } from './config/schema.js';

/** How to read the secret files that a configuration names. */
export interface SecretFiles {
  /** The folder of the configuration. Relative paths start there. */
  readonly folder: string;
  /**
   * Called with each file before it is read. The caller can warn about files that others may open.
   */
  readonly look: (stats: Stats, path: string) => void;
}

/** No secret is near this size. The limit finds a wrong name, such as that of a log. */
const MAX_BYTES = 64 * 1024;

/**
 * Reads the first line of a secret's file, without white space around it.
 *
 * @throws {VerifierError} `ERR_OPTION`: the file is not a regular file, cannot be read, is too
 *   large, is not UTF-8, or its first line is empty.
 */
export function readSecret(name: string, field: string, { folder, look }: SecretFiles): string {
  const path = resolve(folder, name);
  let text: string;
  try {
    text = readSmallText(path, { maxBytes: MAX_BYTES, look: (stats) => look(stats, path) });
  } catch (error) {
    throw fileError(field, error as UnreadableFile);
  }
  const secret = text.split(/\r?\n/, 1)[0]!.trim();
  if (secret === '') {
    throw fileError(field, { fault: 'its first line is empty', fix: 'write the secret there' });
  }
  return secret;
}

/** The error for a field whose file cannot be used. */
export function fileError(
  field: string,
  { fault, fix }: Pick<UnreadableFile, 'fault' | 'fix'>,
): VerifierError {
  return optionError(field, `its file is not usable: ${fault}`, fix);
}

/** Reads the keys of hosts whose secrets are in files. */
export function hostsOf(hosts: NonNullable<Config['hosts']>, secrets: SecretFiles): Hosts {
  type Files = { otpSeedFile: string; tokenSecretFile: string };
  const read = (files: Files, field: string): HostKeys => ({
    otpSeed: readSecret(files.otpSeedFile, `${field}.otpSeedFile`, secrets),
    tokenSecret: readSecret(files.tokenSecretFile, `${field}.tokenSecretFile`, secrets),
  });
  return Object.fromEntries(
    Object.entries(hosts).map(([domain, files]) => {
      const field = `hosts[${JSON.stringify(domain)}]`;
      const keys = Array.isArray(files)
        ? files.map((each, i) => read(each, `${field}[${i}]`))
        : read(files, field);
      return [domain, keys];
    }),
  );
}

/** The secret of a table, from its variable or its file. Undefined if there is neither. */
export function secretOf(
  table: { readonly secret?: string | undefined; readonly secretFile?: string | undefined },
  field: string,
  secrets: SecretFiles,
): string | undefined {
  if (table.secret !== undefined) return table.secret;
  return table.secretFile === undefined
    ? undefined
    : readSecret(table.secretFile, `${field}.secretFile`, secrets);
}
