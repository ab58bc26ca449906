// Passkeys: asks the browser, puts its answer into the form, sends the form. Without scripts the other way stays.
const bytes = text => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), c => c.charCodeAt(0));
const text = buffer => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');

function wanted(form) {
  const options = JSON.parse(form.dataset.options);
  options.challenge = bytes(options.challenge);
  for (const list of ['allowCredentials', 'excludeCredentials'])
    options[list] = (options[list] ?? []).map(one => ({ ...one, id: bytes(one.id) }));
  if (options.user) {
    options.user.id = bytes(options.user.id);
    const name = form.dataset.name && form.elements[form.dataset.name];
    if (name) options.user.name = options.user.displayName = name.value;
  }
  return { publicKey: options };
}

function told(credential) {
  const { response } = credential, said = { clientDataJSON: text(response.clientDataJSON) };
  if (response.attestationObject) {
    said.attestationObject = text(response.attestationObject);
    said.transports = response.getTransports?.() ?? [];
  } else {
    said.authenticatorData = text(response.authenticatorData);
    said.signature = text(response.signature);
    if (response.userHandle) said.userHandle = text(response.userHandle);
  }
  return JSON.stringify({
    id: credential.id, rawId: text(credential.rawId), type: credential.type, response: said,
    clientExtensionResults: credential.getClientExtensionResults(),
  });
}

for (const form of document.querySelectorAll('form[data-passkey]')) {
  const said = form.querySelector('[data-said]');
  if (!window.PublicKeyCredential) {
    form.querySelector('button').disabled = true;
    said.textContent = 'This browser has no passkeys, or does not trust this address.';
    continue;
  }
  form.addEventListener('submit', async event => {
    event.preventDefault();
    said.textContent = '';
    try {
      const credential = await navigator.credentials[form.dataset.passkey](wanted(form));
      form.elements[form.dataset.into].value = told(credential);
      form.submit();
    } catch {
      said.textContent = 'Your device gave no passkey. Nothing was sent; you can try again.';
    }
  });
}
