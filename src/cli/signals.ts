/**
 * The signals of a server. SIGHUP is caught from the start of the process, long before there is
 * anything to reload. By default it would end the process.
 */
let isReloadDue = false;
let isReloading = false;
let onReload: (() => Promise<void>) | undefined;
let isCatchingStop = false;
/** Before the server runs, no request is under way, so the process ends at once. */
let onStop = (): void => process.exit(0);

/** Catches SIGHUP. Keeps it pending until `reloadOnSignal`. */
export function catchReload(): void {
  process.on('SIGHUP', () => {
    isReloadDue = true;
    void reloadIfDue();
  });
  // The first process of a container gets only signals that it catches.
  if (process.pid === 1) catchStop();
}

/**
 * Catches SIGTERM and SIGINT. Before this, they end the process at once, even while it waits for a
 * file. A second signal changes nothing: a stop takes a bounded time, and service managers, npm and
 * terminals send several signals.
 */
export function catchStop(): void {
  if (isCatchingStop) return;
  isCatchingStop = true;
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => onStop());
}

/** Stops the server like SIGTERM. */
export const stopNow = (): void => onStop();

/**
 * Reloads at each SIGHUP, and at once if one is pending. Reloads run one at a time. Signals that
 * arrive during a reload count as one.
 *
 * @param reload - Must not reject. Undefined stops the reloading.
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
