// Light and dark: as the system has it, until a person chooses.
import {button, icon} from './dom.js';
import {recolour} from './roll.js';

const KEY = 'musicvae-theme';

function isDark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
}

/** A button that changes it. Where nothing may be stored, the choice holds until the page is left. */
export function makeThemeButton() {
  const theme = button('Light or dark', {iconName: 'sun', hidden: true, kind: 'ghost', onclick: () => {
    document.documentElement.dataset.theme = isDark() ? 'light' : 'dark';
    try {
      localStorage.setItem(KEY, document.documentElement.dataset.theme);
    } catch {
      return show();
    }
    show();
  }});
  const show = () => {
    theme.replaceChildren(icon(isDark() ? 'sun' : 'moon'));
    recolour();
  };
  try {
    const chosen = localStorage.getItem(KEY);
    if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen;
  } catch {
    show();
  }
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', show);
  show();
  return theme;
}
