// The messages of one channel: pure rules for order, gaps, and a channel that began anew.
//
// A channel that begins anew, alone or with its guild, counts from 1 again, so a message is found
// by its `life` (how often this page saw the channel begin) and its `seq`.

export const messagesKept = 500;

export function newChannel(name) {
  const nothing = {messages: [], pending: [], unread: 0, loading: false, gone: false, floor: 0};
  return {name, ...nothing, life: 0, begun: new Map()};
}

const same = (a, b) => a.seq === b.seq && a.at === b.at && a.user === b.user && a.text === b.text;
const ofItsLife = (channel) =>
  channel.messages.filter((message) => message.life === channel.life);

/**
 * What comes from now on is of a new life. `why`: 'crashed' alone, or with its guild, which was
 * 'restarted' or 'moved'; or 'unknown'.
 */
export function beginAnew(channel, why) {
  channel.life += 1;
  channel.floor = 0;
  const oldest = channel.messages[0]?.life ?? channel.life;
  for (const life of channel.begun.keys()) if (life < oldest) channel.begun.delete(life);
  channel.begun.set(channel.life, why);
}

/**
 * Whether `history`, which came with a `joined`, belongs to a later life of the guild than what is
 * known. One message that agrees proves that it is the same life, one that disagrees the contrary.
 * Without either, a `joined` that nobody asked for means a new life, and so does a history shorter
 * than what is known.
 */
export function startedAnew(guild, history, asked) {
  let known = 0;
  let shorter = false;
  for (const channel of guild.channels.values()) {
    const messages = ofItsLife(channel);
    if (messages.length === 0) continue;
    known += messages.length;
    const bySeq = new Map(messages.map((message) => [message.seq, message]));
    const theirs = history.filter((message) => message.channel === channel.name);
    for (const message of theirs) {
      const mine = bySeq.get(message.seq);
      if (mine) return !same(mine, message);
    }
    if (theirs.length > 0 && theirs.at(-1).seq < messages.at(-1).seq) shorter = true;
  }
  if (known === 0) return false;
  return !asked || shorter || history.length === 0;
}

/** Adds what is missing, in order; gives back what was added. */
export function mergeHistory(channel, messages) {
  const known = new Set(ofItsLife(channel).map((message) => message.seq));
  const added = messages
    .filter((message) => !known.has(message.seq))
    .map((message) => entry(message, channel.life));
  if (added.length === 0) return added;
  channel.messages.push(...added);
  channel.messages.sort((a, b) => a.life - b.life || a.seq - b.seq);
  return added;
}

/** Appends a message that was just said; null when it is known already. */
export function addMessage(channel, frame) {
  const known = ofItsLife(channel);
  const twin = known.find((message) => message.seq === frame.seq);
  if (twin && same(twin, frame)) return null;
  if (known.length > 0 && frame.seq <= known.at(-1).seq) beginAnew(channel, 'unknown');
  const message = entry(frame, channel.life);
  channel.messages.push(message);
  if (channel.messages.length > messagesKept) {
    channel.messages.splice(0, channel.messages.length - messagesKept);
  }
  return message;
}

/** An own message has come back: it takes the place, and the key, of what was shown until now. */
export function settle(channel, message) {
  const bySeq = channel.pending.findIndex((pending) => pending.seq === message.seq);
  const byText = channel.pending.findIndex(
    (pending) => pending.seq === null && pending.text === message.text && pending.id !== null,
  );
  const index = bySeq >= 0 ? bySeq : byText;
  if (index < 0) return;
  message.key = channel.pending[index].key;
  channel.pending.splice(index, 1);
}

/** Where messages are missing: from the `seq` after the hole to the number of messages in it. */
export function findGaps(channel) {
  const gaps = new Map();
  const life = channel.messages.at(-1)?.life;
  let expected = 1;
  for (const message of channel.messages) {
    if (message.life !== life) continue;
    if (message.seq > Math.max(expected, channel.floor))
      gaps.set(message.seq, message.seq - expected);
    expected = message.seq + 1;
  }
  return gaps;
}

function entry(message, life) {
  const {seq, user, text, at} = message;
  return {key: `${life}:${seq}`, life, seq, user, text, at};
}
