/**
 * The script of the page at `/api-docs`. What comes from the description or an answer only ever
 * becomes text: nothing of it is parsed as HTML.
 */
export const script = String.raw`'use strict';

/** An element with attributes and children; texts become text nodes. */
function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** The request schema as rows: name, type, whether it is required, default, description. */
function fieldsOf(root, schemas) {
  const deepest = 4;

  function resolve(schema) {
    const name = /^#\/components\/schemas\/(.+)$/.exec(schema.$ref || '');
    return name ? schemas[name[1]] : schema;
  }

  /** The forms that a value can have, without null. */
  function formsOf(schema) {
    const { anyOf, oneOf, ...rest } = resolve(schema);
    const forms = anyOf || oneOf;
    if (forms) return forms.flatMap(formsOf);
    if (Array.isArray(rest.type)) {
      return rest.type.filter((type) => type !== 'null').map((type) => ({ ...rest, type }));
    }
    return rest.type === 'null' ? [] : [rest];
  }

  function typeOf(form) {
    if (form.enum) return form.enum.map((value) => JSON.stringify(value)).join(' | ');
    if ('const' in form) return JSON.stringify(form.const);
    if (form.type === 'array') {
      const inner = typesOf(form.items || {});
      return (inner.includes(' | ') ? '(' + inner + ')' : inner) + '[]';
    }
    const { type = 'any', minimum, maximum } = form;
    if (minimum === undefined) return type + (maximum === undefined ? '' : ' ≤ ' + maximum);
    return type + (maximum === undefined ? ' ≥ ' + minimum : ' ' + minimum + ' to ' + maximum);
  }

  function typesOf(schema) {
    const types = [...new Set(formsOf(schema).map(typeOf))];
    return types.join(' | ') || 'any';
  }

  function descriptionOf(schema) {
    const { description, anyOf } = resolve(schema);
    return description || (anyOf && anyOf.map(descriptionOf).find(Boolean)) || '';
  }

  /** All rows below a value; the variants of an object share theirs. */
  function rowsOf(schema, prefix, depth) {
    if (depth > deepest) return [];
    const forms = formsOf(schema);
    const items = forms.flatMap((form) => (form.type === 'array' && form.items) || []);
    const objects = forms.filter((form) => form.properties);
    const keys = new Set(objects.flatMap((form) => Object.keys(form.properties)));
    const rows = [...keys].flatMap((key) => {
      const name = prefix === '' ? key : prefix + '.' + key;
      const value = eitherOf(objects.flatMap((form) => form.properties[key] || []));
      const row = {
        name,
        types: typesOf(value),
        required: objects.every((form) => (form.required || []).includes(key)),
        initial: value.default,
        description: descriptionOf(value),
      };
      return [row, ...rowsOf(value, name, depth + 1)];
    });
    return items.length === 0 ? rows : [...rows, ...rowsOf(eitherOf(items), prefix + '[]', depth)];
  }

  function eitherOf(schemas) {
    return schemas.length === 1 ? schemas[0] : { anyOf: schemas };
  }

  return rowsOf(root, '', 0);
}

function fieldTable(schema, schemas) {
  const texts = (value) => (value === undefined || value === '' ? [] : [value]);
  const rows = fieldsOf(schema, schemas).map(({ name, types, required, initial, description }) =>
    make('tr', {},
      make('td', {}, make('code', {}, name)),
      make('td', { class: 'type' }, types),
      make('td', { 'data-title': 'Required' }, ...texts(required ? 'yes' : '')),
      make('td', { 'data-title': 'Default' }, ...texts(JSON.stringify(initial))),
      make('td', { class: 'about' }, ...texts(description))));
  const titles = ['Field', 'Type', 'Required', 'Default', 'Description'];
  return make('div', { class: 'wide' },
    make('table', {},
      make('thead', {}, make('tr', {}, ...titles.map((title) => make('th', {}, title)))),
      make('tbody', {}, ...rows)));
}

function asText(value) {
  return typeof value === 'string' ? value : JSON.stringify(value, null, 2);
}

function answersOf({ responses }) {
  return Object.entries(responses['200']?.content || {}).flatMap(([type, { examples }]) =>
    Object.values(examples || {}).map(({ value }) =>
      make('div', {}, make('p', { class: 'soft' }, type), make('pre', {}, asText(value)))));
}

const told = ['content-type', 'x-request-id', 'x-rkllama-unsupported', 'retry-after', 'allow'];

/** Sends a request and shows its answer as it comes. */
async function showAnswer(path, options, status, answer) {
  const startedAt = performance.now();
  const seconds = () => ((performance.now() - startedAt) / 1000).toFixed(1) + ' s';
  answer.hidden = false;
  answer.textContent = '';
  status.textContent = 'Waiting …';
  try {
    const response = await fetch(path, options);
    const headers = told.flatMap((name) => {
      const value = response.headers.get(name);
      return value === null ? [] : [name + ': ' + value];
    });
    const line = [response.status + ' ' + response.statusText, ...headers].join(' · ');
    status.textContent = line;
    let text = '';
    if (response.body) {
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        text += part.value;
        answer.append(part.value);
      }
    }
    if (/^application\/json/.test(response.headers.get('content-type') || '')) {
      answer.textContent = JSON.stringify(JSON.parse(text), null, 2);
    }
    status.textContent = line + ' · ' + seconds();
    if (text === '') answer.textContent = '(no body)';
  } catch (error) {
    const stopped = options.signal.aborted;
    status.textContent = (stopped ? 'Stopped' : 'Failed: ' + error.message) + ' · ' + seconds();
  }
}

/** A choice where there is one; empty: left out. */
function parameterInput({ schema }) {
  if (!schema.enum) return make('input', { spellcheck: 'false' });
  const choices = schema.enum.filter((value) => value !== '');
  return make('select', {}, make('option', {}), ...choices.map((value) => make('option', {}, value)));
}

function urlOf(path, parameters) {
  const query = new URLSearchParams();
  let url = path;
  for (const { name, in: place, input } of parameters) {
    if (place === 'path') url = url.replace('{' + name + '}', () => encodeURIComponent(input.value));
    else if (input.value !== '') query.set(name, input.value);
  }
  return query.size === 0 ? url : url + '?' + query;
}

/** Parameters in the shape of a body, for their table. */
function parametersSchema(parameters) {
  return {
    type: 'object',
    properties: Object.fromEntries(
      parameters.map(({ name, schema, description }) => [name, { ...schema, description }])),
    required: parameters.filter(({ required }) => required).map(({ name }) => name),
  };
}

/** Inputs for the parameters and the body, and the buttons. */
function tryIt(method, path, operation, firstModel) {
  const content = operation.requestBody?.content['application/json'];
  const own = (text) =>
    firstModel === undefined || operation['x-destroys']
      ? text
      : text.replaceAll('"model1.rkllm"', JSON.stringify(firstModel));
  const parameters = (operation.parameters || []).map((parameter) => ({
    ...parameter,
    input: parameterInput(parameter),
  }));
  const examples = Object.values(content?.examples || {});
  const body = content && make('textarea', { 'aria-label': 'Body', spellcheck: 'false' });
  if (body) {
    body.value = own(asText(examples[0]?.value ?? {}));
    body.rows = Math.min(20, body.value.split('\n').length + 1);
  }
  const send = make('button', { type: 'button' }, 'Try it');
  const stop = make('button', { type: 'button', disabled: '' }, 'Stop');
  const status = make('p', { class: 'soft', role: 'status' });
  const answer = make('pre', { hidden: '', tabindex: '0', 'aria-label': 'Answer' });
  let controller;
  stop.addEventListener('click', () => controller?.abort());
  send.addEventListener('click', async () => {
    if (operation['x-destroys'] && !confirm(operation.summary + '. Go on?')) return;
    const url = urlOf(path, parameters);
    controller = new AbortController();
    send.disabled = true;
    stop.disabled = false;
    const { signal } = controller;
    const headers = body ? { 'Content-Type': 'application/json' } : {};
    const options = { method: method.toUpperCase(), headers, body: body?.value, signal };
    await showAnswer(url, options, status, answer);
    send.disabled = false;
    stop.disabled = true;
  });
  const labelled = parameters.map(({ name, input }) => make('label', {}, name, input));
  const inputs = [...labelled, ...(body ? [body] : [])];
  return [...inputs, send, stop, status, answer];
}

function routeBox({ method, path, operation, aliases }, schemas, firstModel) {
  const content = make('div', { class: 'body' });
  const box = make('details', { class: 'route', id: operation.operationId },
    make('summary', {},
      make('span', { class: 'method ' + method }, method.toUpperCase()),
      make('code', {}, path),
      make('span', { class: 'what' }, operation.summary)),
    content);
  // Built when it is first opened: there are many, and few are looked at.
  box.addEventListener('toggle', () => {
    if (content.firstChild) return;
    if (operation.description) content.append(make('p', {}, operation.description));
    if (aliases.length > 0) {
      content.append(make('p', { class: 'aliases' }, 'The same at ', aliases.join(', ')));
    }
    content.append(...tryIt(method, path, operation, firstModel));
    if (operation.parameters) {
      const table = fieldTable(parametersSchema(operation.parameters), schemas);
      content.append(make('h3', {}, 'Parameters'), table);
    }
    const schema = operation.requestBody?.content['application/json'].schema;
    if (schema) content.append(make('h3', {}, 'Fields'), fieldTable(schema, schemas));
    const answers = answersOf(operation);
    if (answers.length > 0) content.append(make('h3', {}, 'Answers look like'), ...answers);
  });
  return box;
}

/** Every operation once; where else it stands is told with it. */
function routesOf({ paths }) {
  const all = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method, path, operation })));
  return all
    .filter(({ operation }) => !operation['x-alias-of'])
    .map((route) => ({
      ...route,
      aliases: all
        .filter(({ method, operation }) =>
          method === route.method && operation['x-alias-of'] === route.path)
        .map(({ path }) => path),
    }));
}

async function firstModelOnDisk() {
  try {
    const { models } = await (await fetch('/models')).json();
    return models[0];
  } catch {
    return undefined;
  }
}

async function show() {
  const place = document.getElementById('routes');
  try {
    const [description, firstModel] = await Promise.all([
      fetch('/api-docs/openapi.json').then((response) => response.json()),
      firstModelOnDisk(),
    ]);
    const routes = routesOf(description);
    document.getElementById('summary').textContent = description.info.summary;
    const sections = description.tags.map((tag) => {
      const boxes = routes
        .filter(({ operation }) => operation.tags[0] === tag.name)
        .map((route) => routeBox(route, description.components.schemas, firstModel));
      const heading = make('h2', { id: tag.name }, tag.name);
      return make('section', {}, heading, make('p', { class: 'soft' }, tag.description), ...boxes);
    });
    place.replaceChildren(...sections);
    document.getElementById('tags').append(
      ...description.tags.map(({ name }) => make('a', { href: '#' + name }, name)));
    const wanted = document.getElementById(location.hash.slice(1));
    if (wanted) {
      if (wanted.tagName === 'DETAILS') wanted.open = true;
      wanted.scrollIntoView();
    }
  } catch (error) {
    place.textContent = 'The description could not be read: ' + error.message;
  }
}

show();
`;
