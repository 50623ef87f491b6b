// Lists in a statement have an end: servers bound a statement, and SQLite the number of parameters.

const listMax = 500;

export const inLists = <T>(all: readonly T[], size = listMax): T[][] => {
  const lists: T[][] = [];
  for (let from = 0; from < all.length; from += size) lists.push(all.slice(from, from + size));
  return lists;
};
