/** The compiled issuers of docs/issuing.md, and all of them with every bad name and secret. */
import { describe, it } from 'vitest';
import { tempFolder } from '../package/temp.js';
import {
  COMPILED,
  expectAccepted,
  expectRefused,
  INTERPRETED,
  PROSODY,
  Program,
  SHELL,
} from './issuers.js';

const folder = tempFolder();

describe.each([...COMPILED, ...INTERPRETED, PROSODY, SHELL])('the issuer in $name', (issuer) => {
  it('makes 200 tokens that are accepted, and refuses bad names and secrets', async () => {
    const program = new Program(issuer, folder);
    await expectAccepted(program, 200);
    expectRefused(program);
  });
});
