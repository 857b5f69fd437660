// What this person knows of their guilds: channels, messages, members, unread counts.
// Frames of the server and wishes of the person go in; frames to send come out. No page in here.
import {addMessage, beginAnew, findGaps, mergeHistory, settle} from './channel.js';
import {passes, sentenceOf} from './failures.js';
import {channelOf, countMember, enter, listMembers, newGuild} from './guild.js';
import {Requests} from './requests.js';

export const limits = {textBytes: 4000, membersAsked: 100, historyAsked: 50};
const joinTimeoutMs = 5000;
const rejoinMs = 2500;

/**
 * `send(frame)` says whether the frame went out; `notice(text)` tells the person; `changed()` asks
 * for a redraw.
 */
export class Chat {
  guilds = new Map();
  user = null;
  online = false;
  #send;
  #changed;
  #notice;
  #now;
  #requests = new Requests();
  #lastKey = 0;
  #looking = () => false;

  constructor({send, changed, notice, now = Date.now, looking}) {
    this.#send = send;
    this.#changed = changed;
    this.#notice = notice;
    this.#now = now;
    this.#looking = looking;
  }

  // What the person does.

  join(id, openChannel = 'general') {
    if (this.guilds.has(id)) return this.guilds.get(id);
    const guild = newGuild(id, openChannel);
    this.guilds.set(id, guild);
    this.#askToJoin(guild);
    this.#changed();
    return guild;
  }

  leave(id) {
    if (!this.guilds.delete(id)) return;
    this.#send({op: 'leave', guild: id});
    this.#changed();
  }

  createChannel(guild, name) {
    const sent = this.#request({op: 'channel', guild: guild.id, channel: name});
    if (!sent) this.#notice('Not connected at the moment; the channel was not created.');
  }

  /** `what`: 'channel', the open one of the guild, or 'guild'. */
  crash(guild, what) {
    const which = what === 'channel' ? {channel: guild.open} : {};
    const sent = this.#request({op: 'crash', guild: guild.id, ...which});
    if (!sent) this.#notice('Not connected at the moment; nothing was made to crash.');
  }

  openChannel(guild, name) {
    guild.open = name;
    const channel = guild.channels.get(name);
    if (channel) channel.unread = 0;
    this.#changed();
  }

  say(guild, channelName, text) {
    const channel = channelOf(guild, channelName);
    const entry = {
      key: `own:${++this.#lastKey}`,
      id: null,
      text,
      at: this.#now(),
      status: 'waiting',
      reason: '',
      seq: null,
    };
    channel.pending.push(entry);
    this.#trySay(guild, channel, entry);
    this.#changed();
  }

  retry(guild, channel, entry) {
    Object.assign(entry, {status: 'waiting', reason: '', at: this.#now(), seq: null});
    this.#trySay(guild, channel, entry);
    this.#changed();
  }

  discard(channel, entry) {
    channel.pending = channel.pending.filter((other) => other !== entry);
    this.#changed();
  }

  loadBefore(guild, channel, seq) {
    const gap = findGaps(channel).get(seq) ?? limits.historyAsked;
    channel.loading = this.#request({
      op: 'history',
      guild: guild.id,
      channel: channel.name,
      last: Math.min(gap, limits.historyAsked),
      before: seq,
    });
    this.#changed();
  }

