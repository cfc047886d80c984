// What the views are made of. Texts stay texts: nothing is ever parsed as HTML.

/** An element. Properties go by their names in the DOM; `null` among the children is left out. */
export function h(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties)
  element.append(...children.flat().filter(child => child !== null))
  return element
}

/** Shows a view in place of the last one, with the cursor where typing starts. */
export function show(...view) {
  const page = document.getElementById('page')
  page.replaceChildren(...view)
  page.querySelector('[autofocus]')?.focus()
}

/** A labelled field. */
export function field(label, properties) {
  return h('label', {}, h('span', { textContent: label }), h('input', { required: true, ...properties }))
}

/**
 * A form. `submit` gets what was typed, by name; what it throws is told below the fields. The button
 * cannot be pressed twice meanwhile.
 */
export function form({ title, text, button, submit }, ...fields) {
  const notice = h('p', { className: 'notice', role: 'alert', hidden: true })
  const action = h('button', { textContent: button })
  const onsubmit = async event => {
    event.preventDefault()
    action.disabled = true
    notice.hidden = true
    try {
      await submit(Object.fromEntries(new FormData(event.target)), event.target)
    } catch (error) {
      notice.textContent = error.message
      notice.hidden = false
    } finally {
      action.disabled = false
    }
  }
  return h('form', { onsubmit },
    h('h1', { textContent: title }),
    text ? h('p', { textContent: text }) : null,
    fields, notice, action)
}

/** A button that looks like a link. */
export const link = (textContent, onclick) =>
  h('button', { type: 'button', className: 'link', textContent, onclick })
