// What went wrong, in the words of the page. Pure.

const words = {
  overloaded: 'The guild has more to do than it can take. Try again in a moment.',
  unavailable: 'The guild is moving to another node. Try again in a moment.',
  timeout: 'No answer came in time; it may or may not have arrived.',
  too_long: 'That is too long: a message has room for 4000 bytes.',
  unknown_channel: 'This channel no longer exists. Create it again to go on here.',
  not_allowed: 'The node you are on was started without --allow-crash.',
};
const passing = ['unavailable', 'timeout', 'overloaded'];

/** A sentence for the person about an error of the server. */
export const sentenceOf = ({code, message}) => words[code] ?? message ?? 'Something went wrong.';

/** Whether it may go well when it is tried again in a moment. */
export const passes = ({code}) => passing.includes(code);
