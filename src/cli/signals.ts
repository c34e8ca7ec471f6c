/**
 * The signals of a server. SIGHUP is caught from the first moment of the process, long before there
 * is anything to reload: by default it would end it.
 */
let isReloadDue = false;
let isReloading = false;
let onReload: (() => Promise<void>) | undefined;
let isCatchingStop = false;
/** Before the server runs nothing is under way: the process ends at once. */
let onStop = (): void => process.exit(0);

/** Catches SIGHUP, and keeps it until `reloadOnSignal`. */
export function catchReload(): void {
  process.on('SIGHUP', () => {
    isReloadDue = true;
    void reloadIfDue();
  });
  // The system gives the first process of a container no signal that it does not catch.
  if (process.pid === 1) catchStop();
}

/**
 * Catches SIGTERM and SIGINT. Until then they end the process by themselves, also while it waits
 * for a file. A second one changes nothing: a stop takes a bounded time, and service managers, npm
 * and terminals send several.
 */
export function catchStop(): void {
  if (isCatchingStop) return;
  isCatchingStop = true;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => onStop());
}

/** Does what SIGTERM does. */
export const stopNow = (): void => onStop();

/**
 * Reloads at each SIGHUP, and at once if one has come already: one reload at a time, and several
 * signals that come meanwhile count as one.
 *
 * @param reload - Never rejects. Undefined: no more.
 */
export function reloadOnSignal(reload: (() => Promise<void>) | undefined): void {
  onReload = reload;
  void reloadIfDue();
}

/** Waits for a signal that ends the server. Until then SIGHUP reloads. */
export async function untilStopped(reload: () => Promise<void>): Promise<void> {
  catchStop();
  const stopped = new Promise<void>((resolve) => {
    onStop = resolve;
  });
  reloadOnSignal(reload);
  await stopped;
  reloadOnSignal(undefined);
}

async function reloadIfDue(): Promise<void> {
  if (isReloading) return;
  isReloading = true;
  while (isReloadDue && onReload !== undefined) {
    isReloadDue = false;
    await onReload();
  }
  isReloading = false;
}
