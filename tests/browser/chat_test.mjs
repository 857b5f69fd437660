// Two people on two nodes talk; a node is killed; they go on talking. Needs CHAT_NODE, the program
// to start.
import assert from 'node:assert/strict';
import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {after, afterEach, before, test} from 'node:test';
import {Nodes, until} from './nodes.mjs';
import {openBrowser, Person, phone} from './people.mjs';

const names = ['n1', 'n2', 'n3'];
const talkAgainMs = 20_000;
const leaseAndMoreMs = 20_000;
const whole = {timeout: 120_000};

let folder;
let nodes;
let addresses;
let browser;
let people = [];

before(
  async () => {
    assert.ok(process.env.CHAT_NODE, 'CHAT_NODE must name the chat_node program to test');
    folder = await mkdtemp(join(tmpdir(), 'troupe-browser-'));
    nodes = new Nodes(process.env.CHAT_NODE, folder);
    addresses = {};
    for (const name of names) addresses[name] = (await nodes.start(name)).http;
    browser = await openBrowser(folder);
  },
  {timeout: 90_000},
);

after(
  async () => {
    await browser?.close();
    await nodes?.stopAll();
    if (folder) await rm(folder, {recursive: true, force: true, maxRetries: 5});
  },
  {timeout: 30_000},
);

// A page of one test must not go on talking during the next.
afterEach(async (context) => {
  const troubles = people.flatMap((person) => person.troubles);
  const left = people;
  people = [];
  await Promise.all(left.map((person) => person.page.close()));
  assert.deepEqual(troubles, [], `errors inside the page during "${context.name}"`);
});

async function enter(name, node, guild, size) {
  const person = await Person.enter(browser, {name, address: addresses[node], guild, size});
  people.push(person);
  assert.equal(await person.connectedTo(names), node);
  await person.guildLivesOn(names);
  return person;
}

// A say that meets the move may be refused and is then offered again; a person would press the
// button.
async function saysUntilHeard(speaker, listener, text) {
  const started = Date.now();
  await speaker.say(text);
  await until(talkAgainMs, `"${text}" to be heard by ${listener.name}`, async () => {
    const retry = speaker.see('retry').first();
    if (await retry.isVisible()) await retry.click({timeout: 1000}).catch(() => {});
    const heard = listener
      .see('messages')
      .locator('li.message:not([data-status])', {hasText: text});
    return (await heard.count()) > 0;
  });
  return Date.now() - started;
}

async function cardState(person, node) {
  const states = await person
    .card(node)
    .evaluateAll((cards) => cards.map((card) => card.dataset.state));
  return states[0] ?? 'absent';
}

const inFeed = (person, words) => person.see('feed').getByText(words).first().waitFor();

test('people on two nodes talk both ways', whole, async () => {
  const ann = await enter('ann', 'n1', 'meadow');
  const bob = await enter('bob', 'n2', 'meadow');

  await ann.say('hello from n1');
  await bob.hears('ann', 'hello from n1');
  await bob.say('hello from n2');
  await ann.hears('bob', 'hello from n2');

  await ann.hears('ann', 'hello from n1');
  await ann.see('members').getByText('bob', {exact: true}).waitFor();
  await bob.see('members').getByText('ann', {exact: true}).waitFor();
  assert.equal(await ann.see('member-count').innerText(), '2');
  await ann.picture('two-people');
});

test(
  'a channel made by one is seen by the other, and what is said elsewhere counts as unread',
  whole,
  async () => {
    const ann = await enter('ann', 'n1', 'harbour');
    const bob = await enter('bob', 'n3', 'harbour');

    await ann.see('channel-input').fill('boats');
    await ann.see('channel-create').click();
    const boats = bob.page.locator('[data-channel=boats]');
    await boats.waitFor();
    await ann.page.locator('[data-channel=boats]').click();
    await ann.say('two sails');

    await boats.locator('.unread').filter({hasText: /^1$/}).waitFor();
    await boats.click();
    await bob.hears('ann', 'two sails');
    await boats.locator('.unread').waitFor({state: 'hidden'});
  },
);

const crashes = (person) => person.see('messages').locator('[data-why=crashed]');

