// The rules of the page that need no browser: order, gaps, a new life, places on the ring, sentences.
import assert from 'node:assert/strict';
import {cp, mkdtemp, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {after, before, test} from 'node:test';
import {fileURLToPath, pathToFileURL} from 'node:url';

// The page has no package.json to say that its files are modules, so they are read from a copy that has.
const page = fileURLToPath(new URL('../../examples/chat/page', import.meta.url));
let folder;
let rules = {};

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'troupe-page-'));
  await cp(page, folder, {recursive: true});
  await writeFile(join(folder, 'package.json'), '{"type": "module"}');
  for (const name of ['channel', 'chat', 'cluster', 'commands', 'connection', 'ring', 'rows', 'tree']) {
    rules = {...rules, ...(await import(pathToFileURL(join(folder, `${name}.js`)).href))};
  }
});

after(() => rm(folder, {recursive: true, force: true}));

const message = (seq, text = `text ${seq}`, user = 'bob') => ({
  channel: 'general',
  seq,
  user,
  text,
  at: 1_700_000_000_000 + seq,
});
const joined = (history) => ({
  ev: 'joined',
  guild: 'lobby',
  node: 'n1',
  channels: ['general'],
  members: 2,
  history,
});

function guildOfAnn({online = true} = {}) {
  const world = {sent: [], now: 0, online};
  const notices = [];
  const chat = new rules.Chat({
    send: (frame) => world.online && world.sent.push(frame) > 0,
    changed: () => {},
    notice: (text) => notices.push(text),
    looking: () => true,
    now: () => world.now,
  });
  chat.user = 'ann';
  const guild = chat.join('lobby');
  const said = () => world.sent.filter((frame) => frame.op === 'say');
  const texts = () => guild.channels.get('general').messages.map((each) => each.text);
  const pending = () => guild.channels.get('general').pending;
  const life = () => guild.channels.get('general').life;
  const rows = (name = 'general') => rules.rowsOf(guild.channels.get(name), 'ann');
  return {chat, guild, world, said, texts, pending, life, rows, notices};
}

test('messages stand in the order of their numbers, each once', () => {
  const {chat, texts} = guildOfAnn();
  chat.receive(joined([message(2), message(3)]));

  chat.receive({ev: 'message', guild: 'lobby', ...message(4)});
  chat.receive({ev: 'message', guild: 'lobby', ...message(4)});
  chat.receive({ev: 'history', guild: 'lobby', channel: 'general', messages: [message(1)]});

  assert.deepEqual(texts(), ['text 1', 'text 2', 'text 3', 'text 4']);
});

test('a message is shown at once and replaced by the one that comes back', () => {
  const {chat, guild, said, texts, pending} = guildOfAnn();
  chat.receive(joined([]));

  chat.say(guild, 'general', 'hi');
  assert.equal(pending()[0].status, 'sending');
  chat.receive({ev: 'ok', id: said()[0].id, seq: 1});
  assert.equal(pending()[0].status, 'ok');
  chat.receive({ev: 'message', guild: 'lobby', ...message(1, 'hi', 'ann')});

  assert.deepEqual(pending(), []);
  assert.deepEqual(texts(), ['hi']);
});

test('a message that was refused waits for the person to send it again', () => {
  const {chat, guild, said, pending} = guildOfAnn();
  chat.receive(joined([]));
  chat.say(guild, 'general', 'hi');
  const refusal = {ev: 'error', id: said()[0].id, guild: 'lobby', code: 'unavailable', message: ''};

  chat.receive(refusal);
  assert.equal(pending()[0].status, 'failed');
  chat.retry(guild, guild.channels.get('general'), pending()[0]);

  assert.equal(pending()[0].status, 'sending');
  assert.equal(said().length, 2);
});

test('what was written without a connection is sent after joining, once', () => {
  const {chat, guild, world, said} = guildOfAnn({online: false});
  chat.say(guild, 'general', 'early');
  assert.equal(said().length, 0);

  world.online = true;
  chat.connected();
  chat.receive(joined([]));
  chat.receive(joined([]));

  assert.equal(said().length, 1);
});

test('what was sent without an answer is never sent again by itself', () => {
  const {chat, guild, said, pending} = guildOfAnn();
  chat.receive(joined([]));
  chat.say(guild, 'general', 'hi');

  chat.disconnected();
  chat.connected();
  chat.receive(joined([]));

  assert.equal(said().length, 1);
  assert.equal(pending()[0].status, 'failed');
});

