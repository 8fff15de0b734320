// The bar at the bottom: play, where the music is, loop, loudness.
import {button, h, icon} from './dom.js';
import {clock} from './music.js';
import {player} from './studio.js';

export function makeTransport(host) {
  const play = h('button', {type: 'button', class: 'play', onclick: () => player.toggle(), 'aria-keyshortcuts': 'Space'});
  const start = button('Back to the start', {iconName: 'start', hidden: true, kind: 'ghost', onclick: () => player.seek(player.region ? player.region[0] : 0)});
  const loop = button('Loop', {iconName: 'loop', hidden: true, kind: 'ghost toggle', 'aria-pressed': 'false', onclick: () => {
    player.loop = !player.loop;
    if (player.playing) player.play();
    draw();
  }});
  const title = h('strong', {class: 'now-title'});
  const time = h('span', {class: 'now-time'});
  const seek = h('input', {type: 'range', min: '0', max: '1000', value: '0', step: '1', class: 'seek', 'aria-label': 'Position',
    oninput: () => player.piece && player.seek(player.piece.tickAt((seek.value / 1000) * player.piece.seconds))});
  const volume = h('input', {type: 'range', min: '0', max: '1', step: '0.01', value: String(player.level), class: 'volume', 'aria-label': 'Loudness',
    oninput: () => player.setVolume(Number(volume.value))});
  host.append(
    h('div', {class: 'transport-buttons'}, start, play, loop),
    h('div', {class: 'now'}, h('div', {class: 'now-line'}, title, time), seek),
    h('div', {class: 'loudness'}, icon('volume'), volume));

  let shown = '';
  function drawPosition() {
    const {piece} = player;
    if (!piece) return;
    const seconds = Math.min(player.position, piece.seconds);
    const bar = piece.number(piece.barAt(player.tick));
    const text = `${clock(seconds)} / ${clock(piece.seconds)}`;
    time.textContent = piece.hasBars ? `Bar ${bar} · ${text}` : text;
    const share = piece.seconds > 0 ? seconds / piece.seconds : 0;
    if (document.activeElement !== seek || player.playing) seek.value = String(Math.round(share * 1000));
    seek.style.setProperty('--done', `${share * 100}%`);
    seek.setAttribute('aria-valuetext', time.textContent);
  }

  function draw() {
    const {piece, playing, waiting} = player;
    const state = `${playing || waiting}`;
    if (state !== shown) {
      play.replaceChildren(icon(playing || waiting ? 'pause' : 'play'));
      play.setAttribute('aria-label', playing || waiting ? 'Pause' : 'Play');
      shown = state;
    }
    play.classList.toggle('waiting', waiting && !playing);
    play.disabled = start.disabled = seek.disabled = !piece;
    loop.setAttribute('aria-pressed', String(player.loop));
    title.textContent = piece ? piece.title : 'Nothing chosen yet';
    drawPosition();
  }
  player.addEventListener('change', draw);
  player.addEventListener('frame', drawPosition);
  draw();
}
