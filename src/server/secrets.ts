import { closeSync, fstatSync, openSync, readFileSync, type Stats } from 'node:fs';
import { resolve } from 'node:path';
import { optionError } from '../errors.js';
import type { HostKeys, Hosts } from '../index.js';
import type { Config } from './config/schema.js';

/** The files that a configuration names for its secrets. */
export interface SecretFiles {
  /** Where relative paths start: that of the configuration. */
  readonly folder: string;
  /** Sees each file before it is read: whether others may open it is for the caller to say. */
  readonly look: (stats: Stats, path: string) => void;
}

/** Reads a secret's file: its first line. */
export function readSecret(name: string, field: string, { folder, look }: SecretFiles): string {
  const path = resolve(folder, name);
  try {
    const file = openSync(path, 'r');
    try {
      look(fstatSync(file), path);
      return readFileSync(file, 'utf8').split(/\r?\n/, 1)[0]!.trim();
    } finally {
      closeSync(file);
    }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown reason';
    throw optionError(field, `its file cannot be read (${code})`, 'check its name, owner and mode');
  }
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
