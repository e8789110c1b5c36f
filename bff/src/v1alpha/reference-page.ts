/** The reference page: the description as a person reads it. Plain HTML without scripts; everything in it is escaped. */
import { html } from 'hono/html';
import type { HtmlEscapedString } from 'hono/utils/html';
import type { Described } from './openapi.ts';

type Html = HtmlEscapedString | Promise<HtmlEscapedString>;

/** The parts of a schema that are shown; JSON Schema of 2020-12, as OpenAPI 3.1 has it. */
type Schema = {
  $ref?: string;
  type?: string | string[];
  description?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  enum?: unknown[];
  const?: unknown;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  default?: unknown;
};
type Parameter = {
  name: string;
  in: string;
  required?: boolean;
  description?: string;
  example?: unknown;
  schema?: Schema & { example?: unknown };
};
type Content = Record<string, { schema?: Schema; example?: unknown }>;
type Answer = {
  description: string;
  headers?: Record<string, { description?: string }>;
  content?: Content;
};
type Operation = {
  operationId?: string;
  summary?: string;
  description?: string;
  tags?: string[];
  security?: unknown[];
  parameters?: Parameter[];
  requestBody?: { required?: boolean; content: Content };
  responses: Record<string, Answer>;
};
type Place = Operation & { method: string; path: string; server: string };

const VERBS = ['get', 'post', 'patch', 'delete'];

