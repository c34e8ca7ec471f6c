import { optionError } from '../../errors.js';
import type { Loaded } from './schema.js';

/**
 * The settings that only a restart can change: the addresses, the guard, and the rules of tokens
 * that the guard depends on.
 */
function fixedSettings({ config, rules, sessionSecret }: Loaded) {
  return {
    listen: config.listen,
    listenMode: config.listenMode,
    listenGroup: config.listenGroup,
    listenProxyProtocol: config.listenProxyProtocol,
    workers: config.workers,
    dovecot: config.dovecot,
    spoe: config.spoe,
    metrics: config.metrics,
    guard: config.guard,
    token: rules,
    'session.secret': sessionSecret,
    'limits.headerBytes': config.limits.headerBytes,
    'limits.headersMs': config.limits.headersMs,
    'limits.keepAliveMs': config.limits.keepAliveMs,
  };
}

/**
 * Refuses a configuration that a running gateway cannot change to.
 *
 * @throws {VerifierError} `ERR_OPTION`, with the first field that differs.
 */
export function checkUnchanged(old: Loaded, next: Loaded): void {
  const before = fixedSettings(old);
  for (const [field, value] of Object.entries(fixedSettings(next))) {
    if (JSON.stringify(value) !== JSON.stringify(before[field as keyof typeof before])) {
      throw optionError(
        field,
        'cannot change while the gateway runs',
        'restart it, or put it back',
      );
    }
  }
}
