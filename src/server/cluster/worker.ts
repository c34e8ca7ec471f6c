import cluster from 'node:cluster';
import { VerifierError } from '../../errors.js';
import { type RunningServer, type RunOptions, runGateway } from '../run.js';
import { WorkerLink } from './link.js';
import type { State } from './messages.js';

/** Whether this process is a worker that a leader has started. */
export const isWorker = (): boolean => cluster.isWorker;

/**
 * Runs this process as a worker. It reads no configuration: all workers run on the one that the
 * leader sends.
 *
 * @param end - Called when this process must end: the leader is gone, or the worker cannot apply a
 *   configuration that the other workers have applied.
 * @returns Undefined if the worker cannot start. The leader knows the reason and reports it.
 */
export async function runWorker(
  options: RunOptions,
  end: () => void,
): Promise<RunningServer | undefined> {
  const link = await WorkerLink.join();
  const { generation, loaded } = link.state;
  const server = await runGateway(loaded, { ...options, link }).catch(async (error: unknown) => {
    if (!(error instanceof VerifierError)) throw error;
    await link.failed(error);
    return undefined;
  });
  if (server === undefined) return undefined;
  let applied = generation;
  const follow = (state: State) => {
    if (state.refused !== undefined) server.refuse(new VerifierError('ERR_OPTION', state.refused));
    if (state.generation <= applied) return;
    applied = state.generation;
    server.apply(state.loaded).catch((error: unknown) => {
      server.refuse(error);
      // A host that the others removed must not stay here. A new worker starts with the new
      // configuration.
      end();
    });
  };
  // The leader may have sent a newer state while this worker started.
  follow(link.state);
  link.follow(follow);
  link.outliveLeader(end);
  link.serving(server);
  return server;
}
