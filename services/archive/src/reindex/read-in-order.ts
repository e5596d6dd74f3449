/** Reads many things at once, so many at most, and hands them over in their own order. */
export async function* readInOrder<Item, Result>(
  items: readonly Item[],
  atOnce: number,
  read: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  const pending: Promise<Result>[] = [];
  let next = 0;
  while (pending.length > 0 || next < items.length) {
    while (pending.length < atOnce && next < items.length) {
      pending.push(read(items[next++] as Item));
    }
    yield (await pending.shift()) as Result;
  }
}
