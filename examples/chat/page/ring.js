// Draws the ring: who holds which part of the circle, every token, and where the guilds lie on it.
import {calm, reconcile, svg} from './dom.js';

const centre = 200;
const band = 148;
const ticks = [164, 173];
const walk = 131;

/**
 * A colour of the palette for each node, the same on every page: n1 is the first, n2 the second,
 * and so on.
 */
export function paletteIndex(name) {
  const digits = /(\d+)$/.exec(name);
  if (digits) return (Number(digits[1]) + 7) % 8;
  return [...name].reduce((sum, sign) => sum + sign.codePointAt(0), 0) % 8;
}

export const toneOf = (name) => `var(--node-${paletteIndex(name)})`;

/**
 * The stretches of the circle by node: a token holds what lies between its predecessor and itself.
 * Pure.
 */
export function stretches(ring) {
  const tokens = Object.entries(ring).flatMap(([name, places]) => places.map((at) => ({name, at})));
  tokens.sort((a, b) => a.at - b.at);
  const byNode = new Map(Object.keys(ring).map((name) => [name, []]));
  tokens.forEach((token, index) => {
    const from = index > 0 ? tokens[index - 1].at : tokens.at(-1).at - 1;
    byNode.get(token.name).push([from, token.at]);
  });
  return byNode;
}

/** The first token of `owner` at or after `at`, going round. */
export function tokenAfter(places, at) {
  const sorted = [...places].sort((a, b) => a - b);
  return sorted.find((place) => place >= at) ?? (sorted.length > 0 ? sorted[0] + 1 : at);
}

function point(at, radius) {
  const angle = (at - 0.25) * 2 * Math.PI;
  const [x, y] = [centre + radius * Math.cos(angle), centre + radius * Math.sin(angle)];
  return `${x.toFixed(2)} ${y.toFixed(2)}`;
}

function arc([from, to], radius) {
  const end = Math.min(to, from + 0.9999);
  const large = end - from > 0.5 ? 1 : 0;
  return `M${point(from, radius)}A${radius} ${radius} 0 ${large} 1 ${point(end, radius)}`;
}

const tick = (at) => `M${point(at, ticks[0])}L${point(at, ticks[1])}`;

/** Keeps the picture in `root`, an empty svg element. */
export class Ring {
  #title = svg('title');
  #bands = svg('g', {class: 'ring-bands'});
  #ticks = svg('g', {class: 'ring-ticks'});
  #walk = svg('path', {class: 'ring-walk'});
  #needle = svg('path', {class: 'ring-needle'});
  #others = svg('g');
  #marker = svg('circle', {class: 'ring-marker', r: 8, 'data-testid': 'ring-marker'});
  #drawn = null;

  constructor(root) {
    root.setAttribute('viewBox', '14 14 372 372');
    root.append(
      this.#title,
      svg('circle', {class: 'ring-floor', cx: centre, cy: centre, r: band}),
      this.#bands,
      this.#ticks,
      this.#walk,
      this.#needle,
      this.#others,
      this.#marker,
    );
  }

  /** `open` is the id of the open guild or null; `places` is where each guild lies. */
  update({view, places, open}) {
    const faint = new Set(
      view.members.filter((member) => !member.reachable).map((member) => member.name),
    );
    const nodes = [...stretches(view.ring)];
    const drawn = JSON.stringify([view.epoch, nodes.map(([name, arcs]) => [name, arcs.length])]);
    const redraw = drawn !== this.#drawn;
    this.#drawn = drawn;
    const key = ([name]) => name;
    const path = ([name, arcs]) => svg('path', {'data-node': name, 'data-tokens': arcs.length});
    const dress =
      (line) =>
      (node, [name, arcs]) => {
        node.style.setProperty('--tone', toneOf(name));
        node.classList.toggle('faint', faint.has(name));
        if (!redraw) return;
        node.setAttribute('data-tokens', arcs.length);
        node.setAttribute('d', arcs.map(line).join(''));
      };
    reconcile(this.#bands, nodes, {
      key,
      create: path,
      update: dress((stretch) => arc(stretch, band)),
    });
    reconcile(this.#ticks, nodes, {
      key,
      create: path,
      update: dress((stretch) => tick(stretch[1])),
    });
    this.#point(view, places.get(open));
    this.#dots(places, open);
    this.#describe(nodes, open, places.get(open));
  }

  /** Lets the open guild's place beat once, when something was said there. */
  beat() {
    if (calm() || this.#marker.getAnimations().length > 0) return;
    this.#marker.animate(
      [{strokeWidth: '4px'}, {strokeWidth: '16px', offset: 0.25}, {strokeWidth: '4px'}],
      {duration: 420, easing: 'ease-out'},
    );
  }

  #point(view, place) {
    for (const part of [this.#walk, this.#needle, this.#marker])
      part.classList.toggle('absent', !place);
    if (!place) return;
    const tone = toneOf(place.owner);
    const token = tokenAfter(view.ring[place.owner] ?? [], place.at);
    const [x, y] = point(place.at, band).split(' ');
    this.#marker.setAttribute('cx', x);
    this.#marker.setAttribute('cy', y);
    this.#needle.setAttribute('d', `M${point(place.at, 104)}L${point(place.at, walk)}`);
    this.#walk.setAttribute(
      'd',
      `${arc([place.at, Math.max(token, place.at + 0.0005)], walk)}L${point(token, band)}`,
    );
    for (const part of [this.#walk, this.#needle, this.#marker])
      part.style.setProperty('--tone', tone);
  }

  #dots(places, open) {
    const rest = [...places].filter(([id]) => id !== open);
    reconcile(this.#others, rest, {
      key: ([id]) => id,
      create: ([id]) => svg('circle', {class: 'ring-other', r: 4.5}, svg('title', {}, id)),
      update: (node, [id, place]) => {
        const [x, y] = point(place.at, band).split(' ');
        node.setAttribute('cx', x);
        node.setAttribute('cy', y);
        node.firstChild.textContent = `${id} lives on ${place.owner}`;
      },
    });
  }

  #describe(nodes, open, place) {
    const tokens = nodes.map(([name, arcs]) => `${name} with ${arcs.length} tokens`).join(', ');
    const where = place
      ? ` ${open} lies at ${Math.round(place.at * 100)} % and lives on ${place.owner}.`
      : '';
    const text = `The ring: ${tokens || 'no nodes yet'}.${where}`;
    if (this.#title.textContent !== text) this.#title.textContent = text;
  }
}
