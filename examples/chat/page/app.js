// Puts the page together: the person's wishes, the connection, the talk, and the picture of the
// cluster.
import {Chat, limits} from './chat.js';
import {ChatView} from './chat_view.js';
import {ClusterWatch} from './cluster.js';
import {ClusterView} from './cluster_view.js';
import {commandOf} from './commands.js';
import {candidates, Connection} from './connection.js';
import {setText} from './dom.js';
import {forget, recall, remember} from './memory.js';

const guildName = /^[A-Za-z0-9._-]{1,64}$/;
const guildRule = 'Use letters, digits, dots, dashes and underscores, 64 at most.';
const drawEveryMs = 30;
const noticeMs = 6000;

const find = (id) => document.getElementById(id);
const state = {open: null, gateway: null, drawing: null, ended: null};

const connection = new Connection({
  hosts: () => [location.host, watch.learned],
  onState: connectionChanged,
  onFrame: received,
});
const chat = new Chat({
  send: (frame) => connection.send(frame),
  changed: drawSoon,
  notice: showNotice,
  looking: (guild, channel) =>
    guild === state.open && chat.guilds.get(guild)?.open === channel && !document.hidden,
});
const watch = new ClusterWatch({
  hosts: () => candidates(connection.host, location.host, watch.learned),
  guilds: () =>
    [state.open, ...chat.guilds.keys()].filter((id, i, all) => id && all.indexOf(id) === i),
  onView: (view) => {
    if (view) clusterView.sample(view);
    drawSoon();
  },
  opened: () => clusterView.opened(),
  onEvent: (event) => clusterView.tell(event),
  onSilent: (host) => connection.suspect(host),
});
const clusterView = new ClusterView();
const chatView = new ChatView(chat, {
  open: openGuild,
  leave: leaveGuild,
  retry: (...which) => chat.retry(...which),
  discard: (_guild, ...which) => chat.discard(...which),
  loadBefore: (...which) => chat.loadBefore(...which),
  loadMembers: () => chat.loadMembers(chat.guilds.get(state.open)),
});

// What happens outside.

function connectionChanged({phase, host, node, reason}) {
  if (phase === 'connected') {
    const moved = state.gateway !== null;
    state.gateway = node;
    setStatus(phase, `connected to ${node}`);
    clusterView.tell({
      tone: 'good',
      node,
      text: moved ? `you are back, through ${node}` : `you are connected to ${node}`,
    });
    chat.connected();
  } else if (phase === 'connecting') {
    setStatus(phase, state.gateway === null ? 'connecting' : `reconnecting to ${host}`);
  } else if (phase === 'lost') {
    setStatus(phase, 'reconnecting');
    if (host !== null)
      clusterView.tell({
        tone: 'bad',
        node: state.gateway,
        text: `you lost ${state.gateway}. ${reason}`,
      });
    chat.disconnected();
  } else {
    showStart(reason);
  }
  drawSoon();
}

function received(frame) {
  chat.receive(frame);
  if (frame.ev === 'message' && frame.guild === state.open) clusterView.beat();
}

// What the person does.

function enter(user, guilds, open) {
  Object.assign(state, {open: open ?? guilds[0]?.id ?? null, gateway: null});
  chat.user = user;
  chat.guilds.clear();
  for (const guild of guilds) chat.join(guild.id, guild.channel);
  document.body.dataset.stage = 'talk';
  find('start').hidden = true;
  setText(find('me'), user);
  connection.start(user);
  save();
  drawSoon();
  if (state.open) find('message').focus();
}

function showStart(trouble) {
  connection.stop();
  state.gateway = null;
  state.open = null;
  document.body.dataset.stage = 'start';
  for (const id of ['conversation', 'nowhere']) find(id).hidden = true;
  find('start').hidden = false;
  find('name').value = recall().user ?? '';
  find('start-guild').value = location.hash.slice(1) || 'lobby';
  setStatus('idle', 'not connected yet');
  complain('start-trouble', trouble);
  showPane('chat');
  find('name').focus();
  drawSoon();
}

function openGuild(id, channel) {
  state.open = id;
  chat.openChannel(chat.guilds.get(id), channel);
  showPane('chat');
  save();
  find('log').scrollTop = find('log').scrollHeight;
}

function leaveGuild(id) {
  chat.leave(id);
  if (state.open === id) state.open = [...chat.guilds.keys()][0] ?? null;
  save();
}

function startSubmitted() {
  const user = find('name').value.trim();
  const id = find('start-guild').value.trim();
  if (user.length < 1 || [...user].length > 32)
    return complain('start-trouble', 'A name has 1 to 32 characters.', 'name');
  if (!guildName.test(id))
    return complain('start-trouble', `A guild needs a name. ${guildRule}`, 'start-guild');
  const others = recall().guilds.filter((guild) => guild.id !== id);
  return enter(user, [...others, {id, channel: 'general'}], id);
}

