import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../lib/paths.js';

/** The packages that are measured, and the tools whose version matters. */
const PACKAGES = [
  '@chainsafe/as-sha256',
  '@noble/hashes',
  '@stablelib/hmac',
  '@stablelib/sha256',
  'assemblyscript',
  'fast-sha256',
  'hash-wasm',
  'js-sha256',
  'otpauth',
  'otplib',
  'sha.js',
  'sha256-wasm',
];

/** Installed versions, read from each package's own manifest. */
export function packageVersions(): Record<string, string> {
  return Object.fromEntries(
    PACKAGES.map((name) => {
      const manifest = join(ROOT, 'node_modules', name, 'package.json');
      return [
        name,
        existsSync(manifest) ? JSON.parse(readFileSync(manifest, 'utf8')).version : 'not installed',
      ];
    }),
  );
}
