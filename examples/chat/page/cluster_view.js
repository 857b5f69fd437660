// The cluster beside the talk: the ring, a card for each node, and what happened.
import {el, reconcile, setText, svg} from './dom.js';
import {Ring, toneOf} from './ring.js';
import {TreeView} from './tree_view.js';

const feedKept = 60;
const samplesKept = 40;
const find = (id) => document.getElementById(id);
const clock = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});

export class ClusterView {
  #ring = new Ring(find('ring'));
  #samples = new Map();
  #feed = [];
  #events = 0;
  #trees = new Map();

  /** The names of the nodes whose supervision the person looks at. */
  opened() {
    const trees = [...this.#trees.values()].filter((tree) => tree.element.open);
    return new Set(trees.map((tree) => tree.name));
  }

  beat() {
    this.#ring.beat();
  }

  /**
   * One more line in the feed, newest on top; the same line again is counted instead of repeated.
   */
  tell({tone, node, text}) {
    const newest = this.#feed[0];
    if (newest?.text === text) Object.assign(newest, {count: newest.count + 1, at: Date.now()});
    else this.#feed.unshift({id: ++this.#events, tone, node, text, at: Date.now(), count: 1});
    this.#feed.length = Math.min(this.#feed.length, feedKept);
    find('feed-empty').hidden = true;
    reconcile(find('feed'), this.#feed, {
      key: (entry) => entry.id,
      create: createEntry,
      update: updateEntry,
    });
  }

  /** Takes one sample of each node's rate for its little curve. */
  sample(view) {
    for (const member of view.members) {
      const samples = this.#samples.get(member.incarnation) ?? [];
      samples.push(member.messages_per_s);
      if (samples.length > samplesKept) samples.shift();
      this.#samples.set(member.incarnation, samples);
    }
    const present = new Set(view.members.map((member) => member.incarnation));
    for (const key of this.#samples.keys()) if (!present.has(key)) this.#samples.delete(key);
  }

  draw({view, answering, places, trees, open, gateway}) {
    find('cluster').classList.toggle('silent', !answering);
    find('silence').hidden = answering;
    if (!view) return;
    const members = view.members
      .filter((member) => member.state !== 'gone')
      .sort((a, b) => a.name.localeCompare(b.name));
    const rate = members.reduce((sum, member) => sum + member.messages_per_s, 0);
    setText(find('epoch'), `epoch ${view.epoch}`);
    setText(
      find('total'),
      `${members.length} ${members.length === 1 ? 'node' : 'nodes'} · ` +
        `${view.shards} shards · ${perSecond(rate)} messages a second`,
    );
    this.#ring.update({view, places, open});
    this.#centre(places.get(open), open, gateway, answering);
    const peak = Math.max(1, ...[...this.#samples.values()].flat());
    reconcile(find('nodes'), members, {
      key: (member) => member.incarnation,
      create: (member) => this.#createCard(member),
      update: (card, member) =>
        this.#updateCard(card, member, {gateway, peak, owner: places.get(open)?.owner, open}),
    });
    this.#drawTrees(members, trees);
  }

  // Those that are closed are not asked for, and stay as they were.
  #drawTrees(members, trees) {
    const present = new Set(members.map((member) => member.incarnation));
    for (const [key, tree] of this.#trees) {
      if (!present.has(key)) this.#trees.delete(key);
      else if (trees.has(tree.name)) tree.draw(trees.get(tree.name));
    }
  }

  #centre(place, open, gateway, answering) {
    const owner = place?.owner;
    find('centre').style.setProperty('--tone', owner ? toneOf(owner) : 'var(--line)');
    setText(find('centre-guild'), open ?? 'Troupe');
    setText(
      find('centre-owner'),
      owner ? `lives on ${owner}` : open ? 'being looked for' : 'no guild open',
    );
    const via = gateway && answering ? ` · you are on ${gateway}` : '';
    setText(
      find('centre-shard'),
      place ? `shard ${place.shard}${via}` : gateway ? `you are on ${gateway}` : '',
    );
  }

  #createCard(member) {
    const stat = (name, label) =>
      el('div', {class: 'stat'}, el('dd', {'data-stat': name}), el('dt', {}, label));
    const card = el(
      'li',
      {class: 'node', tabindex: 0, 'data-testid': 'node-card', 'data-node': member.name},
      el(
        'div',
        {class: 'node-head'},
        el('span', {class: 'swatch'}),
        el('strong', {}, member.name),
        el('span', {class: 'node-state', 'data-stat': 'state'}),
        el('span', {class: 'node-roles', 'data-stat': 'roles'}),
        el(
          'code',
          {title: `incarnation ${member.incarnation}`},
          String(member.incarnation).slice(0, 6),
        ),
      ),
      el(
        'div',
        {class: 'node-figures'},
        el('dl', {}, stat('shards', 'shards'), stat('entities', 'entities'), stat('rate', 'msg/s')),
        svg(
          'svg',
          {class: 'spark', viewBox: '0 0 80 24', preserveAspectRatio: 'none', 'aria-hidden': true},
          svg('path'),
        ),
      ),
      this.#createTree(member),
    );
    const look = (on) => () => this.#focus(on ? member.name : null);
    for (const [event, on] of [
      ['pointerenter', true],
      ['pointerleave', false],
      ['focus', true],
      ['blur', false],
    ]) {
      card.addEventListener(event, look(on));
    }
    return card;
  }

  #createTree({name, incarnation}) {
    const tree = new TreeView(name);
    this.#trees.set(incarnation, tree);
    tree.draw();
    return tree.element;
  }

  #updateCard(card, member, {gateway, peak, owner, open}) {
    const field = (name) => card.querySelector(`[data-stat=${name}]`);
    const state = member.reachable ? member.state : 'unreachable';
    const roles = [
      member.name === gateway ? 'you are here' : null,
      member.name === owner ? `home of ${open}` : null,
    ];
    card.style.setProperty('--tone', toneOf(member.name));
    card.dataset.state = state;
    setText(field('state'), state);
    setText(field('roles'), roles.filter(Boolean).join(' · '));
    setText(field('shards'), member.shards.toLocaleString());
    setText(field('entities'), member.entities.toLocaleString());
    setText(field('entities').nextSibling, member.entities === 1 ? 'entity' : 'entities');
    setText(field('rate'), perSecond(member.messages_per_s));
    card
      .querySelector('.spark path')
      .setAttribute('d', curve(this.#samples.get(member.incarnation) ?? [], peak));
  }

  #focus(name) {
    const figure = find('ring');
    figure.classList.toggle('focused', name !== null);
    for (const path of figure.querySelectorAll('[data-node]')) {
      path.classList.toggle('chosen', path.dataset.node === name);
    }
  }
}

function perSecond(rate) {
  return rate < 10 ? rate.toFixed(1) : Math.round(rate).toLocaleString();
}

function curve(samples, peak) {
  const step = 80 / (samplesKept - 1);
  const from = 80 - (samples.length - 1) * step;
  const points = samples.map(
    (rate, i) => `${(from + i * step).toFixed(1)} ${(22 - (rate / peak) * 20).toFixed(1)}`,
  );
  return points.length > 1 ? `M${points.join('L')}` : '';
}

function createEntry(entry) {
  const node = el('li', {'data-tone': entry.tone}, el('time', {}), el('span', {}));
  if (entry.node) node.style.setProperty('--tone', toneOf(entry.node));
  return node;
}

function updateEntry(node, entry) {
  setText(node.firstChild, clock.format(entry.at));
  setText(node.lastChild, entry.count > 1 ? `${entry.text} (${entry.count} times)` : entry.text);
}
