// Checks that this tree can be published under a tag, before minutes are spent on its tests.
//
//   node tools/check-release.mjs v1.2.3 [folder]
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './lib/process.mjs';

const [tag = '', folder = ROOT] = process.argv.slice(2);
const { version, repository, bugs, homepage } = JSON.parse(
  readFileSync(join(folder, 'package.json'), 'utf8'),
);
const changes = readFileSync(join(folder, 'CHANGELOG.md'), 'utf8');

const faults = [];
// npm compares this with the repository of the workflow, and refuses a provenance that names
// another.
if (!(repository?.url ?? repository))
  faults.push(
    'package.json has no repository: write { "type": "git", "url": "git+https://…" } of this repository',
  );
if (!(bugs?.url ?? bugs)) faults.push('package.json has no bugs: write the address of its issues');
if (!homepage) faults.push('package.json has no homepage: write the address of its README');
if (tag !== `v${version}`)
  faults.push(`the tag is ${tag}, and package.json has version ${version}`);
if (!changes.includes(`\n## [${version}]`)) faults.push(`CHANGELOG.md has no section [${version}]`);

// The documents say so until the first release: docs/releasing.md, "Once, before the first release".
const documents = ['.', 'docs']
  .filter((name) => existsSync(join(folder, name)))
  .flatMap((name) => readdirSync(join(folder, name)).map((file) => join(name, file)))
  .filter((name) => name.endsWith('.md'));
for (const name of documents) {
  const text = readFileSync(join(folder, name), 'utf8').replaceAll(/\s+/g, ' ');
  if (/published on npm yet|nothing is published yet/i.test(text))
    faults.push(`${name} says that nothing is published: remove that sentence`);
}

for (const fault of faults) process.stderr.write(`cannot be published: ${fault}\n`);
process.exitCode = faults.length > 0 ? 1 : 0;
