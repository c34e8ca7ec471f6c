import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { optionError } from '../../errors.js';
import type { HostKeys, Hosts } from '../../index.js';
import type { Config } from './config-schema.js';

/** Reads a secret's file: its first line. @param folder - Where relative paths start: that of the configuration. */
export function readSecret(path: string, field: string, folder: string): string {
  try {
    return readFileSync(resolve(folder, path), 'utf8').split(/\r?\n/, 1)[0]!.trim();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown reason';
    throw optionError(field, `its file cannot be read (${code})`, 'check its name, owner and mode');
  }
}

/** The hosts of a configuration whose secrets stand in files. */
export function hostsOf(hosts: NonNullable<Config['hosts']>, folder: string): Hosts {
  type Files = { otpSeedFile: string; tokenSecretFile: string };
  const read = (files: Files, field: string): HostKeys => ({
    otpSeed: readSecret(files.otpSeedFile, `${field}.otpSeedFile`, folder),
    tokenSecret: readSecret(files.tokenSecretFile, `${field}.tokenSecretFile`, folder),
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
  folder: string,
): string | undefined {
  if (table.secret !== undefined) return table.secret;
  return table.secretFile === undefined
    ? undefined
    : readSecret(table.secretFile, `${field}.secretFile`, folder);
}
