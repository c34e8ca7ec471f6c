import type { TokenRules } from '../../gateway/contract.js';
import type { Hosts } from '../../index.js';
import type { Config } from './schema.js';

/** A configuration with everything that it points at. */
export interface Loaded {
  readonly config: Config;
  readonly hosts: Hosts;
  readonly rules: TokenRules;
  readonly sessionSecret: string | undefined;
  readonly issueSecret: string | undefined;
  /** Where relative paths in the configuration start. Default: the working directory. */
  readonly folder?: string | undefined;
}
