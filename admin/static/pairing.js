// Looks again every two seconds until the pairing is over; without this, there is a link that does.
const now = document.getElementById('now');
const stage = () => now.querySelector('[data-stage]').dataset.stage;
const over = new Set(['none', 'paired', 'refused']);

async function look() {
  try {
    const answer = await fetch(now.dataset.now, { headers: { 'X-Requested-With': 'pairing' } });
    if (answer.redirected || !answer.ok) return location.reload();
    const came = document.createElement('template');
    came.innerHTML = await answer.text();
    // Only what is new is put in place, so that a button somebody is about to press stays where it is.
    if (came.content.querySelector('[data-stage]').dataset.stage !== stage()) now.replaceChildren(came.content);
  } catch { /* the console is away for a moment */ }
  if (!over.has(stage())) setTimeout(look, 2000);
}
if (!over.has(stage())) setTimeout(look, 2000);
