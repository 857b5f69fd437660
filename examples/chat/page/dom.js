// Builds elements. Text only ever becomes a text node, never markup.

/** An element with attributes (class, aria-…), listeners (`on: {click}`) and children. */
export function el(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** The same for SVG. */
export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS('http://www.w3.org/2000/svg', tag), attributes, children);
}

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name === 'on') {
      for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
    } else if (value !== undefined && value !== null && value !== false) {
      node.setAttribute(name, value === true ? '' : String(value));
    }
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

/** Writes only when something changes, so that screen readers do not speak twice. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/**
 * Makes the children of `parent` those of `items`, in order. An element made before for the same
 * key is kept and passed to `update`; so focus, scroll position and live announcements survive a
 * redraw.
 */
export function reconcile(parent, items, {key, create, update = () => {}}) {
  const before = parent.keyed ?? new Map();
  const after = new Map();
  let next = parent.firstElementChild;
  for (const item of items) {
    const id = key(item);
    const node = before.get(id) ?? create(item);
    update(node, item);
    after.set(id, node);
    if (node === next) next = next.nextElementSibling;
    else parent.insertBefore(node, next);
  }
  for (const [id, node] of before) if (!after.has(id)) node.remove();
  parent.keyed = after;
}

/** Whether the person asked their system for less movement. */
export const calm = () => matchMedia('(prefers-reduced-motion: reduce)').matches;
