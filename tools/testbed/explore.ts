/** Something whose events may come in any order that it allows. */
export interface World {
  /** What may happen next, by name; none when it is over. */
  events(): readonly string[];
  /** Lets it happen, and waits until all that follows from it has happened. */
  happen(event: string): Promise<void>;
  /**
   * All that can make a difference from here on. Worlds with the same text are taken for the same,
   * and only one of them is followed.
   */
  state(): string;
  /** The same world once more, for one that can be copied. Default: its events are repeated. */
  copy?(): World;
}

/** What was explored. */
export interface Explored {
  /** Different states that were reached. */
  readonly states: number;
  /** Ways from the beginning to an end: orders of events, however many share their states. */
  readonly interleavings: bigint;
}

/**
 * Lets the events of a world happen in every order there is.
 *
 * Real code with promises cannot be copied in the middle. So each state is reached by making a new
 * world and repeating the events that lead there. Such a world must do the same each time.
 *
 * @param make - Makes the world as it is in the beginning.
 * @param visit - Told of each state once, with the events that led to it. Throws if it is wrong.
 */
export async function explore<W extends World>(
  make: () => W,
  visit: (world: W, path: readonly string[]) => void,
): Promise<Explored> {
  /** How many ways lead from each state to an end. */
  const ways = new Map<string, bigint>();
  const follow = async (world: W, path: readonly string[]): Promise<bigint> => {
    const state = world.state();
    const known = ways.get(state);
    if (known !== undefined) return known;
    visit(world, path);
    const events = world.events();
    let sum = events.length === 0 ? 1n : 0n;
    // This world goes on with the last event; each of the others takes a new one.
    for (const [i, event] of events.entries()) {
      const isLast = i === events.length - 1;
      const next = isLast ? world : ((world.copy?.() as W) ?? (await repeated(make(), path)));
      await next.happen(event);
      sum += await follow(next, [...path, event]);
    }
    ways.set(state, sum);
    return sum;
  };
  const interleavings = await follow(make(), []);
  return { states: ways.size, interleavings };
}

async function repeated<W extends World>(world: W, path: readonly string[]): Promise<W> {
  for (const event of path) await world.happen(event);
  return world;
}