export function referencePage(document: Described): Html {
  const { info, tags = [], servers = [] } = document;
  const operations = operationsOf(document);
  const schemas = Object.entries((document.components?.schemas ?? {}) as Record<string, Schema>);
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${info.title} ${info.version}</title>
<link rel="icon" href="/favicon.svg">
<link rel="stylesheet" href="/api/v1alpha/reference.css">
</head>
<body>
<a class="skip" href="#content">To the content</a>
<div class="layout">
<header>
<h1>${info.title} <span class="soft">${info.version}</span></h1>
${prose(info.description)}
<h2 class="small">Addresses</h2>
<ul>${servers.map(({ url, description }) => html`<li><code>${url}</code><br>${description}</li>`)}</ul>
<p><a href="/api/v1alpha/openapi.json">OpenAPI document</a></p>
</header>
<nav aria-label="Contents">
${tags.map(
  ({ name }) => html`<p class="group">${name}</p>
<ul>${operations
    .filter((each) => each.tags?.includes(name))
    .map((each) => html`<li><a href="#${each.operationId}">${each.summary}</a></li>`)}</ul>`,
)}
<p class="group">Schemas</p>
<ul>${schemas.map(([name]) => html`<li><a href="#${anchor(name)}">${name}</a></li>`)}</ul>
</nav>
<main id="content" tabindex="-1">
${tags.map(
  ({ name, description }) => html`<h2>${name}</h2>
${prose(description)}
${operations.filter((each) => each.tags?.includes(name)).map((each) => showOperation(each, document))}`,
)}
<h2>Schemas</h2>
${schemas.map(
  ([name, schema]) => html`<section class="card" id="${anchor(name)}">
<h3>${name}</h3>
${prose(schema.description)}
${schema.enum && !schema.description?.includes('\n- ') ? html`<p>${typeOf(schema)}</p>` : ''}
${showFields(schema, `Fields of ${name}`, !name.endsWith('Body'))}
</section>`,
)}
</main>
</div>
</body>
</html>`;
}

function operationsOf({ paths = {}, servers = [] }: Described): Place[] {
  const server = servers[0]?.url ?? '';
  return Object.entries(paths).flatMap(([path, item]) =>
    VERBS.flatMap((method) => {
      const operation = (item as Record<string, Operation | undefined>)[method];
      return operation ? [{ ...operation, method, path, server }] : [];
    }),
  );
}

function showOperation(place: Place, document: Described): Html {
  const { summary, method, path, parameters = [], requestBody, responses } = place;
  const sent = requestBody?.content['application/json'];
  const success = responses['200']?.content?.['application/json'];
  return html`<section class="card" id="${place.operationId}">
<h3>${summary}</h3>
<span class="address"><code class="verb">${method.toUpperCase()}</code> <code>${path}</code></span>
${prose(place.description)}
${parameters.length > 0 ? showParameters(parameters, summary) : ''}
${sent?.schema ? html`<h4>Body</h4>${showBody(sent.schema, document, requestBody?.required ?? false, summary)}` : ''}
<h4>Answers</h4>
${table(
  `Answers of “${summary}”`,
  ['Status', 'Meaning'],
  Object.entries(responses).map(([status, answer]) => [
    html`<code>${status}</code>`,
    showAnswer(status, answer),
  ]),
)}
<h4>Example</h4>
<pre tabindex="0" aria-label="Example of “${summary}”"><code>${curlOf(place, sent?.example)}</code></pre>
${
  success?.example === undefined
    ? ''
    : html`<h4>Its answer</h4>
<pre tabindex="0" aria-label="Answer of “${summary}”"><code>${JSON.stringify(success.example, null, 2)}</code></pre>`
}
</section>`;
}

function showParameters(parameters: Parameter[], of: string | undefined): Html {
  const rows = parameters.map((each) => [
    html`<code>${each.name}</code>`,
    html`${each.in}${each.required ? ', needed' : ''}`,
    html`${typeOf(each.schema ?? {})}${showDefault(each.schema)}`,
    prose(each.description ?? each.schema?.description),
  ]);
  return html`<h4>Parameters</h4>${table(`Parameters of “${of}”`, ['Name', 'Where', 'Type', 'Meaning'], rows)}`;
}

function showBody(schema: Schema, document: Described, needed: boolean, of: string | undefined): Html {
  const resolved = resolve(schema, document);
  return html`<p>JSON${needed ? '' : ', may be left out'}: ${typeOf(schema)}</p>
${prose(resolved.description)}${showFields(resolved, `Body of “${of}”`, false)}`;
}

function showAnswer(status: string, { description, headers = {}, content }: Answer): Html {
  const { schema, example } = content?.['application/json'] ?? {};
  const sentence = status === '200' ? undefined : (example as { message?: string } | undefined)?.message;
  return html`${prose(description)}${schema ? html`<p class="soft">${typeOf(schema)}</p>` : ''}${Object.entries(
    headers,
  ).map(([name, header]) => html`<p><code>${name}</code>: ${header.description}</p>`)}${
    sentence === undefined ? '' : html`<p class="soft">For example: ${sentence}</p>`
  }`;
}

/**
 * The fields of an object and of what is in it, each by its whole path; what has a name of its own is linked to.
 * `answered`: it is worth saying which of them need not be there. Of what is sent, the descriptions say it.
 */
function showFields(schema: Schema, caption: string, answered: boolean): Html {
  const fields = fieldsOf(schema, '');
  if (fields.length === 0) return html``;
  const rows = fields.map(({ path, schema: field, needed }) => [
    html`<code>${path}</code>`,
    html`${typeOf(field)}${needed || !answered ? '' : html`<br><span class="soft">may be absent</span>`}${showDefault(field)}`,
    prose(field.description),
  ]);
  return table(caption, ['Field', 'Type', 'Meaning'], rows);
}

type Field = { path: string; schema: Schema; needed: boolean };

function fieldsOf(schema: Schema, before: string): Field[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const path = `${before}${name}`;
    const needed = schema.required?.includes(name) ?? false;
    const inner = field.items?.properties ? field.items : plain(field);
    const deeper = fieldsOf(inner, field.items?.properties ? `${path}[].` : `${path}.`);
    return [{ path, schema: field, needed }, ...deeper];
  });
}

/** What is there when it is not null. */
function plain(schema: Schema): Schema {
  const some = [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])].filter(({ type }) => type !== 'null');
  return some.length === 1 && some[0] ? { ...some[0], ...schema } : schema;
}

function resolve(schema: Schema, document: Described): Schema {
  const name = nameOf(schema);
  return name === null ? schema : (document.components?.schemas?.[name] as Schema);
}

function nameOf({ $ref }: Schema): string | null {
  return $ref?.split('/').at(-1) ?? null;
}

function typeOf(schema: Schema): Html {
  const name = nameOf(schema);
  if (name !== null) return html`<a href="#${anchor(name)}">${name}</a>`;
  const some = schema.anyOf ?? schema.oneOf ?? schema.allOf;
  if (some) return join(some.map(typeOf), ' or ');
  if (schema.const !== undefined) return html`<code>${JSON.stringify(schema.const)}</code>`;
  if (schema.enum) {
    return join(
      schema.enum.map((each) => html`<code>${JSON.stringify(each)}</code>`),
      ', ',
    );
  }
  if (schema.items) return html`list of ${typeOf(schema.items)}`;
  const types = [schema.type ?? 'anything'].flat();
  return html`${types.join(' or ')}`;
}

function showDefault(schema: Schema | undefined): Html {
  if (schema?.default === undefined) return html``;
  return html`<br><span class="soft">default ${JSON.stringify(schema.default)}</span>`;
}

function join(parts: Html[], between: string): Html {
  return html`${parts.map((part, index) => html`${index > 0 ? between : ''}${part}`)}`;
}

/** The roles are written down, since on a narrow screen the rows are no rows to look at any more. */
function table(caption: string, heads: string[], rows: Html[][]): Html {
  return html`<div class="scroll" role="region" aria-label="${caption}" tabindex="0"><table role="table">
<thead role="rowgroup"><tr role="row">${heads.map((head) => html`<th scope="col" role="columnheader">${head}</th>`)}</tr></thead>
<tbody role="rowgroup">${rows.map(
    ([first, ...rest]) =>
      html`<tr role="row"><th scope="row" role="rowheader">${first}</th>${rest.map((cell) => html`<td role="cell">${cell}</td>`)}</tr>`,
  )}</tbody>
</table></div>`;
}

/** Paragraphs, lists whose lines begin with a dash, and code between backticks: all that descriptions use. */
function prose(text: string | undefined): Html {
  if (!text) return html``;
  return html`${text
    .split('\n\n')
    .map((block) =>
      block.startsWith('- ')
        ? html`<ul>${block.split('\n').map((line) => html`<li>${code(line.replace(/^- /, ''))}</li>`)}</ul>`
        : html`<p>${code(block)}</p>`,
    )}`;
}

function code(text: string): Html {
  return html`${text.split('`').map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : part))}`;
}

function anchor(name: string): string {
  return `schema-${name}`;
}

/** A request that can be pasted into a shell, but for the token. */
function curlOf({ method, path, server, parameters = [], security }: Place, body: unknown): string {
  const address = parameters
    .filter((each) => each.in === 'path')
    .reduce(
      (filled, { name, example, schema }) =>
        filled.replace(`{${name}}`, encodeURIComponent(String(example ?? schema?.example ?? name))),
      `${server}${path}`,
    );
  const open = security?.length === 0;
  return [
    `curl${method === 'get' ? '' : ` -X ${method.toUpperCase()}`} ${address}`,
    ...(open ? [] : ['-H "Authorization: Bearer $TOKEN"']),
    ...(body === undefined
      ? []
      : ['-H "Content-Type: application/json"', `-d ${quoteForShell(JSON.stringify(body, null, 2))}`]),
  ].join(' \\\n  ');
}

function quoteForShell(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