test('a channel that is made to crash begins again alone', whole, async () => {
  const ann = await enter('ann', 'n1', 'workshop');
  const bob = await enter('bob', 'n2', 'workshop');
  await ann.see('channel-input').fill('dust');
  await ann.see('channel-create').click();
  await ann.see('open-channel').getByText('dust', {exact: true}).waitFor();
  await ann.say('in the other channel');
  await ann.hears('ann', 'in the other channel');
  await ann.page.locator('[data-channel=general]').click();
  await ann.say('before the crash');
  await bob.hears('ann', 'before the crash');

  await ann.say('/crash channel');
  for (const person of [ann, bob])
    await crashes(person).getByText('#general crashed and was restarted').waitFor();
  await bob.say('after the crash');
  await ann.hears('bob', 'after the crash');

  await ann.hears('ann', 'before the crash');
  assert.deepEqual(await ann.numbers(), ['1', '1'], 'it counts from one again');
  assert.equal(await ann.see('member-count').innerText(), '2');
  await ann.picture('after-the-crash');
  await ann.page.locator('[data-channel=dust]').click();
  await ann.hears('ann', 'in the other channel');
  await ann.say('still counting');
  await ann.hears('ann', 'still counting');
  assert.deepEqual(await ann.numbers(), ['1', '2']);
  assert.equal(await crashes(ann).count(), 0);
});

test('the tree of each node shows who was restarted', whole, async () => {
  const ann = await enter('ann', 'n1', 'foundry');
  const home = await ann.guildLivesOn(names);
  await ann.see('channel-input').fill('moulds');
  await ann.see('channel-create').click();
  await ann.page.locator('[data-channel=moulds]').waitFor();
  await ann.page.locator('[data-channel=general]').click();
  for (const name of names) {
    await ann.card(name).locator('summary', {hasText: 'Supervision'}).focus();
    await ann.page.keyboard.press('Enter');
    await ann.card(name).getByText('has not told').waitFor({state: 'hidden'});
  }
  const general = ann.inTree(home, 'foundry', 'general');
  const moulds = ann.inTree(home, 'foundry', 'moulds');
  for (const channel of [general, moulds]) {
    await channel.waitFor();
    assert.equal(await channel.locator('.tree-restarts').innerText(), '');
  }

  await ann.say('/crash channel');

  await general.filter({hasText: '1 restart'}).waitFor();
  assert.match(await general.getAttribute('class'), /changed/);
  assert.equal(await general.getAttribute('data-state'), 'running');
  assert.equal(await moulds.locator('.tree-restarts').innerText(), '');
  for (const other of names.filter((name) => name !== home))
    assert.equal(await ann.card(other).locator('[data-name=foundry]').count(), 0);
  await ann.card(home).scrollIntoViewIfNeeded();
  await ann.picture('tree');
});

test('a guild that is made to crash is entered again by itself', whole, async () => {
  const ann = await enter('ann', 'n1', 'kiln');
  const bob = await enter('bob', 'n2', 'kiln');
  await bob.say('before the crash');
  await ann.hears('bob', 'before the crash');

  const home = await ann.guildLivesOn(names);
  await ann.card(home).locator('summary', {hasText: 'Supervision'}).click();
  const guilds = ann.card(home).locator('[data-name=guild]');
  await guilds.waitFor();
  assert.equal(await guilds.locator('.tree-restarts').innerText(), '');

  await ann.say('/crash the guild');
  await ann.see('notice').getByText('Write /crash channel or /crash guild.').waitFor();
  await ann.say('/crash guild');
  for (const person of [ann, bob])
    await person.page.locator('[data-why=restarted]').getByText('The guild was restarted').waitFor();
  await guilds.filter({hasText: '1 restart'}).waitFor();
  await saysUntilHeard(bob, ann, 'after the crash');
  await ann.see('member-count').filter({hasText: /^2$/}).waitFor();
});

test('what looks like markup is shown as text', whole, async () => {
  const ann = await enter('<b>ann</b>', 'n1', 'garden');
  const bob = await enter('bob', 'n2', 'garden');
  const text = '<img src=x onerror="window.broken=1"><script>window.broken=1</script>';

  await ann.say(text);
  await bob.hears('<b>ann</b>', text);

  const elements = bob.see('messages').locator('img, script, b');
  assert.equal(await elements.count(), 0);
  assert.equal(await bob.page.evaluate(() => window.broken), undefined);
});

test('a reload keeps the name, the guild and what was said', whole, async () => {
  const ann = await enter('ann', 'n1', 'cellar');
  await ann.say('still here');
  await ann.hears('ann', 'still here');

  await ann.page.reload();

  await ann.connectedTo(['n1']);
  await ann.hears('ann', 'still here');
});

