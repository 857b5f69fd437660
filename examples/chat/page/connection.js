// One WebSocket that is always being kept: it looks for another node when its own is lost.

const openTimeoutMs = 4000;
const longestDelayMs = 6000;

/**
 * How long to wait before an attempt, in milliseconds. Every host is tried once in quick
 * succession; each further round waits longer. Always with jitter, so that the people of a dead
 * node do not arrive as one.
 */
export function backoff(attempt, hostCount, random = Math.random) {
  const round = Math.floor(attempt / Math.max(1, hostCount));
  const longest = Math.min(longestDelayMs, 300 * 2 ** round);
  return Math.round(longest * (0.25 + 0.75 * random()));
}

/**
 * The hosts to try, best first: the one used last, the one the page came from, then all others
 * heard of.
 */
export function candidates(last, home, learned) {
  return [...new Set([last, home, ...learned].filter(Boolean))];
}

/**
 * `hosts()` gives the addresses to try besides the last good one; `onState({phase, host, node,
 * reason})` hears `connecting`, `connected`, `lost` and `refused`; `onFrame` hears every frame
 * after the welcome.
 */
export class Connection {
  #hosts;
  #onState;
  #onFrame;
  #user = null;
  #socket = null;
  #timer = null;
  #attempt = 0;
  #waiting = false;
  #ready = false;
  #last = null;

  constructor({hosts, onState, onFrame}) {
    this.#hosts = hosts;
    this.#onState = onState;
    this.#onFrame = onFrame;
  }

  /** The host talked to now, or null. */
  get host() {
    return this.#ready ? this.#last : null;
  }

  start(user) {
    this.stop();
    this.#user = user;
    this.#attempt = 0;
    this.#open();
  }

  stop() {
    this.#forget();
    this.#user = null;
  }

  /** False when there is no connection; the frame is then not kept. */
  send(frame) {
    if (!this.#ready || this.#socket.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(frame));
    return true;
  }

  /**
   * Called when `host` no longer answers other requests: a frozen node never closes its sockets.
   */
  suspect(host) {
    if (this.host === host) this.#lost('It stopped answering.');
  }

  /** Tries at once instead of waiting out the delay, for example when the network is back. */
  hurry() {
    if (!this.#waiting || this.#user === null) return;
    clearTimeout(this.#timer);
    this.#open();
  }

  #open() {
    const hosts = candidates(this.#last, ...this.#hosts());
    const host = hosts[this.#attempt % hosts.length];
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
    const socket = new WebSocket(`${scheme}://${host}/ws`);
    this.#waiting = false;
    this.#socket = socket;
    this.#onState({phase: 'connecting', host});
    this.#timer = setTimeout(() => this.#lost('It did not answer in time.'), openTimeoutMs);
    socket.onopen = () => socket.send(JSON.stringify({op: 'hello', user: this.#user}));
    socket.onmessage = (event) => this.#received(host, event.data);
    socket.onclose = (event) => this.#lost(reasonOf(event.code));
  }

  #received(host, data) {
    const frame = parse(data);
    if (frame === null) return;
    if (this.#ready) {
      this.#onFrame(frame);
    } else if (frame.ev === 'welcome') {
      clearTimeout(this.#timer);
      this.#ready = true;
      this.#attempt = 0;
      this.#last = host;
      this.#onState({phase: 'connected', host, node: frame.node});
    } else if (frame.ev === 'error') {
      this.#refused(frame);
    }
  }

  #refused(frame) {
    if (['unavailable', 'overloaded', 'timeout'].includes(frame.code)) {
      this.#lost(frame.message);
      return;
    }
    this.stop();
    this.#onState({phase: 'refused', reason: frame.message});
  }

  #lost(reason) {
    const host = this.#ready ? this.#last : null;
    this.#forget();
    const delay = backoff(this.#attempt, candidates(this.#last, ...this.#hosts()).length);
    this.#attempt += 1;
    this.#waiting = true;
    this.#timer = setTimeout(() => this.#open(), delay);
    this.#onState({phase: 'lost', host, reason});
  }

  #forget() {
    clearTimeout(this.#timer);
    this.#waiting = false;
    this.#ready = false;
    if (this.#socket === null) return;
    this.#socket.onopen = this.#socket.onmessage = this.#socket.onclose = null;
    this.#socket.close();
    this.#socket = null;
  }
}

function reasonOf(code) {
  return code === 1013 ? 'This page could not keep up with its messages.' : 'The connection broke.';
}

function parse(data) {
  try {
    return JSON.parse(data);
  } catch {
    return null;
  }
}