test('no answer for ten seconds counts as a failure', () => {
  const {chat, guild, world, pending} = guildOfAnn();
  chat.receive(joined([]));
  chat.say(guild, 'general', 'hi');

  world.now = 10_000;
  chat.tick();

  assert.equal(pending()[0].status, 'failed');
});

test('a guild that counts from one again has begun a new life, and the old messages stay', () => {
  const {chat, life, rows, texts} = guildOfAnn();
  chat.receive(joined([message(1, 'old')]));

  chat.receive(joined([]));
  assert.equal(life(), 1);
  chat.receive({ev: 'message', guild: 'lobby', ...message(1, 'new')});

  assert.equal(life(), 1);
  assert.deepEqual(texts(), ['old', 'new']);
  const kinds = rows().map((row) => row.rule ?? row.kind);
  assert.deepEqual(kinds, ['day', 'message', 'anew', 'message']);
});

test('a message with a number that was given before begins a new life by itself', () => {
  const {chat, life, texts} = guildOfAnn();
  chat.receive(joined([message(1), message(2, 'old')]));

  chat.receive({ev: 'message', guild: 'lobby', ...message(1, 'new')});
  chat.receive(joined([message(1, 'new')]));

  assert.equal(life(), 1);
  assert.deepEqual(texts(), ['text 1', 'old', 'new']);
});

const dev = (seq) => ({ev: 'message', guild: 'lobby', ...message(seq), channel: 'dev'});
const anew = (rows) => rows.filter((row) => row.rule === 'anew').map((row) => row.text);

