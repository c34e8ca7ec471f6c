/** A system whose events may happen in any order that it allows. */
export interface World {
  /** The names of the events that may happen next. Empty at the end. */
  events(): readonly string[];
  /** Lets an event happen, and waits for all its consequences. */
  happen(event: string): Promise<void>;
  /**
   * Everything that can make a difference from here on, as text. Worlds with the same text count as
   * equal, and only one of them is explored.
   */
  state(): string;
  /** Copies the world, if that is possible. Default: the events are repeated in a new world. */
  copy?(): World;
}

/** The result of an exploration. */
export interface Explored {
  /** Different states that were reached. */
  readonly states: number;
  /** The number of orders of events from the beginning to an end, even if they share states. */
  readonly interleavings: bigint;
}

/**
 * Lets the events of a world happen in every possible order.
 *
 * Real code with promises cannot be copied in the middle. So each state is reached by making a new
 * world and repeating the events that lead there. Such a world must do the same each time.
 *
 * @param make - Makes the world in its first state.
 * @param visit - Called once for each state, with the events that led to it. Throws if the state is
 *   wrong.
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
    // This world goes on with the last event. Each other event gets a new world.
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
