// What is known of one guild: pure rules for its channels and its people.
import {beginAnew, mergeHistory, newChannel, settle, startedAnew} from './channel.js';

export function newGuild(id, open) {
  const empty = {node: null, channels: new Map(), users: new Set(), total: 0};
  return {id, open, state: 'joining', askedAt: 0, again: 0, ...empty};
}

/** The channel of that name, which is new when nobody spoke of it before. */
export function channelOf(guild, name) {
  if (!guild.channels.has(name)) guild.channels.set(name, newChannel(name));
  return guild.channels.get(name);
}

/** Takes a `joined` for `user`; it replaces what was known, except for messages already seen. */
export function enter(guild, frame, user) {
  const history = frame.history ?? [];
  const asked = guild.state !== 'joined';
  if (startedAnew(guild, history, asked)) {
    const why = guild.node === frame.node ? 'restarted' : 'moved';
    for (const channel of guild.channels.values()) beginAnew(channel, why);
  }
  guild.node = frame.node;
  guild.state = 'joined';
  guild.users = new Set([user]);
  guild.total = Math.max(1, frame.members);
  for (const channel of guild.channels.values()) {
    channel.gone = !frame.channels.includes(channel.name);
  }
  for (const name of frame.channels) channelOf(guild, name);
  for (const channel of guild.channels.values()) {
    const theirs = history.filter((message) => message.channel === channel.name);
    const added = mergeHistory(channel, theirs);
    for (const message of added) if (message.user === user) settle(channel, message);
  }
  if (!guild.channels.has(guild.open)) guild.open = frame.channels[0] ?? 'general';
}

/** Somebody came or went. */
export function countMember(guild, {user, online}) {
  const known = guild.users.has(user);
  if (online && !known) guild.total += 1;
  if (!online) guild.total = Math.max(1, guild.total - 1);
  if (online) guild.users.add(user);
  else guild.users.delete(user);
}

/** A part of the list of members has come. */
export function listMembers(guild, {total, users}) {
  guild.total = total;
  for (const user of users) guild.users.add(user);
}