test('a channel that crashed begins a new life alone', () => {
  const {chat, rows, texts} = guildOfAnn();
  chat.receive(joined([message(1), message(2)]));
  for (const seq of [1, 2]) chat.receive(dev(seq));

  chat.receive({ev: 'restarted', guild: 'lobby', channel: 'general'});
  assert.equal(rows().at(-1).why, 'crashed');
  chat.receive({ev: 'message', guild: 'lobby', ...message(1, 'new')});
  chat.receive(dev(3));

  assert.deepEqual(texts(), ['text 1', 'text 2', 'new']);
  assert.equal(anew(rows()).length, 1);
  assert.match(anew(rows())[0], /^#general crashed and was restarted/);
  assert.deepEqual(anew(rows('dev')), []);
  assert.equal(rows('dev').filter((row) => row.kind === 'message').length, 3);
});

test('a crash is told in a channel where nothing was said, before and after the first message', () => {
  const {chat, rows} = guildOfAnn();
  chat.receive(joined([]));

  chat.receive({ev: 'restarted', guild: 'lobby', channel: 'general'});
  assert.equal(anew(rows()).length, 1);
  chat.receive({ev: 'message', guild: 'lobby', ...message(1)});

  assert.equal(anew(rows()).length, 1);
  assert.equal(rows()[0].rule, 'anew');
});

test('a guild that began anew says whether it moved', () => {
  const {chat, rows} = guildOfAnn();
  chat.receive(joined([message(1)]));
  chat.receive(joined([]));
  assert.match(anew(rows()).at(-1), /^The guild was restarted/);

  chat.receive({ev: 'message', guild: 'lobby', ...message(1, 'new')});
  chat.receive({...joined([]), node: 'n2'});
  assert.match(anew(rows()).at(-1), /on another node/);
  assert.equal(anew(rows()).length, 2);
});

test('reasons are kept for the messages that are shown, and no longer', () => {
  const channel = rules.newChannel('general');
  for (let life = 0; life < 5; life++) {
    rules.addMessage(channel, message(1, `of life ${life}`));
    rules.beginAnew(channel, 'crashed');
  }
  assert.deepEqual([...channel.begun.keys()], [1, 2, 3, 4, 5]);

  channel.messages.splice(0, 3);
  rules.beginAnew(channel, 'crashed');
  assert.deepEqual([...channel.begun.keys()], [3, 4, 5, 6]);
});

test('a line that begins with a slash and a word of the page is a command', () => {
  const {commandOf} = rules;
  assert.deepEqual(commandOf('/crash channel'), {crash: 'channel'});
  assert.deepEqual(commandOf('/crash  guild'), {crash: 'guild'});
  for (const line of ['/crash', '/crash dev', '/crash guild now'])
    assert.match(commandOf(line).wrong, /\/crash channel or \/crash guild/);
  for (const line of ['crash channel', '/crashed guild', '/me waves', 'see /crash guild'])
    assert.equal(commandOf(line), null);
});

test('a crash is asked for by name, and a refusal is told', () => {
  const {chat, guild, world, notices} = guildOfAnn();
  chat.receive(joined([message(1)]));
  chat.crash(guild, 'channel');
  chat.crash(guild, 'guild');

  const [one, all] = world.sent.filter((frame) => frame.op === 'crash');
  assert.equal(one.channel, 'general');
  assert.equal('channel' in all, false);
  chat.receive({ev: 'error', id: one.id, guild: 'lobby', code: 'not_allowed', message: 'no'});
  assert.match(notices[0], /--allow-crash/);
  chat.receive({ev: 'crashed', id: all.id, guild: 'lobby'});
  assert.equal(notices.length, 1);
});

test('joining again through another node is not a new life', () => {
  const {chat, life, texts} = guildOfAnn();
  chat.receive(joined([message(1), message(2)]));

  chat.disconnected();
  chat.connected();
  chat.receive(joined([message(2), message(3)]));

  assert.equal(life(), 0);
  assert.deepEqual(texts(), ['text 1', 'text 2', 'text 3']);
});

test('a hole is found, and is not offered again when the guild no longer has what was in it', () => {
  const {chat, guild, world} = guildOfAnn();
  chat.receive(joined([message(8), message(9)]));
  const channel = guild.channels.get('general');
  assert.deepEqual([...rules.findGaps(channel)], [[8, 7]]);

  chat.loadBefore(guild, channel, 8);
  const {id} = world.sent.find((frame) => frame.op === 'history');
  chat.receive({ev: 'history', id, guild: 'lobby', channel: 'general', messages: []});

  assert.deepEqual([...rules.findGaps(channel)], []);
});

test('a channel keeps a bounded number of messages', () => {
  const channel = rules.newChannel('general');
  for (let seq = 1; seq <= rules.messagesKept + 10; seq++)
    rules.addMessage(channel, message(seq));

  assert.equal(channel.messages.length, rules.messagesKept);
  assert.equal(channel.messages[0].seq, 11);
});

test('a token holds what lies between its predecessor and itself, round the top of the ring', () => {
  const byNode = rules.stretches({n1: [0.25, 0.75], n2: [0.5]});

  assert.deepEqual(byNode.get('n1'), [
    [-0.25, 0.25],
    [0.5, 0.75],
  ]);
  assert.deepEqual(byNode.get('n2'), [[0.25, 0.5]]);
  assert.equal(rules.tokenAfter([0.25, 0.75], 0.3), 0.75);
  assert.equal(rules.tokenAfter([0.25, 0.75], 0.8), 1.25);
});

test('every host is tried soon, and each further round waits longer, with jitter', () => {
  const longest = (attempt) => rules.backoff(attempt, 3, () => 1);
  const shortest = (attempt) => rules.backoff(attempt, 3, () => 0);

  assert.deepEqual([0, 1, 2, 3, 6].map(longest), [300, 300, 300, 600, 1200]);
  assert.equal(longest(1000), 6000);
  for (const attempt of [0, 5, 50]) assert.ok(shortest(attempt) < longest(attempt) / 2);
  assert.deepEqual(rules.candidates('b', 'a', ['a', 'b', 'c']), ['b', 'a', 'c']);
});

const member = (name, more = {}) => ({
  name,
  state: 'up',
  incarnation: `${name}-first`,
  http: `127.0.0.1:808${name[1]}`,
  shards: 341,
  reachable: true,
  ...more,
});
const view = (epoch, ...members) => ({epoch, members});
const sentences = (a, b) => rules.changes(a, b).map((change) => change.text);

test('a dying node is told in two sentences', () => {
  const healthy = view(7, member('n1'), member('n2'), member('n3'));
  const cut = view(7, member('n1'), member('n2', {reachable: false}), member('n3'));
  const moved = view(8, member('n1', {shards: 512}), member('n3', {shards: 512}));

  assert.deepEqual(sentences(healthy, cut), ['n2 became unreachable']);
  assert.deepEqual(sentences(cut, moved), ['epoch 8: n2 left, its shards moved to n1 and n3']);
  assert.deepEqual(sentences(moved, moved), []);
});

test('shards that have nobody yet are waited for', () => {
  const three = view(7, member('n1'), member('n2'), member('n3'));
  const two = view(8, member('n1'), member('n3'));
  const moved = view(8, member('n1', {shards: 512}), member('n3', {shards: 512}));
  const more = view(9, member('n1'), member('n2'), member('n3'), member('n4', {shards: 0}));

  assert.equal(rules.awaitsOwners(three, two), true);
  assert.equal(rules.awaitsOwners(three, moved), false);
  assert.equal(rules.awaitsOwners(three, more), false);
});

test('a node that comes back is told as a new incarnation', () => {
  const without = view(8, member('n1'));
  const joining = view(8, member('n1'), member('n2', {incarnation: 'ab12cd34', state: 'joining'}));
  const up = view(9, member('n1'), member('n2', {incarnation: 'ab12cd34'}));

  assert.deepEqual(sentences(without, joining), ['n2 (incarnation ab12cd) is joining']);
  assert.deepEqual(sentences(joining, up), ['epoch 9: n2 is up and holds 341 shards']);
});

test('members that can be reached are tried first, on the machine the page came from', () => {
  const both = view(
    1,
    member('n1', {reachable: false}),
    member('n2'),
    member('n3', {state: 'gone'}),
  );

  assert.deepEqual(rules.hostsOf(both, 'box.example'), ['box.example:8082', 'box.example:8081']);
});

test('only the trees of other nodes that somebody looks at are asked for', () => {
  const seen = {...view(1, member('n1'), member('n2'), member('n3')), node: 'n1'};

  assert.deepEqual(rules.treeHosts(seen, new Set(['n1', 'n2']), 'box.example'), [
    {name: 'n2', host: 'box.example:8082'},
  ]);
  assert.deepEqual(rules.treeHosts(seen, new Set(), 'box.example'), []);
});

const lineOf = (depth, name, more = {}) => ({
  depth,
  name,
  kind: 'worker',
  restart: 'permanent',
  state: 'running',
  restarts: 0,
  ...more,
});
const workshop = (more = {}) => [
  lineOf(0, 'guild', {kind: 'entities'}),
  lineOf(1, 'workshop', {kind: 'entity'}),
  lineOf(2, 'general', more),
  lineOf(2, 'dust', {restarts: 1}),
  lineOf(1, 'kiln', {kind: 'entity'}),
  lineOf(0, 'session'),
];

test('a tree is built from lines and their depths', () => {
  const [guilds, sessions] = rules.treeOf(workshop({restarts: 2}));

  assert.deepEqual(
    guilds.children.map((node) => node.name),
    ['workshop', 'kiln'],
  );
  assert.deepEqual(
    guilds.children[0].children.map((node) => node.name),
    ['general', 'dust'],
  );
  assert.deepEqual(guilds.below, {lines: 4, restarts: 3});
  assert.equal(rules.hiddenBy(guilds), '4 below, 3 restarts');
  assert.deepEqual(sessions.children, []);
  assert.deepEqual(rules.treeOf([]), []);
});

test('namesakes have keys of their own, and depths may jump', () => {
  const tree = rules.treeOf([lineOf(0, 'a'), lineOf(0, 'a'), lineOf(3, 'b'), lineOf(1, 'b')]);

  assert.equal(new Set(rules.conditionsOf(tree).keys()).size, 4);
  assert.equal(tree[1].children.length, 2);
});

test('what changed is what was there before in another condition', () => {
  const before = rules.conditionsOf(rules.treeOf(workshop()));
  const changed = (lines) => {
    const all = (nodes) => nodes.flatMap((node) => [node, ...all(node.children)]);
    return all(rules.treeOf(lines))
      .filter((node) => rules.changedSince(before, node))
      .map((node) => node.name);
  };

  assert.deepEqual(changed(workshop()), []);
  assert.deepEqual(changed(workshop({restarts: 1})), ['general']);
  assert.deepEqual(changed(workshop({state: 'restarting'})), ['general']);
  assert.deepEqual(changed([...workshop(), lineOf(0, 'new')]), [], 'it was not there before');
});

test('long branches fold, and say what they hide', () => {
  const guilds = (count) => [
    lineOf(0, 'guild'),
    ...Array.from({length: count}, (_, i) => lineOf(1, `g${i}`)),
  ];

  assert.equal(rules.folded(rules.treeOf(guilds(12))[0]), false);
  assert.equal(rules.folded(rules.treeOf(guilds(13))[0]), true);
  assert.equal(rules.hiddenBy(rules.treeOf(guilds(13))[0]), '13 below');
  assert.equal(rules.sumOf(guilds(12), 0), '13');
  assert.equal(rules.sumOf([lineOf(0, 'g', {restarts: 1})], 4), '5 · 1 restart');
});