test('a phone shows one column, and everything within reach', whole, async () => {
  const ann = await enter('ann', 'n1', 'meadow', phone);
  const width = () => ann.page.evaluate(() => document.documentElement.scrollWidth);

  await ann.say('from a phone');
  await ann.hears('ann', 'from a phone');
  const box = await ann.see('message-input').boundingBox();
  assert.ok(box.y + box.height <= phone.height, 'the message line lies below the screen');
  assert.equal(await width(), phone.width);
  await ann.picture('phone-chat');

  await ann.page.getByRole('button', {name: 'Cluster', exact: true}).click();
  await ann.see('ring').waitFor();
  assert.equal(await width(), phone.width);
  await ann.picture('phone-cluster');

  await ann.page.getByRole('button', {name: /^Guilds/}).click();
  await ann.see('guild-input').waitFor();
  assert.equal(await width(), phone.width);
  await ann.picture('phone-guilds');
});

test('the ring shows the tokens of three nodes and where the guild lives', whole, async () => {
  const ann = await enter('ann', 'n1', 'lobby');
  const bands = ann.page.locator('[data-testid=ring] .ring-bands path');

  await until(10_000, 'three nodes on the ring', async () => (await bands.count()) === 3);
  const tokens = await bands.evaluateAll((paths) =>
    paths.map((path) => [path.dataset.node, path.dataset.tokens]),
  );
  assert.deepEqual(
    tokens.sort(),
    names.map((name) => [name, '150']),
  );
  for (const name of names) assert.equal(await cardState(ann, name), 'up');
  await ann.see('ring-marker').waitFor();
  const home = await ann.guildLivesOn(names);
  await ann.see('owner').getByText(`lives on ${home}`).waitFor();
});

test(
  'a killed gateway: its people find another node by themselves and go on talking',
  whole,
  async () => {
    const ann = await enter('ann', 'n1', 'lobby');
    const bob = await enter('bob', 'n2', 'lobby');
    await until(10_000, 'the other addresses', async () => (await cardState(ann, 'n3')) === 'up');
    await ann.say('before the kill');
    await bob.hears('ann', 'before the kill');

    const killed = Date.now();
    await nodes.kill('n1');
    await ann.connectedTo(['n2', 'n3']);
    console.log(`browser_reconnect_ms ${Date.now() - killed}`);

    await ann.guildLivesOn(['n2', 'n3']);
    await saysUntilHeard(ann, bob, 'after the kill');
    await saysUntilHeard(bob, ann, 'heard you');
    const talking = Date.now() - killed;
    console.log(`browser_talk_again_ms ${talking}`);
    assert.ok(talking < talkAgainMs, `they talked again only after ${talking} ms`);

    await until(
      leaseAndMoreMs,
      'the card of n1 to go',
      async () => (await cardState(bob, 'n1')) === 'absent',
    );
    await inFeed(bob, /n1 left, its shards moved to n2 and n3/);
    await ann.picture('after-the-gateway-died');
  },
);

test(
  'a killed owner: its guild is started anew elsewhere, and its people are told',
  whole,
  async () => {
    addresses.n1 = (await nodes.start('n1')).http;
    const ann = await enter('ann', 'n1', 'tower');
    const home = await ann.guildLivesOn(names);
    const others = names.filter((name) => name !== home);
    const [first, second] = others;
    const bob = await enter('bob', first, 'tower');
    const cid = await enter('cid', second, 'tower');
    await bob.say('before the owner dies');
    await cid.hears('bob', 'before the owner dies');

    const killed = Date.now();
    await nodes.kill(home);
    const after = await bob.guildLivesOn(others);
    console.log(`browser_guild_moved_ms ${Date.now() - killed}`);

    await saysUntilHeard(bob, cid, 'after the owner died');
    await saysUntilHeard(cid, bob, 'so it did');
    const talking = Date.now() - killed;
    console.log(`browser_talk_after_owner_ms ${talking}`);
    assert.ok(talking < talkAgainMs, `they talked again only after ${talking} ms`);

    await inFeed(bob, `tower now lives on ${after}`);
    await bob.hears('bob', 'before the owner dies');
    await bob.page.locator('[data-rule=anew]').waitFor();
    await bob.picture('after-the-owner-died');
  },
);
