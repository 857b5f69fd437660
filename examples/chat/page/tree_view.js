// The supervision tree of one node as it is seen: branches that fold, and what changed lights up.
import {el, reconcile, setText} from './dom.js';
import {changedSince, conditionsOf, folded, hiddenBy, restartsOf, sumOf, treeOf} from './tree.js';

const kinds = {entities: 'entities of this type'};

export class TreeView {
  element;
  #sum = el('span', {class: 'tree-sum', 'data-testid': 'tree-sum'});
  #branches = el('ul', {class: 'tree'});
  #about = el('p', {class: 'tree-about'});
  #before = new Map();

  constructor(name) {
    this.name = name;
    const title = el('span', {}, 'Supervision', el('span', {class: 'unseen'}, ` of ${name}`));
    this.element = el(
      'details',
      {class: 'tree-panel', 'data-testid': 'tree'},
      el('summary', {}, title, this.#sum),
      this.#branches,
      this.#about,
    );
  }

  /** `{lines, left_out}` as /cluster gives it; undefined while it is not known. */
  draw(supervision) {
    setText(this.#about, aboutOf(supervision));
    this.#about.hidden = this.#about.textContent === '';
    setText(this.#sum, supervision ? sumOf(supervision.lines, supervision.left_out) : '');
    const tree = supervision ? treeOf(supervision.lines) : [];
    this.#drawBranches(this.#branches, tree);
    this.#before = conditionsOf(tree);
  }

  #drawBranches(list, nodes) {
    reconcile(list, nodes, {
      key: (node) => `${node.key}\n${node.children.length > 0}`,
      create: createNode,
      update: (item, node) => this.#update(item, node),
    });
  }

  #update(item, node) {
    updateLine(item.querySelector('.tree-line'), node);
    if (changedSince(this.#before, node)) lightUp(item.querySelector('.tree-line'));
    if (node.children.length > 0) {
      setText(item.querySelector('.tree-hidden'), hiddenBy(node));
      this.#drawBranches(item.querySelector('ul'), node.children);
    }
  }
}

function aboutOf(supervision) {
  if (!supervision) return 'This node has not told its tree yet.';
  if (supervision.lines.length === 0) return 'Nothing is supervised here.';
  if (supervision.left_out === 0) return '';
  return `${supervision.left_out.toLocaleString()} more are not shown.`;
}

function createNode(node) {
  const line = el(
    'span',
    {class: 'tree-line'},
    el('span', {class: 'tree-name'}, node.name),
    el('span', {class: 'tree-kind'}),
    el('span', {class: 'tree-state'}),
    el('strong', {class: 'tree-restarts'}),
  );
  if (node.children.length === 0) return el('li', {}, line);
  const hidden = el('span', {class: 'tree-hidden'});
  const branch = el('details', {open: !folded(node)}, el('summary', {}, line, hidden), el('ul'));
  return el('li', {}, branch);
}

function updateLine(line, node) {
  const [, kind, state, restarts] = line.children;
  line.dataset.name = node.name;
  line.dataset.state = node.state;
  setText(kind, kinds[node.kind] ?? node.kind);
  setText(state, node.state);
  state.classList.toggle('unseen', node.state === 'running');
  setText(restarts, restartsOf(node));
  line.title = node.restart ? `restart: ${node.restart}` : '';
}

// The animation begins anew each time, also when the last one has not ended.
function lightUp(line) {
  line.classList.remove('changed');
  void line.offsetWidth;
  line.classList.add('changed');
}
