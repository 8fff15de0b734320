// A page that stands alone: pieces that are in it, played by a simple voice.
import {pieces} from './api.js';
import {makeListen} from './listen.js';
import {Piece} from './music.js';
import {store} from './store.js';
import {abilities, player} from './studio.js';
import {makeThemeButton} from './theme.js';
import {makeTransport} from './transport.js';
import {renderVoice} from './voice.js';

const content = JSON.parse(document.getElementById('content').textContent);
abilities.server = false;
player.source = renderVoice;

const shown = content.pieces.map((json) => {
  const piece = new Piece(json);
  pieces.set(piece.id, piece);
  return piece;
});
document.title = content.title;
document.getElementById('title').textContent = content.title;
document.getElementById('tools').append(makeThemeButton());
makeTransport(document.getElementById('transport'));
store.set({open: shown}, {undo: false});
const listen = makeListen(null);
document.getElementById('view').append(listen.element);
listen.show();
if (shown.length > 0) player.choose(shown[0]);
addEventListener('keydown', (event) => {
  if (event.key !== ' ' || event.target.closest('button, a, input')) return;
  event.preventDefault();
  player.toggle();
});
window.studio = {player, store};
