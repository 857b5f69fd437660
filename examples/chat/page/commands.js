// What a written line wants besides being said. Pure.

const subjects = ['channel', 'guild'];
const usage = 'Write /crash channel or /crash guild.';

/**
 * null for a line that is to be said; `{crash: 'channel' | 'guild'}`; `{wrong}`, a sentence, for
 * one that looks like a command and is none.
 */
export function commandOf(line) {
  const [word, subject, ...more] = line.split(/\s+/);
  if (word !== '/crash') return null;
  return subjects.includes(subject) && more.length === 0 ? {crash: subject} : {wrong: usage};
}
