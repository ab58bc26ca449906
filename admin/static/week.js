// The week as a grid of half hours over the seven typed lines, which stay the truth: every stroke is written into them.

const STEP = 30, DAY = 1440, COLUMNS = DAY / STEP;
const NAMES = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];
const grid = document.getElementById('week'), said = document.getElementById('week-said');
const fields = NAMES.map((_, day) => document.getElementById(`day${day}`));
const tall = matchMedia('(max-width: 640px)');
let minutes = NAMES.map(() => new Uint8Array(DAY)), rows = [], at = { day: 0, column: 16 };

const clock = minute => `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
const share = (day, column) => minutes[day].subarray(column * STEP, (column + 1) * STEP).reduce((sum, one) => sum + one, 0) / STEP;

/* Typed lines to minutes, and back. */

function read() {
  const found = NAMES.map(() => new Uint8Array(DAY));
  for (const [day, field] of fields.entries()) {
    for (const piece of field.value.split(/[,;]/).map(part => part.trim()).filter(Boolean)) {
      const match = /^(\d{1,2})(?:[:.](\d{2}))?\s*(?:-|–|to)\s*(\d{1,2})(?:[:.](\d{2}))?$/.exec(piece);
      if (!match) return null;
      const [begins, ends] = [match[1] * 60 + Number(match[2] ?? 0), match[3] * 60 + Number(match[4] ?? 0)];
      if (begins >= DAY || ends > DAY || begins === ends) return null;
      if (begins < ends) found[day].fill(1, begins, ends);
      else { found[day].fill(1, begins); found[(day + 1) % 7].fill(1, 0, ends); }
    }
  }
  return found;
}

function write(day) {
  const spans = [];
  for (let minute = 0; minute <= DAY; minute++) {
    const is = minute < DAY && minutes[day][minute], was = minute > 0 && minutes[day][minute - 1];
    if (is && !was) spans.push([minute]);
    if (!is && was) spans.at(-1).push(minute);
  }
  fields[day].value = spans.map(([begins, ends]) => `${clock(begins)}-${clock(ends)}`).join(', ');
}

/* The picture. */

function build() {
  grid.setAttribute('role', 'grid');
  grid.setAttribute('aria-label', 'The week in half hours');
  grid.setAttribute('aria-multiselectable', 'true');
  const scale = document.createElement('div');
  scale.className = 'scale';
  scale.setAttribute('aria-hidden', 'true');
  for (let hour = 0; hour <= 24; hour += 3) scale.append(Object.assign(document.createElement('span'), { textContent: hour }));
  grid.append(scale);
  rows = NAMES.map((name, day) => {
    const row = document.createElement('div'), head = document.createElement('div');
    row.setAttribute('role', 'row');
    row.className = 'row-of-day';
    head.setAttribute('role', 'rowheader');
    head.setAttribute('aria-label', name);
    head.textContent = name.slice(0, 3);
    row.append(head);
    const cells = Array.from({ length: COLUMNS }, (_, column) => {
      const cell = document.createElement('div');
      cell.setAttribute('role', 'gridcell');
      cell.dataset.day = day;
      cell.dataset.column = column;
      cell.tabIndex = -1;
      row.append(cell);
      return cell;
    });
    grid.append(row);
    return cells;
  });
  grid.hidden = false;
}

function draw() {
  for (const [day, cells] of rows.entries()) for (const [column, cell] of cells.entries()) {
    const open = share(day, column);
    cell.className = open === 1 ? 'open' : open > 0 ? 'part' : '';
    cell.setAttribute('aria-selected', open > 0);
    cell.setAttribute('aria-label', `${NAMES[day]} ${clock(column * STEP)} ${open === 1 ? 'open' : open > 0 ? 'partly open' : 'closed'}`);
    cell.tabIndex = day === at.day && column === at.column ? 0 : -1;
  }
}

function paint(day, column, open) {
  minutes[day].fill(open ? 1 : 0, column * STEP, (column + 1) * STEP);
  write(day);
}

/* Dragging: everything between where it began and where the pointer is, over what was there before. */

let stroke = null;

function under(event) {
  const cell = document.elementFromPoint(event.clientX, event.clientY)?.closest?.('[role="gridcell"]');
  return cell && grid.contains(cell) ? { day: Number(cell.dataset.day), column: Number(cell.dataset.column) } : null;
}

function drag(to) {
  minutes = stroke.before.map(day => day.slice());
  const [firstDay, lastDay] = [stroke.from.day, to.day].sort((a, b) => a - b);
  const [first, last] = [stroke.from.column, to.column].sort((a, b) => a - b);
  for (let day = firstDay; day <= lastDay; day++) for (let column = first; column <= last; column++) paint(day, column, stroke.open);
  for (let day = 0; day < 7; day++) write(day);
  at = to;
  draw();
}

grid.addEventListener('pointerdown', event => {
  const from = under(event);
  if (!from || event.button) return;
  event.preventDefault();
  stroke = { from, open: share(from.day, from.column) < 1, before: minutes };
  grid.setPointerCapture(event.pointerId);
  drag(from);
});
grid.addEventListener('pointermove', event => {
  const to = stroke && under(event);
  if (to && (to.day !== at.day || to.column !== at.column)) drag(to);
});
grid.addEventListener('pointerup', () => { if (stroke) tell(); stroke = null; });
grid.addEventListener('pointercancel', () => { stroke = null; });

/* Keys: arrows go, Space marks or clears, Shift and arrows carry on what the cell says. */

const WAYS = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };

grid.addEventListener('keydown', event => {
  if (event.key === ' ') {
    event.preventDefault();
    paint(at.day, at.column, share(at.day, at.column) < 1);
  } else if (event.key === 'Home' || event.key === 'End') {
    event.preventDefault();
    at = { day: at.day, column: event.key === 'Home' ? 0 : COLUMNS - 1 };
  } else if (WAYS[event.key]) {
    event.preventDefault();
    // On a phone the days stand side by side, and the hours go down.
    const [days, columns] = tall.matches ? WAYS[event.key].toReversed() : WAYS[event.key];
    const open = share(at.day, at.column) === 1;
    at = { day: Math.min(6, Math.max(0, at.day + days)), column: Math.min(COLUMNS - 1, Math.max(0, at.column + columns)) };
    if (event.shiftKey) paint(at.day, at.column, open);
  } else return;
  draw();
  rows[at.day][at.column].focus();
  if (event.key === ' ' || event.shiftKey) tell();
});
grid.addEventListener('focusin', event => {
  const cell = event.target.closest('[role="gridcell"]');
  if (cell) at = { day: Number(cell.dataset.day), column: Number(cell.dataset.column) };
});

function tell() {
  said.textContent = `${NAMES[at.day]}: ${fields[at.day].value || 'closed'}`;
}

/* Typing is drawn as soon as it can be read. */

for (const field of fields) field.addEventListener('input', () => {
  const found = read();
  if (found) { minutes = found; draw(); }
});

build();
minutes = read() ?? minutes;
draw();
