import type { Stats } from 'node:fs';
import { resolve } from 'node:path';
import { optionError, type VerifierError } from '../errors.js';
import type { HostKeys, Hosts } from '../index.js';
import { readSmallText, type UnreadableFile } from '../keyfile/small-file.js';
import type { Config } from './config/schema.js';

/** The files that a configuration names for its secrets. */
export interface SecretFiles {
  /** Where relative paths start: that of the configuration. */
  readonly folder: string;
  /** Sees each file before it is read: whether others may open it is for the caller to say. */
  readonly look: (stats: Stats, path: string) => void;
}

/** No secret is near this size; a wrong name, such as that of a log, is found out here. */
const MAX_BYTES = 64 * 1024;

/**
 * Reads a secret's file: its first line, without white space around it.
 *
 * @throws {VerifierError} `ERR_OPTION`: it is no regular file, cannot be read, is too large, no
 *   UTF-8 or empty.
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

/** Says that the file which a field names is not usable. */
export function fileError(
  field: string,
  { fault, fix }: Pick<UnreadableFile, 'fault' | 'fix'>,
): VerifierError {
  return optionError(field, `its file is not usable: ${fault}`, fix);
}

/** The hosts of a configuration whose secrets stand in files. */
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

/** The secret of a table, by its variable or its file. */
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
