// What was asked and not yet answered. Bounded, and nothing stays in it for ever.

const mostAtOnce = 1000;
const answerTimeoutMs = 10000;

export class Requests {
  #open = new Map();
  #lastId = 0;

  /** The id to send along, or null when too many answers are awaited already. */
  add({op, guild, channel, before}, entry, at) {
    if (this.#open.size >= mostAtOnce) return null;
    const id = String(++this.#lastId);
    this.#open.set(id, {op, guild, channel, before, entry, at});
    return id;
  }

  has(id) {
    return this.#open.has(id);
  }

  /** The request that `id` answers, which is then no longer awaited. */
  take(id) {
    const request = this.#open.get(id);
    this.#open.delete(id);
    return request;
  }

  /** All requests that `matches` says yes to, no longer awaited. */
  takeAll(matches) {
    const taken = [...this.#open].filter(([, request]) => matches(request));
    for (const [id] of taken) this.#open.delete(id);
    return taken.map(([, request]) => request);
  }

  takeLate(now) {
    return this.takeAll((request) => now - request.at >= answerTimeoutMs);
  }

  clear() {
    this.#open.clear();
  }
}
