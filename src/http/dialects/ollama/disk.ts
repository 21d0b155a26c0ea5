import * as z from 'zod';
import { parseBody } from '../../body.ts';
import { releaseModel } from '../../release-model.ts';
import type { Handler } from '../../routing.ts';
import type { HttpServices } from '../../services.ts';
import { name, namedModel, nameIn } from './fields.ts';
import { modelfileText } from './modelfile-text.ts';
import { findModel } from './names.ts';

export const copyRequest = z.object({ source: name, destination: name });

/** `POST /api/copy`: a second name, which derives from the first and takes no room. */
export function copy({ catalogue }: HttpServices): Handler {
  return async (request, response) => {
    const { source, destination } = parseBody(copyRequest, request);
    const { name: from } = findModel(catalogue, source ?? '');
    const nothing = { system: undefined, template: undefined };
    const modelfile = { from, ...nothing, license: [], parameters: [], messages: [] };
    await catalogue.create(destination ?? '', modelfileText(modelfile));
    response.status(200).end();
  };
}

/** `DELETE /api/delete`: unloads the model where needed and deletes its files. */
export function remove(services: HttpServices): Handler {
  return async (request, response) => {
    const model = findModel(services.catalogue, nameIn(parseBody(namedModel, request)));
    await services.catalogue.remove(model.name, { unload: (each) => releaseModel(services, each) });
    response.status(200).end();
  };
}
