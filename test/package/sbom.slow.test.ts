/** The bill of materials, which a release publishes. */
import { expect, it } from 'vitest';
import { npm, ROOT } from '../../tools/lib/process.mjs';
import { bundled, installed, locked, nameOf } from './parts.js';
import { run } from './run.js';

it('npm run sbom lists all packages that are installed with ours or inside it', () => {
  const { file, args, shell } = npm(['run', '--silent', 'sbom']);
  const sbom = JSON.parse(run(file, args, ROOT, shell)) as {
    bomFormat: string;
    components: { name: string; version: string; properties: { name: string }[] }[];
  };
  expect(sbom.bomFormat).toBe('CycloneDX');
  const having = (property: string) =>
    sbom.components
      .filter(({ properties }) => properties.some(({ name }) => name === property))
      .map(({ name, version }) => `${name}@${version}`);
  const published = (path: string) => `${nameOf(path)}@${locked[path]?.version}`;
  expect(having('cdx:npm:package:bundled').sort()).toEqual(bundled.map(published).sort());
  const forDevelopment = having('cdx:npm:package:development');
  expect(
    [...bundled, ...installed.map((name) => `node_modules/${name}`)]
      .map(published)
      .filter((each) => forDevelopment.includes(each)),
  ).toEqual([]);
  expect(forDevelopment).toContain(published('node_modules/vitest'));
});
