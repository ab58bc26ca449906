// Small comforts; every page works without them.

// On a narrow screen the navigation begins shut.
const ways = document.getElementById('ways'), narrow = matchMedia('(max-width: 900px)');
const fit = () => { if (ways) ways.open = !narrow.matches; };
narrow.addEventListener('change', fit);
fit();

// One open sheet at a time; Escape shuts it and gives the focus back.
const sheets = [...document.querySelectorAll('details.confirm')];
for (const sheet of sheets) sheet.addEventListener('toggle', () => {
  if (sheet.open) sheets.forEach(other => { if (other !== sheet) other.open = false; });
});
document.addEventListener('keydown', event => {
  const open = event.key === 'Escape' && sheets.find(sheet => sheet.open);
  if (open) { open.open = false; open.querySelector('summary').focus(); }
});

// A form is sent once, however often its button is pressed.
for (const form of document.querySelectorAll('form[method="post"]:not([data-passkey], [data-file])')) {
  form.addEventListener('submit', event => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = 'yes';
  });
}
addEventListener('pageshow', () => document.querySelectorAll('form[data-sent]').forEach(form => delete form.dataset.sent));
