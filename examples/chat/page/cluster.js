// Watches the cluster: asks a node about once a second, and tells what changed in sentences.

const periodMs = 1000;
const timeoutMs = 1500;
const missesUntilSuspect = 3;
const guildsAskedAtOnce = 8;
const olderViewsUntilBelieved = 5;
const viewsUntilOwnersAreFound = 5;

const alive = (view) => view.members.filter((member) => member.state !== 'gone');
const shortName = (incarnation) => String(incarnation).slice(0, 6);

/** "n1", "n1 and n2", "n1, n2 and n3". */
export function listed(names) {
  if (names.length < 2) return names.join('');
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

// A member that names a loopback or wildcard address is looked for on the machine the page came
// from.
const hostOf = (member, hostname) =>
  member.http.replace(/^(127\.0\.0\.1|0\.0\.0\.0|localhost|\[::1?\])(?=:)/, hostname);

/** The http addresses of the members, those that can be reached first. */
export function hostsOf(view, hostname) {
  const order = (member) => (member.reachable && member.state === 'up' ? 0 : 1);
  return alive(view)
    .filter((member) => member.http)
    .sort((a, b) => order(a) - order(b))
    .map((member) => hostOf(member, hostname));
}

/** Where to ask for the trees of the nodes in `wanted` but that of the answering one. */
export function treeHosts(view, wanted, hostname) {
  return alive(view)
    .filter((member) => member.http && member.name !== view.node && wanted.has(member.name))
    .map((member) => ({name: member.name, host: hostOf(member, hostname)}));
}

const owned = (view) => alive(view).reduce((sum, member) => sum + member.shards, 0);

/** Between these views shards have lost their owner, and nobody has them yet. Pure. */
export const awaitsOwners = (before, after) => owned(after) < owned(before);

/** What happened between two views, as `{tone, node, text}`; the oldest first. Pure. */
export function changes(before, after) {
  const was = new Map(alive(before).map((member) => [member.incarnation, member]));
  const is = new Map(alive(after).map((member) => [member.incarnation, member]));
  const events = [];
  const tell = (tone, node, text) => events.push({tone, node, text});
  for (const [key, member] of is) {
    const old = was.get(key);
    if (!old) tellArrived(tell, member, after);
    else tellChanged(tell, old, member, after);
  }
  for (const [key, member] of was) {
    if (!is.has(key))
      tell('bad', member.name, `epoch ${after.epoch}: ${member.name} left${taken(was, is)}`);
  }
  return events;
}

function tellArrived(tell, member, view) {
  const as = `${member.name} (incarnation ${shortName(member.incarnation)})`;
  if (member.state === 'up')
    tell('good', member.name, `epoch ${view.epoch}: ${as} joined${holds(member)}`);
  else tell('calm', member.name, `${as} is ${member.state}`);
}

function tellChanged(tell, old, member, view) {
  const name = member.name;
  if (old.state !== member.state && member.state === 'up') {
    tell('good', name, `epoch ${view.epoch}: ${name} is up${holds(member)}`);
  } else if (old.state !== member.state) {
    tell('calm', name, `${name} is ${member.state}`);
  }
  if (old.reachable && !member.reachable) tell('bad', name, `${name} became unreachable`);
  if (!old.reachable && member.reachable) tell('good', name, `${name} can be reached again`);
}

const holds = (member) => (member.shards > 0 ? ` and holds ${member.shards} shards` : '');

function taken(was, is) {
  const gained = [...is].filter(([key, member]) => member.shards > (was.get(key)?.shards ?? 0));
  const names = gained.map(([, member]) => member.name).sort();
  return names.length > 0 ? `, its shards moved to ${listed(names)}` : '';
}

/**
 * Asks the hosts of `hosts()` in turn, staying with one that answers. `onView(view)` hears every
 * answer, `onEvent` what changed, `onSilent(host, misses)` that a host did not answer, `places`
 * says where each guild of `guilds()` lives, and `trees` what the nodes of `opened()` supervise,
 * as they told it last.
 */
export class ClusterWatch {
  view = null;
  places = new Map();
  trees = new Map();
  learned = [];
  answering = true;
  #options;
  #misses = 0;
  #older = 0;
  #told = null; // the view up to which it was told what changed
  #untold = 0;

  constructor(options) {
    this.#options = options;
  }

  async run() {
    for (;;) {
      await this.#poll();
      await new Promise((wake) => setTimeout(wake, periodMs));
    }
  }

  async #poll() {
    const hosts = this.#options.hosts();
    const host = hosts[this.#misses % hosts.length];
    try {
      this.#accept(await ask(host, '/cluster'));
      this.#misses = 0;
      await this.#locate(host);
      await this.#askForTrees();
    } catch {
      this.#misses += 1;
      this.#missed(hosts[0], hosts.length);
    }
  }

  // The connected node stands first in the list, so a whole round of misses comes back to it.
  #missed(first, hostCount) {
    if (this.#misses >= missesUntilSuspect) this.#options.onSilent(first);
    if (this.#misses < hostCount || !this.answering) return;
    this.answering = false;
    this.#options.onView(this.view);
  }

  #accept(view) {
    if (this.#isOlder(view)) return;
    this.view = view;
    this.answering = true;
    this.learned = hostsOf(view, location.hostname);
    this.#tell(view);
    this.#options.onView(view);
  }

  // Whoever left is told with those who took its shards over, which is a moment later.
  #tell(view) {
    const before = this.#told;
    this.#untold = before && awaitsOwners(before, view) ? this.#untold + 1 : 0;
    if (this.#untold > 0 && this.#untold < viewsUntilOwnersAreFound) return;
    this.#told = view;
    this.#untold = 0;
    if (before) for (const event of changes(before, view)) this.#options.onEvent(event);
  }

  // Another node may lag behind by a moment; a cluster that was started afresh stays behind.
  #isOlder(view) {
    const older = this.view !== null && view.epoch < this.view.epoch;
    this.#older = older ? this.#older + 1 : 0;
    return older && this.#older < olderViewsUntilBelieved;
  }

  async #locate(host) {
    const guilds = this.#options.guilds();
    for (const id of this.places.keys()) if (!guilds.includes(id)) this.places.delete(id);
    const stale = guilds.filter((id) => this.places.get(id)?.epoch !== this.view.epoch);
    for (const id of stale.slice(0, guildsAskedAtOnce)) {
      const place = await ask(host, `/cluster/explain?type=guild&id=${encodeURIComponent(id)}`);
      this.#place(id, place);
    }
    if (stale.length > 0) this.#options.onView(this.view);
  }

  // Each node knows its own tree alone. One that does not answer keeps the tree it told last.
  async #askForTrees() {
    const opened = this.#options.opened();
    for (const name of this.trees.keys()) if (!opened.has(name)) this.trees.delete(name);
    if (opened.has(this.view.node)) this.trees.set(this.view.node, this.view.supervision);
    const others = treeHosts(this.view, opened, location.hostname);
    await Promise.allSettled(
      others.map(async ({name, host}) =>
        this.trees.set(name, (await ask(host, '/cluster')).supervision),
      ),
    );
    if (opened.size > 0) this.#options.onView(this.view);
  }

  #place(id, place) {
    const before = this.places.get(id);
    this.places.set(id, place);
    if (before && before.owner !== place.owner) {
      this.#options.onEvent({
        tone: 'calm',
        node: place.owner,
        text: `${id} now lives on ${place.owner}`,
      });
    }
  }
}

async function ask(host, path) {
  const answer = await fetch(`${location.protocol}//${host}${path}`, {
    cache: 'no-store',
    signal: AbortSignal.timeout(timeoutMs),
  });
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}`);
  return answer.json();
}
