// The kiosk's script: shows the scene the door is in, follows the face with the disc, and brings presses back.
// It keeps nothing: no storage, no cookie of its own, no request to another host.
"use strict";

const stage = document.getElementById("stage");
const camera = document.getElementById("camera");
const aloud = document.getElementById("aloud");
const LOST_AFTER_MS = 2500;
const HELD_AGAIN_MS = 10000;
let fetching = 0;
let lost = null;
let latest = null;
let drawn = null;

const one = (selector) => stage.querySelector(selector);
const all = (selector) => stage.querySelectorAll(selector);
const scene = () => one(".scene");

// --- scenes

async function show() {
  const number = ++fetching;
  const answer = await fetch("/scene").catch(() => null);
  if (number !== fetching || answer === null) return;
  if (answer.status === 403) return put(document.getElementById("ended").innerHTML);
  if (answer.ok) put(await answer.text());
}

// The same page again, as after a lost connection, is left as it is: with its tick, its digits, its seconds.
function put(html) {
  if (html === drawn) return;
  drawn = html;
  const before = scene()?.dataset.name;
  const at = document.activeElement;
  const again = at?.name === "button" ? `button[value="${at.value}"]` : "h1";
  stage.innerHTML = html;
  begin();
  const same = scene().dataset.name === before;
  if (latest && (same || String(latest.scene) === scene().dataset.scene)) follow(latest);
  else latest = null;
  if (same && one("#outcome")) tell(one("#outcome").textContent);
  (one(same ? again : "h1") ?? one("h1")).focus({ preventScroll: true });
  if (!same) window.scrollTo(0, 0);
}

function begin() {
  for (const node of all("[data-seconds]")) node.dataset.until = String(performance.now() + 1000 * Number(node.dataset.seconds));
}

function tell(words) {
  aloud.textContent = "";
  requestAnimationFrame(() => { aloud.textContent = words; });
}

// --- seconds that run down

setInterval(() => {
  for (const node of all("[data-until]")) {
    const left = Math.max(0, Math.round((Number(node.dataset.until) - performance.now()) / 1000));
    count(node, left);
    if (left === 0 && node.dataset.then === "keys") {
      delete node.dataset.until;
      node.parentElement.remove();
      for (const key of all(".key")) key.disabled = false;
      tell("The keys work again.");
    }
  }
}, 1000);

function count(node, left) {
  const words = node.dataset.more ? `${left} more second${left === 1 ? "" : "s"}` : `${left} s`;
  if (node.textContent !== words) node.textContent = words;
}

// --- what the door says

function listen() {
  const events = new EventSource("/events");
  events.addEventListener("open", () => { clearTimeout(lost); lost = null; });
  events.addEventListener("scene", show);
  events.addEventListener("camera", (event) => {
    const dot = document.createElement("span");
    dot.textContent = "camera on";
    camera.replaceChildren(...(JSON.parse(event.data).on ? [dot] : []));
  });
  events.addEventListener("disc", (event) => follow(JSON.parse(event.data)));
  events.addEventListener("error", () => {
    if (events.readyState === EventSource.CLOSED) {
      clearTimeout(lost);
      lost = null;
      show();
      setTimeout(listen, LOST_AFTER_MS);
    } else {
      lost ??= setTimeout(gone, LOST_AFTER_MS);
    }
  });
}

// Nobody answers: never leave a stale page, or somebody's PIN, on the screen.
function gone() {
  fetching++;
  camera.textContent = "";
  put(document.getElementById("lost").innerHTML);
}

function follow(disc) {
  latest = disc;
  const ring = one(".ring.follows");
  if (!ring) return;
  const seen = disc.width > 0;
  ring.classList.toggle("seen", seen);
  ring.classList.toggle("fine", disc.hint === "fine");
  if (seen) {
    // Mirrored: who steps to their left sees the disc go to their left.
    ring.style.setProperty("--x", String((500 - disc.x) / 1000));
    ring.style.setProperty("--y", String((disc.y - 500) / 1000));
    ring.style.setProperty("--w", String(Math.min(0.78, Math.max(0.14, disc.width / 620))));
  }
  const hint = one("[data-hint]");
  if (hint && hint.textContent !== disc.say) { hint.textContent = disc.say; tell(disc.say); }
  const timer = one("[data-more]");
  if (timer) { timer.dataset.until = String(performance.now() + 1000 * disc.left); count(timer, disc.left); }
}

