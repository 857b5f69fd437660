// Starts chat_node processes for a test, and stops every one of them again.
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {join} from 'node:path';
import {createInterface} from 'node:readline';

const startTimeoutMs = 20_000;
const stopTimeoutMs = 5_000;
const outputKept = 100;

export class Nodes {
  #binary;
  #folder;
  #running = new Map();

  constructor(binary, folder) {
    this.#binary = binary;
    this.#folder = folder;
  }

  /**
   * Starts a node and resolves with its address once it says that it is a member of the cluster.
   */
  async start(name) {
    const settings = [
      `node.name=${name}`,
      'node.listen=127.0.0.1:0',
      'cluster.store=sqlite',
      `cluster.path=${join(this.#folder, 'c.db')}`,
      'cluster.lease=2s',
    ];
    const flags = settings.flatMap((setting) => ['--set', setting]);
    const child = spawn(this.#binary, ['--http', '127.0.0.1:0', '--allow-crash', ...flags], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const node = {name, child, output: []};
    this.#running.set(name, node);
    keep(node, child.stderr);
    const ready = new RegExp(`^chat_node ${name} ready http=(\\S+)$`);
    node.http = await within(
      startTimeoutMs,
      `${name} to become ready`,
      new Promise((resolve, reject) => {
        keep(node, child.stdout, (line) => ready.test(line) && resolve(ready.exec(line)[1]));
        child.once('error', reject);
        child.once('exit', (code) =>
          reject(new Error(`${name} ended with ${code} before it was ready`)),
        );
      }),
    ).catch((error) => {
      throw new Error(`${error.message}\n${node.output.join('\n')}`);
    });
    return node;
  }

  /** Ends a node as a power cut would. */
  async kill(name) {
    const {child} = this.#running.get(name);
    this.#running.delete(name);
    await end(child, 'SIGKILL');
  }

  async stopAll() {
    const children = [...this.#running.values()].map((node) => node.child);
    this.#running.clear();
    await Promise.all(children.map((child) => end(child, 'SIGKILL')));
  }

  /** The last lines that the nodes still running have written, to be shown when a test fails. */
  output() {
    return [...this.#running.values()]
      .map((node) => `--- ${node.name}\n${node.output.join('\n')}`)
      .join('\n');
  }
}

/** The promise, or an error that says what was waited for. */
export async function within(ms, what, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`waited ${ms} ms for ${what}`)), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Asks again every 100 ms until the answer is neither false nor nothing. */
export async function until(ms, what, question) {
  const end = Date.now() + ms;
  for (;;) {
    const answer = await question();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`waited ${ms} ms for ${what}`);
    await new Promise((wake) => setTimeout(wake, 100));
  }
}

function keep(node, stream, onLine = () => {}) {
  createInterface({input: stream}).on('line', (line) => {
    node.output.push(line);
    if (node.output.length > outputKept) node.output.shift();
    onLine(line);
  });
}

async function end(child, signal) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill(signal);
  await within(stopTimeoutMs, `process ${child.pid} to end`, gone);
}
