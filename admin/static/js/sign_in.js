// Signing in without a page in between: the password stays in its field while the code is asked for.
const form = document.getElementById('sign-in');
const box = document.getElementById('refusal');
const code = form.querySelector('[data-code]');

function say(sentence, isRefusal) {
  box.querySelector('[data-sentence]').textContent = sentence;
  box.querySelector('small').hidden = !isRefusal;
  box.className = `note ${isRefusal ? 'note-late' : 'note-warn'}`;
  box.hidden = false;
}

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const button = form.querySelector('button');
  button.disabled = true;
  try {
    const response = await fetch(form.action || location.href, {
      method: 'POST', body: new FormData(form), headers: { 'X-Requested-With': 'fetch' },
    });
    const answer = await response.json();
    if (answer.next) { location.assign(answer.next); return; }
    say(answer.message, !answer.needs_totp);
    if (answer.needs_totp) {
      code.hidden = false;
      code.querySelector('input').focus();
    } else {
      form.elements.code.value = '';
      (code.hidden ? form.elements.password : form.elements.code).select();
    }
  } catch {
    say('网络不通,请检查后再试', false);
  }
  button.disabled = false;
});