// --- what a person does

document.addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const digits = form.id === "enter" ? one("#digits") : null;
  if (digits?.value === "") return;
  const body = new URLSearchParams(new FormData(form, event.submitter));
  if (digits) digits.value = "";
  const answer = await fetch(form.getAttribute("action"), { method: "POST", body }).catch(() => null);
  if (answer?.status === 409 || answer?.status === 403) show();
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button || button.disabled) return;
  if (button.dataset.digit) type(button.dataset.digit);
  if (button.hasAttribute("data-rub")) rub();
  if (button.hasAttribute("data-print")) window.print();
  if (button.dataset.hold) { event.preventDefault(); pressed(button); }
});

function type(digit) {
  const field = one("#digits");
  if (field && field.value.length < field.maxLength && !one(".key:disabled")) field.value += digit;
}

function rub() {
  const field = one("#digits");
  if (field) field.value = field.value.slice(0, -1);
}

document.addEventListener("keydown", (event) => {
  if (event.target.id === "digits" || event.ctrlKey || event.altKey || event.metaKey || !one("#digits")) return;
  if (/^[0-9]$/.test(event.key)) type(event.key);
  else if (event.key === "Backspace") rub();
  else if (event.key === "Enter" && !event.target.closest("button, a")) one("#enter").requestSubmit();
});

document.addEventListener("input", (event) => {
  if (event.target.id === "digits") event.target.value = event.target.value.replace(/[^0-9]/g, "");
});

// --- holding

let holding = null;
let finished = null;

function hold(button) {
  finished = null;
  if (holding || !ready(button)) return;
  button.classList.add("holding");
  holding = { button, timer: setTimeout(() => { finished = button; drop(); agree(button); }, Number(button.dataset.hold)) };
}

function drop() {
  if (!holding) return;
  clearTimeout(holding.timer);
  holding.button.classList.remove("holding");
  holding = null;
}

function ready(button) {
  const box = button.form.querySelector("[data-unticked]");
  if (!box || box.checked) return true;
  tell(box.dataset.unticked);
  box.closest(".tick").classList.add("wanted");
  box.focus();
  return false;
}

function agree(button) {
  delete button.dataset.armed;
  button.form.requestSubmit(button);
}

// A click that was not held: from a screen reader, a switch, or a finger that let go early. Twice is as good as held.
function pressed(button) {
  if (finished === button || !ready(button)) return;
  if (button.dataset.armed) return agree(button);
  button.dataset.armed = "yes";
  const words = button.querySelector("b");
  const before = words.textContent;
  words.textContent = "Press once more";
  tell(button.dataset.again);
  setTimeout(() => { delete button.dataset.armed; words.textContent = before; }, HELD_AGAIN_MS);
}

const holder = (event) => event.target.closest?.("[data-hold]");
const isKey = (event) => event.key === "Enter" || event.key === " ";

document.addEventListener("pointerdown", (event) => {
  if (holder(event)) hold(holder(event));
});
document.addEventListener("pointerup", drop);
document.addEventListener("pointercancel", drop);
window.addEventListener("blur", drop);
document.addEventListener("contextmenu", (event) => { if (holder(event)) event.preventDefault(); });
document.addEventListener("keydown", (event) => {
  if (!holder(event) || !isKey(event)) return;
  event.preventDefault();
  if (!event.repeat) hold(holder(event));
});
document.addEventListener("keyup", (event) => {
  if (!holder(event) || !isKey(event)) return;
  event.preventDefault();
  drop();
  pressed(holder(event));
});

begin();
listen();
