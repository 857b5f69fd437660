// What one channel shows, as plain values: pure, so that the page only has to draw it.
import {findGaps} from './channel.js';

const day = new Intl.DateTimeFormat(undefined, {weekday: 'long', day: 'numeric', month: 'long'});
const sameSpeakerMs = 5 * 60 * 1000;

/**
 * What stands in the list, top to bottom: messages, holes, days, new lives, and what is still on
 * its way.
 */
export function rowsOf(channel, user) {
  const rows = [];
  const gaps = findGaps(channel);
  let before = null;
  for (const message of channel.messages) {
    const newDay = !before || day.format(before.at) !== day.format(message.at);
    if (beganAnew(channel, before, message.life)) rows.push(anew(channel, message.life));
    if (newDay)
      rows.push({
        kind: 'rule',
        rule: 'day',
        key: `day:${message.key}`,
        text: day.format(message.at),
      });
    if (message.life === channel.life && gaps.has(message.seq)) {
      const count = gaps.get(message.seq);
      rows.push({
        kind: 'gap',
        key: `gap:${message.key}`,
        seq: message.seq,
        count,
        loading: channel.loading,
      });
    }
    rows.push({kind: 'message', follows: follows(rows.at(-1), message), ...message});
    before = message;
  }
  if (beganAnew(channel, before, channel.life)) rows.push(anew(channel, channel.life));
  for (const entry of channel.pending) {
    const row = {kind: 'pending', key: entry.key, user, text: entry.text, at: entry.at, entry};
    rows.push({...row, follows: follows(rows.at(-1), row)});
  }
  return rows;
}

const said = ['message', 'pending'];
const follows = (before, row) =>
  said.includes(before?.kind) && before.user === row.user && row.at - before.at < sameSpeakerMs;

// A crash is told even where nothing was said; that a guild began anew, only below what it forgot.
const beganAnew = (channel, before, life) =>
  before ? before.life < life : channel.begun.get(life) === 'crashed';

const beginnings = {
  crashed: (name) => `#${name} crashed and was restarted. It has forgotten what was said before.`,
  restarted: () => 'The guild was restarted and has forgotten what stands above.',
  moved: () => 'The guild began anew on another node and has forgotten what stands above.',
  unknown: (name) => `#${name} began anew and has forgotten what stands above.`,
};

function anew(channel, life) {
  const why = channel.begun.get(life);
  const text = beginnings[why](channel.name);
  return {kind: 'rule', rule: 'anew', why, key: `life:${life}`, text};
}
