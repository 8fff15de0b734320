// Small helpers for making and changing elements.

/**
 * Makes an element. Properties that begin with "on" are listeners, "class" and those with a dash are
 * attributes, and all others are properties.
 * @param {string} tag
 * @param {Object<string, any>} [props]
 * @param {...(Node|string|null|undefined|false)} children
 * @returns {any}
 */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (name === 'class' || name === 'for' || name === 'role' || name.includes('-')) {
      element.setAttribute(name, value === true ? '' : String(value));
    } else element[name] = value;
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** Icons as paths in a box of 24. */
const PATHS = {
  play: 'M8 5.2v13.6a.8.8 0 0 0 1.2.7l11-6.8a.8.8 0 0 0 0-1.4l-11-6.8A.8.8 0 0 0 8 5.2z',
  pause: 'M7 5h3.4v14H7zM13.6 5H17v14h-3.4z',
  start: 'M6 5h2.6v14H6zM19 5.6v12.8a.6.6 0 0 1-1 .5l-8.4-6.4a.6.6 0 0 1 0-1L18 5.100a.6.6 0 0 1 1 .5z',
  loop: 'M7 7h9V4l5 4.500-5 4.500v-3H9v3.500H7zM17 17H8v3l-5-4.500L8 11v3h7v-3.500h2z',
  line: 'M4.500 20a2 2 0 1 1 1.800-2.900c3.300-.2 4.200-2 5-5.200.9-3.600 2.200-6.900 7.200-7.200V2l4 3.500-4 3.500V6.700c-3.400.3-4.300 2.400-5.200 5.800-.9 3.600-2.200 6.400-7 6.600A2 2 0 0 1 4.500 20z',
  near: 'M12 9.500a2.500 2.500 0 1 1 0 5 2.500 2.500 0 0 1 0-5zM5 4a2 2 0 1 1 0 4 2 2 0 0 1 0-4zm14 1a2 2 0 1 1 0 4 2 2 0 0 1 0-4zM6 16a2 2 0 1 1 0 4 2 2 0 0 1 0-4zm12 0a2 2 0 1 1 0 4 2 2 0 0 1 0-4z',
  swap: 'M8 4 3 9l5 5v-3.500h8v-3H8zM16 10v3.500H8v3h8V20l5-5z',
  undo: 'M9 5 3.500 10.500 9 16v-3.800h5.500a3.400 3.400 0 0 1 0 6.800H8v2.500h6.500a5.900 5.900 0 0 0 0-11.800H9z',
  redo: 'M15 5l5.500 5.500L15 16v-3.800H9.500a3.400 3.400 0 0 0 0 6.800H16v2.500H9.500a5.900 5.900 0 0 1 0-11.800H15z',
  save: 'M11 4h2v8.200l3-3 1.400 1.400L12 16l-5.400-5.400L8 9.200l3 3zM5 18h14v2H5z',
  copy: 'M9 4h9a2 2 0 0 1 2 2v10h-2V6H9zM5 8h9a1.500 1.500 0 0 1 1.500 1.500v9A1.500 1.500 0 0 1 14 20H5.500A1.500 1.500 0 0 1 4 18.500v-9A1.500 1.500 0 0 1 5 8zm1 2v8h7.500v-8z',
  check: 'M9.500 16.200 5.300 12l-1.500 1.500 5.700 5.700L20.200 8.500 18.700 7z',
  sun: 'M12 7.500a4.500 4.500 0 1 1 0 9 4.500 4.500 0 0 1 0-9zM11 2h2v3h-2zM11 19h2v3h-2zM2 11h3v2H2zM19 11h3v2h-3zM4.200 5.600l1.400-1.400 2.100 2.100-1.400 1.400zM16.300 17.700l1.400-1.400 2.100 2.100-1.400 1.400zM4.200 18.400l2.100-2.100 1.400 1.400-2.100 2.100zM16.300 6.300l2.100-2.100 1.400 1.400-2.100 2.100z',
  moon: 'M20 14.300A8.300 8.300 0 0 1 9.700 4a8.300 8.300 0 1 0 10.300 10.300z',
  keys: 'M4 6h16a1.500 1.500 0 0 1 1.500 1.500v9A1.500 1.500 0 0 1 20 18H4a1.500 1.500 0 0 1-1.500-1.500v-9A1.500 1.500 0 0 1 4 6zm.5 2v8h15V8zM6 9.500h2v2H6zm3.300 0h2v2h-2zm3.400 0h2v2h-2zm3.300 0h2v2h-2zM8 13h8v2H8z',
  plus: 'M11 4h2v7h7v2h-7v7h-2v-7H4v-2h7z',
  minus: 'M4 11h16v2H4z',
  fit: 'M4 5h2v14H4zM18 5h2v14h-2zM7.500 12l3.500-3.500V11h2V8.500l3.500 3.500-3.500 3.500V13h-2v2.500z',
  close: 'M6.400 5 12 10.600 17.600 5 19 6.400 13.400 12l5.600 5.600-1.400 1.400-5.600-5.600L6.400 19 5 17.600l5.600-5.600L5 6.400z',
  dice: 'M5 4h14a1 1 0 0 1 1 1v14a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1zm3 3a1.500 1.500 0 1 0 0 3 1.500 1.500 0 0 0 0-3zm8 0a1.500 1.500 0 1 0 0 3 1.500 1.500 0 0 0 0-3zm-4 3.500a1.500 1.500 0 1 0 0 3 1.500 1.500 0 0 0 0-3zM8 14a1.500 1.500 0 1 0 0 3 1.500 1.500 0 0 0 0-3zm8 0a1.500 1.500 0 1 0 0 3 1.500 1.500 0 0 0 0-3z',
  volume: 'M4 9.500h3.500L12 5.500v13l-4.500-4H4zM14.500 8.300a5 5 0 0 1 0 7.400l1.200 1.400a7 7 0 0 0 0-10.200z',
  open: 'M4 6a1.500 1.500 0 0 1 1.500-1.500H10l2 2.500h6.500A1.500 1.500 0 0 1 20 8.500v9a1.500 1.500 0 0 1-1.500 1.500h-13A1.500 1.500 0 0 1 4 17.500z',
};

/** @param {keyof typeof PATHS} name */
export function icon(name) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  path.setAttribute('d', PATHS[name]);
  svg.append(path);
  return svg;
}

/** A button with an icon, and a text that is seen, or only heard. */
export function button(label, {iconName, onclick, kind = '', hidden = false, title, ...rest} = {}) {
  return h('button', {
    type: 'button', class: `button ${kind}`.trim(), onclick, title: title ?? (hidden ? label : undefined),
    'aria-label': hidden ? label : undefined, ...rest,
  }, iconName && icon(iconName), !hidden && h('span', {}, label));
}

let toastTimer = 0;

/** Says something for a while. */
export function toast(text, kind = '') {
  const place = document.getElementById('toasts');
  place.replaceChildren(h('p', {class: `toast ${kind}`}, text));
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => place.replaceChildren(), kind === 'bad' ? 9000 : 4200);
}

/** Lets `work` run once, when nothing has asked for it for so many milliseconds. */
export function later(work, milliseconds) {
  let timer = 0;
  return (...values) => {
    clearTimeout(timer);
    timer = setTimeout(() => work(...values), milliseconds);
  };
}