  loadMembers(guild) {
    this.#request({
      op: 'members',
      guild: guild.id,
      from: guild.users.size,
      count: limits.membersAsked,
    });
  }

  // What the connection does.

  connected() {
    this.online = true;
    this.#requests.clear();
    for (const guild of this.guilds.values()) this.#askToJoin(guild);
    this.#changed();
  }

  disconnected() {
    this.online = false;
    for (const guild of this.guilds.values()) {
      guild.state = 'joining';
      for (const channel of guild.channels.values()) channel.loading = false;
    }
    this.#changed();
  }

  receive(frame) {
    // That a channel was created is told to all alike, and settles the wish wherever it came from.
    const request = frame.ev === 'channel' ? undefined : this.#requests.take(frame.id);
    if (frame.ev === 'error') this.#failed(frame, request);
    else if (frame.ev === 'ok') this.#accepted(frame, request);
    else if (this.guilds.has(frame.guild)) this.#told(this.guilds.get(frame.guild), frame, request);
    this.#changed();
  }

  /** Once a second: nothing waits for an answer without an end. */
  tick() {
    const now = this.#now();
    for (const request of this.#requests.takeLate(now)) {
      this.#failed({code: 'timeout'}, request);
      this.#changed();
    }
    for (const guild of this.guilds.values()) {
      const late = guild.state === 'joining' && now - guild.askedAt > joinTimeoutMs;
      const again = guild.state === 'unavailable' && now > guild.again;
      if (late || again) this.#askToJoin(guild);
    }
  }

  #told(guild, frame, request) {
    switch (frame.ev) {
      case 'joined':
        return this.#joined(guild, frame);
      case 'message':
        return this.#message(guild, frame);
      case 'channel':
        return this.#channelCreated(guild, frame.channel);
      case 'restarted':
        return beginAnew(channelOf(guild, frame.channel), 'crashed');
      case 'member':
        return countMember(guild, frame);
      case 'members':
        return listMembers(guild, frame);
      case 'history':
        return this.#history(guild, frame, request);
      default:
        return undefined;
    }
  }

  #joined(guild, frame) {
    enter(guild, frame, this.user);
    for (const channel of guild.channels.values()) this.#resume(guild, channel);
    this.#request({op: 'members', guild: guild.id, from: 0, count: limits.membersAsked});
  }

  // What was never sent is sent now. What was sent without an answer is left to the person: it may
  // have arrived, and saying it again by itself could say it twice.
  #resume(guild, channel) {
    for (const entry of channel.pending) {
      if (entry.status === 'waiting') this.#trySay(guild, channel, entry);
      else if (entry.status === 'sending' && !this.#requests.has(entry.id)) {
        Object.assign(entry, {
          status: 'failed',
          reason: 'The connection broke before an answer came.',
        });
      }
    }
  }

  #message(guild, frame) {
    const channel = channelOf(guild, frame.channel);
    const message = addMessage(channel, frame);
    if (message === null) return;
    const own = frame.user === this.user;
    if (own) settle(channel, message);
    else if (!this.#looking(guild.id, channel.name)) channel.unread += 1;
  }

  #channelCreated(guild, name) {
    channelOf(guild, name).gone = false;
    const mine = this.#requests.takeAll(
      ({op, guild: id, channel}) => op === 'channel' && id === guild.id && channel === name,
    );
    if (mine.length > 0) this.openChannel(guild, name);
  }

  #history(guild, frame, request) {
    const channel = channelOf(guild, frame.channel);
    channel.loading = false;
    const added = mergeHistory(channel, frame.messages);
    // The guild keeps no more than this: the hole before that message stays.
    if (added.length === 0 && request) channel.floor = Math.max(channel.floor, request.before);
  }

  #accepted(frame, request) {
    if (request?.entry === undefined) return;
    Object.assign(request.entry, {status: 'ok', seq: frame.seq});
  }

  #failed(frame, request) {
    const guild = this.guilds.get(frame.guild ?? request?.guild);
    const words = sentenceOf(frame);
    if (request?.entry !== undefined) this.#sayFailed(guild, request, frame, words);
    else if (request?.op === 'history' && guild) channelOf(guild, request.channel).loading = false;
    else if (request?.op === 'channel')
      this.#notice(`# ${request.channel} was not created. ${words}`);
    else if (request?.op === 'crash') this.#notice(`No crash was confirmed. ${words}`);
    else if (request === undefined && guild) this.#guildFailed(guild, frame, words);
    else if (request === undefined) this.#notice(words);
  }

  #sayFailed(guild, request, frame, words) {
    if (frame.code === 'not_joined' && guild) {
      request.entry.status = 'waiting';
      this.#askToJoin(guild);
    } else if (request.entry.status === 'sending') {
      Object.assign(request.entry, {status: 'failed', reason: words});
    }
  }

  #guildFailed(guild, frame, words) {
    if (passes(frame)) {
      guild.state = 'unavailable';
      guild.again = this.#now() + rejoinMs * (0.75 + Math.random() / 2);
    } else if (guild.state === 'joining') {
      this.guilds.delete(guild.id);
      this.#notice(`${guild.id} cannot be joined. ${words}`);
    } else {
      this.#notice(words);
    }
  }

  #askToJoin(guild) {
    guild.state = 'joining';
    guild.askedAt = this.#now();
    this.#send({op: 'join', guild: guild.id});
  }

  #trySay(guild, channel, entry) {
    if (guild.state !== 'joined') return;
    const sent = this.#request(
      {op: 'say', guild: guild.id, channel: channel.name, text: entry.text},
      entry,
    );
    if (sent) entry.status = 'sending';
  }

  #request(frame, entry) {
    const id = this.#requests.add(frame, entry, this.#now());
    if (id === null) return false;
    if (entry) entry.id = id;
    if (this.#send({...frame, id})) return true;
    this.#requests.take(id);
    return false;
  }
}
