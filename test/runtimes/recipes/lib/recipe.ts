import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../../../tools/lib/process.mjs';
import { KEYS } from '../../../unit/token/reference.js';
import { Consumer } from '../../lib/consumer.js';

/** Where the recipes are, as the documentation shows them. */
export const RECIPES = join(ROOT, 'test', 'runtimes', 'recipes', 'edge');

/** The variables that `totp-token keygen --env` would print. */
export const VARIABLES = {
  TOTP_TOKEN_HOST: 'example.com',
  TOTP_TOKEN_OTP_SEED: KEYS.otpSeed,
  TOTP_TOKEN_SECRET: KEYS.tokenSecret,
} as const;

export const readRecipe = (name: string): string => readFileSync(join(RECIPES, name), 'utf8');

/** A project with the packed package, Hono and the recipes, and nothing else. */
export async function makeProject(folder: string): Promise<Consumer> {
  const project = await Consumer.make(folder);
  cpSync(join(ROOT, 'node_modules', 'hono'), project.path('node_modules', 'hono'), {
    recursive: true,
  });
  for (const name of readdirSync(RECIPES)) project.write(name, readRecipe(name));
  return project;
}

/** The path of a runtime that is here, or its tests are left out. */
export function needed(name: string, path: string | undefined): string {
  if (path === undefined) throw new Error(`there is no ${name}`);
  return path;
}
