// What the page does beside htmx: the clock ticks, ids light up, texts are copied, the form shows the fields of a kind.
'use strict';

const byId = id => document.getElementById(id);

// The clock runs on between two answers of the stub, which says when it was what time.
let known = {};
function readClock() {
  const time = document.querySelector('#clock time');
  if (time && time.dateTime !== known.text) known = {text: time.dateTime, at: Date.parse(time.dateTime), since: performance.now()};
}
function tick() {
  readClock();
  const time = document.querySelector('#clock time');
  if (!time) return;
  const now = new Date(known.at + (time.dataset.runs === 'true' ? performance.now() - known.since : 0));
  const day = now.toLocaleDateString('en-GB', {timeZone: 'UTC', weekday: 'short', day: 'numeric', month: 'short', year: 'numeric'}).replace(',', '');
  time.querySelector('b').textContent = now.toISOString().slice(11, 19);
  time.querySelector('span').textContent = day;
}
setInterval(tick, 250);

// What the clock alone changes, orders and the time that carts have left, is asked for now and then while somebody looks.
let asked = 0;
setInterval(() => {
  const pause = document.querySelector('#state [data-waiting]') ? 2000 : 20000;
  if (document.hidden || performance.now() - asked < pause) return;
  asked = performance.now();
  byId('state').dispatchEvent(new Event('later'));
}, 500);

// Whether the stream of events is there.
function live(is, text) {
  byId('live').classList.toggle('on', is);
  byId('live').firstElementChild.textContent = text;
}
addEventListener('htmx:sse:after:connection', () => live(true, 'live'));
for (const name of ['htmx:sse:before:connection', 'htmx:sse:error', 'htmx:sse:close']) addEventListener(name, () => live(false, 'not connected'));

// Requests with one id light up together.
function lightUp(event) {
  const same = event.target.closest?.('tr[data-same]')?.dataset.same;
  for (const row of document.querySelectorAll('tr[data-same]')) row.classList.toggle('lit', row.dataset.same === same);
}
addEventListener('mouseover', lightUp);
addEventListener('focusin', lightUp);

async function copy(button) {
  const text = byId(button.dataset.copies);
  try {
    await navigator.clipboard.writeText(text.textContent);
  } catch { // the page is not from this machine, or the browser does not let it
    getSelection().selectAllChildren(text);
    document.execCommand('copy');
  }
  const was = button.textContent;
  button.textContent = 'Copied';
  setTimeout(() => { button.textContent = was; }, 1500);
}

function closeDetail() {
  const open = document.querySelector('tr.open a');
  byId('detail').replaceChildren();
  markOpen();
  open?.focus();
}

// The row of the request that is shown stands out.
function markOpen() {
  const shown = byId('detail').querySelector('[data-id]')?.dataset.id;
  for (const row of document.querySelectorAll('tr.request')) row.classList.toggle('open', row.id === 'request-' + shown);
}
addEventListener('htmx:after:swap', event => {
  markOpen();
  if (event.target === byId('detail') || event.detail?.ctx?.target === byId('detail')) byId('detail').focus();
});

addEventListener('click', event => {
  const at = selector => event.target.closest(selector);
  if (at('[data-copies]')) copy(at('[data-copies]'));
  if (at('[data-opens]')) byId(at('[data-opens]').dataset.opens).showModal();
  if (at('[data-cancels]')) at('dialog').close();
  if (at('[data-closes-detail]') && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    closeDetail();
  }
});
addEventListener('submit', event => event.target.matches('[data-closes]') && event.target.closest('dialog').close());

addEventListener('keydown', event => {
  if (event.key === 'Escape' && byId('detail').firstElementChild && !document.querySelector('dialog[open]')) closeDetail();
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
  const links = [...document.querySelectorAll('#journal .operation a')];
  const next = links[links.indexOf(document.activeElement) + (event.key === 'ArrowDown' ? 1 : -1)];
  if (!links.includes(document.activeElement) || !next) return;
  event.preventDefault();
  next.focus();
});

// The form shows the fields that the chosen kind has; the others are not sent.
function fitForm() {
  const arm = byId('arm');
  const name = arm.querySelector('[name=kind]').value;
  const kind = [...arm.querySelectorAll('data.kind')].find(k => k.value === name);
  for (const text of arm.querySelectorAll('[data-kinds]')) text.hidden = text.dataset.kinds !== name;
  for (const field of arm.querySelectorAll('[data-field]')) {
    field.hidden = !kind.dataset.also.split(' ').includes(field.dataset.field);
    field.querySelector('input, select').disabled = field.hidden;
  }
  arm.querySelector('[name=code]').placeholder = kind.dataset.code;
  arm.querySelector('[name=count]').disabled = arm.querySelector('[name=always]').checked;
}
addEventListener('change', event => event.target.closest('#arm') && fitForm());
fitForm();
tick();
markOpen();
