/** What becomes of the items of a source. */
export interface Work<T, R> {
  /** Begins with an item. `undefined`: nothing comes of it. */
  begin(item: T): Promise<R> | undefined;
  /** Begins with what is left when the source has ended. */
  end(): Promise<R> | undefined;
}

/**
 * Gives what becomes of each item, in the order of the items, with `depth` of them under way at most: that many are
 * neither finished nor taken. What has been finished is given before an error of the source, or of a later item, is thrown.
 */
export async function* inOrder<T, R>(
  source: AsyncIterator<T>,
  depth: number,
  work: Work<T, R>,
): AsyncGenerator<R, void, undefined> {
  const underWay: Promise<R>[] = [];
  const add = (begun: Promise<R> | undefined) => begun && underWay.push(heard(begun));
  let asked: Promise<IteratorResult<T>> | undefined;
  let hasEnded = false;
  let fault: { readonly error: unknown } | undefined;
  try {
    while (true) {
      if (!hasEnded && fault === undefined && asked === undefined && underWay.length < depth) {
        asked = heard(source.next());
      }
      if (asked !== undefined && (await isFirst(asked, underWay[0]))) {
        const item = asked;
        asked = undefined;
        try {
          hasEnded = true;
          const { done = false, value } = await item;
          hasEnded = done;
          add(done ? work.end() : work.begin(value));
        } catch (error) {
          fault = { error };
        }
      } else if (underWay.length > 0) {
        yield await (underWay.shift() as Promise<R>);
      } else {
        if (fault !== undefined) throw fault.error;
        return;
      }
    }
  } finally {
    // A source that still looks for the item it was asked for may not end before it has it.
    if (!hasEnded) {
      const ending = heard(source.return?.());
      if (asked === undefined) await ending?.catch(() => {});
    }
  }
}

/** A promise whose rejection is dealt with, though perhaps later than the runtime waits for it. */
function heard<P extends Promise<unknown> | undefined>(promise: P): P {
  promise?.catch(() => {});
  return promise;
}

/** Whether the first settles first, or both have. */
function isFirst(first: Promise<unknown>, second: Promise<unknown> | undefined): Promise<boolean> {
  const [yes, no] = [() => true, () => false];
  return second === undefined
    ? first.then(yes, yes)
    : Promise.race([first.then(yes, yes), second.then(no, no)]);
}