function joinSubmitted() {
  const id = find('join-name').value.trim();
  if (!guildName.test(id))
    return complain('rail-trouble', `A guild needs a name. ${guildRule}`, 'join-name');
  complain('rail-trouble', null);
  find('join-name').value = '';
  const guild = chat.join(id);
  return openGuild(id, guild.open);
}

function channelSubmitted() {
  const guild = chat.guilds.get(state.open);
  const name = find('channel-name').value.trim();
  if (!guild)
    return complain('rail-trouble', 'Join a guild first; a channel belongs to one.', 'join-name');
  if (!guildName.test(name))
    return complain('rail-trouble', `A channel needs a name. ${guildRule}`, 'channel-name');
  complain('rail-trouble', null);
  find('channel-name').value = '';
  return chat.createChannel(guild, name);
}

function saySubmitted() {
  const guild = chat.guilds.get(state.open);
  const text = find('message').value.trim();
  if (!guild || text === '' || bytesLeft(text) < 0) return;
  const command = commandOf(text);
  if (command?.wrong) return showNotice(command.wrong);
  if (command) chat.crash(guild, command.crash);
  else chat.say(guild, guild.open, text);
  find('message').value = '';
  written();
  find('log').scrollTop = find('log').scrollHeight;
}

// Small matters of the page.

const bytesLeft = (text) => limits.textBytes - new TextEncoder().encode(text).length;

function written() {
  const input = find('message');
  const left = bytesLeft(input.value.trim());
  input.style.height = 'auto';
  input.style.height = `${Math.min(input.scrollHeight + 2, 160)}px`;
  find('room').hidden = left > 400;
  setText(find('room'), left >= 0 ? `${left} bytes left` : `${-left} bytes too long to be sent`);
  find('room').classList.toggle('over', left < 0);
}

function complain(id, trouble, field) {
  find(id).hidden = !trouble;
  setText(find(id), trouble ?? '');
  if (field) find(field).focus();
}

function showNotice(text) {
  setText(find('notice'), text);
  find('notice').hidden = false;
  clearTimeout(state.ended);
  state.ended = setTimeout(() => {
    find('notice').hidden = true;
  }, noticeMs);
}

function setStatus(phase, text) {
  find('status').dataset.phase = phase;
  setText(find('status-text'), text);
}

function showPane(name) {
  document.body.dataset.pane = name;
  for (const tab of document.querySelectorAll('[data-show]')) {
    tab.setAttribute('aria-pressed', String(tab.dataset.show === name));
  }
}

function save() {
  const guilds = [...chat.guilds.values()].map(({id, open}) => ({id, channel: open}));
  remember({user: chat.user, guilds, open: state.open});
  if (state.open) history.replaceState(null, '', `#${state.open}`);
}

function drawSoon() {
  state.drawing ??= setTimeout(draw, drawEveryMs);
}

function draw() {
  state.drawing = null;
  if (state.open && !chat.guilds.has(state.open)) leaveGuild(state.open);
  if (document.body.dataset.stage === 'talk') chatView.draw(state.open);
  const {view, answering, places, trees} = watch;
  clusterView.draw({
    view,
    answering,
    places,
    trees,
    open: state.open,
    gateway: connection.host && state.gateway,
  });
}

function seen() {
  if (document.hidden) return;
  connection.hurry();
  const guild = chat.guilds.get(state.open);
  if (guild) chat.openChannel(guild, guild.open);
}

function listen() {
  const forms = {
    'start-form': startSubmitted,
    'join-form': joinSubmitted,
    'channel-form': channelSubmitted,
    'say-form': saySubmitted,
  };
  for (const [id, submitted] of Object.entries(forms)) {
    find(id).addEventListener('submit', (event) => {
      event.preventDefault();
      submitted();
    });
  }
  find('message').addEventListener('input', written);
  find('message').addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    saySubmitted();
  });
  find('rename').addEventListener('click', () => {
    forget();
    showStart(null);
  });
  find('to-guilds').addEventListener('click', () => {
    showPane('guilds');
    find('join-name').focus();
  });
  for (const tab of document.querySelectorAll('[data-show]')) {
    tab.addEventListener('click', () => showPane(tab.dataset.show));
  }
  document.addEventListener('visibilitychange', seen);
  addEventListener('online', () => connection.hurry());
  setInterval(() => chat.tick(), 1000);
}

listen();
showPane('chat');
const known = recall();
if (known.here) enter(known.user, known.guilds, known.open);
else showStart(null);
watch.run();
