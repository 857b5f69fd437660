// The supervision tree of a node, out of the lines that /cluster gives. Pure.

const unfoldedUpTo = 12;

/**
 * The topmost nodes of the tree: each line with a `key` that is its own among all (its path, and
 * which of its namesakes it is), its `children`, and `below`: how many lines stand under it and
 * how often those were restarted.
 */
export function treeOf(lines) {
  const top = {key: '', depth: -1, children: []};
  const path = [top];
  for (const line of lines) {
    while (path.at(-1).depth >= line.depth) path.pop();
    const parent = path.at(-1);
    const namesakes = parent.children.filter((other) => other.name === line.name).length;
    const key = `${parent.key}\n${line.name}\n${namesakes}`;
    const node = {...line, key, children: [], below: {lines: 0, restarts: 0}};
    parent.children.push(node);
    for (const above of path.slice(1)) {
      above.below.lines += 1;
      above.below.restarts += line.restarts;
    }
    path.push(node);
  }
  return top.children;
}

/** Whether a branch is shown folded until the person opens it. */
export const folded = (node) => node.children.length > unfoldedUpTo;

/** State and restarts of each line by key, to be compared with later ones. */
export function conditionsOf(tree, into = new Map()) {
  for (const node of tree) {
    into.set(node.key, `${node.state} ${node.restarts}`);
    conditionsOf(node.children, into);
  }
  return into;
}

/** Whether this line was there before in another condition. */
export const changedSince = (before, node) =>
  before.has(node.key) && before.get(node.key) !== `${node.state} ${node.restarts}`;

const times = (count) => `${count.toLocaleString()} ${count === 1 ? 'restart' : 'restarts'}`;

export const restartsOf = (node) => (node.restarts > 0 ? times(node.restarts) : '');

/** What a folded branch hides: "34 below, 2 restarts". */
export function hiddenBy({below}) {
  const restarts = below.restarts > 0 ? `, ${times(below.restarts)}` : '';
  return `${below.lines.toLocaleString()} below${restarts}`;
}

/** The whole tree in few words: how many lines it has, and how often they were restarted. */
export function sumOf(lines, leftOut) {
  const restarts = lines.reduce((sum, line) => sum + line.restarts, 0);
  const count = (lines.length + leftOut).toLocaleString();
  return restarts > 0 ? `${count} · ${times(restarts)}` : count;
}
