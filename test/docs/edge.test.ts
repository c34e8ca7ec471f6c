/** docs/edge.md shows the recipes that recipes.slow.test.ts runs. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from '../../tools/lib/process.mjs';
import { RECIPES, readRecipe } from '../runtimes/recipes/lib/recipe.js';

const shown = readFileSync(join(ROOT, 'docs', 'edge.md'), 'utf8');

it.each(readdirSync(RECIPES))('docs/edge.md shows the recipe %s as it is tested', (name) => {
  expect(shown).toContain(`${readRecipe(name).trimEnd()}\n\`\`\`\n`);
});
