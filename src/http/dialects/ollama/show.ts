import type { Model } from '../../../library/index.ts';
import { parseBody } from '../../body.ts';
import type { Handler } from '../../routing.ts';
import type { HttpServices } from '../../services.ts';
import { capabilitiesOf } from './ability.ts';
import { detailsOf, modelInfoOf, problemOf } from './details.ts';
import { namedModel, nameIn } from './fields.ts';
import { findModel } from './names.ts';
import { parametersOf } from './parameters.ts';

/** `POST /api/show`: what is known of a model. Does not load it. */
export function show({ engine, catalogue }: HttpServices): Handler {
  return async (request, response) => {
    const model = findModel(catalogue, nameIn(parseBody(namedModel, request)));
    const { license = [], template = '', system, messages = [] } = model.modelfile;
    response.json({
      license: license.join('\n'),
      modelfile: modelfileOf(model),
      parameters: parametersOf(model.modelfile)
        .map(([key, value]) => `${key.padEnd(30)} ${JSON.stringify(value)}`)
        .join('\n'),
      template,
      ...(system !== undefined && { system }),
      details: detailsOf(model),
      messages,
      model_info: modelInfoOf(model.name, model.inspection),
      capabilities: await capabilitiesOf(engine, model),
      modified_at: model.modifiedAt.toISOString(),
      ...problemOf(model),
    });
  };
}

/** The settings in Ollama's syntax, whatever the file on disk is written in. */
function modelfileOf({ name, parent, modelfile }: Model): string {
  const { system, template, messages = [] } = modelfile;
  const lines = [
    `FROM ${parent ?? name}`,
    ...(template === undefined ? [] : [`TEMPLATE ${quoted(template)}`]),
    ...(system === undefined ? [] : [`SYSTEM ${quoted(system)}`]),
    ...parametersOf(modelfile).map(([key, value]) => `PARAMETER ${key} ${quoted(String(value))}`),
    ...messages.map(({ role, content }) => `MESSAGE ${role} ${quoted(content)}`),
  ];
  return `${lines.join('\n')}\n`;
}

function quoted(text: string): string {
  return /^[^\s"](.*[^\s"])?$/.test(text) ? text : `"""${text}"""`;
}
