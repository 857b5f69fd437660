// What outlives a reload: who one is and where, for each tab alone, so that two tabs can be two
// people.

const key = 'troupe.chat';

/**
 * `{user, guilds: [{id, channel}], open, here}`; `here` when this tab had entered. A new tab knows
 * the last name.
 */
export function recall() {
  const mine = read(sessionStorage);
  if (mine?.user) return {guilds: [], ...mine, here: mine.here !== false};
  return {user: read(localStorage)?.user, guilds: [], open: null, here: false};
}

export function remember({user, guilds, open}) {
  write(sessionStorage, {user, guilds, open});
  write(localStorage, {user});
}

/** The person steps out to change their name: the guilds are kept for when they come in again. */
export function forget() {
  write(sessionStorage, {...read(sessionStorage), here: false});
}

// Storage may be switched off or full: then the page forgets, and works.
function read(storage) {
  try {
    return JSON.parse(storage.getItem(key));
  } catch {
    return null;
  }
}

function write(storage, value) {
  try {
    storage.setItem(key, JSON.stringify(value));
  } catch {
    return;
  }
}
