import request from 'supertest';
import { beforeEach, describe, expect, it } from 'vitest';
import { ApplianceError } from '../../../../src/errors.ts';
import { createApp } from '../../../../src/http/app.ts';
import { type FakeServices, fakeServices, loadedModel } from '../../fakes.ts';

let services: FakeServices;
const app = () => request(createApp(services));
const alreadyLoaded = { error: 'A model is already loaded. Please unload it first.' };
const noneLoaded = { error: 'No model is currently loaded.' };

beforeEach(() => {
  services = fakeServices();
});

describe('GET /', () => {
  it('welcomes', async () => {
    const response = await app()
      .get('/')
      .expect(200)
      .expect('Content-Type', /application\/json/);
    expect(response.body).toEqual({
      message: 'Welcome to RK-LLama!',
      github: 'https://github.com/notpunhnox/rkllama',
    });
  });
});

describe('GET /models', () => {
  it('lists the names', async () => {
    const response = await app().get('/models').expect(200);
    expect(response.body).toEqual({ models: ['model1.rkllm', 'model2.rkllm', 'model3.rkllm'] });
  });

  it('is 500 without a models folder', async () => {
    const error = 'The directory ~/RKLLAMA/models is not found.';
    services.catalogue.error = new ApplianceError('models_folder_missing', error);
    expect((await app().get('/models').expect(500)).body).toEqual({ error });
  });
});

describe('POST /load_model', () => {
  const load = (body: object) => app().post('/load_model').send(body);

  it.each([
    ['model_name', { model_name: 'model1.rkllm' }],
    ['model', { model: 'model1.rkllm' }],
    ['both, one of them null', { model: null, model_name: 'model1.rkllm' }],
    [
      'from and huggingface_path too',
      { model_name: 'model1.rkllm', from: 'model1.rkllm', huggingface_path: 'a/b' },
    ],
  ])('loads, given %s', async (_what, body) => {
    const response = await load(body).expect(200);
    expect(response.body).toEqual({ message: 'Model model1.rkllm loaded successfully.' });
    expect(services.engine.current()?.name).toBe('model1.rkllm');
  });

  it('answers with the name as the client wrote it', async () => {
    const response = await load({ model_name: 'model1' }).expect(200);
    expect(response.body).toEqual({ message: 'Model model1 loaded successfully.' });
    expect(services.engine.loads[0]).toBe('model1.rkllm');
  });

  it.each(['model1.rkllm', 'model2.rkllm'])('refuses %s while model1 is loaded', async (name) => {
    services = fakeServices('model1.rkllm');
    expect((await load({ model_name: name }).expect(400)).body).toEqual(alreadyLoaded);
    expect(services.engine.loads).toHaveLength(0);
  });

  it('joins a load of the same model in progress, and refuses another', async () => {
    services.engine.models.push(loadedModel('model1.rkllm', 'loading'));
    await load({ model_name: 'model1.rkllm' }).expect(200);
    expect((await load({ model_name: 'model2.rkllm' }).expect(400)).body).toEqual(alreadyLoaded);
  });

  it('loads one of two that are asked for at the same moment', async () => {
    const gate = Promise.withResolvers<void>();
    services.engine.loading = gate.promise;
    // A promise of supertest sends nothing before somebody waits for it.
    const app = createApp(services);
    const send = (name: string) =>
      request(app)
        .post('/load_model')
        .send({ model_name: name })
        .then((response) => response);
    const first = send('model1.rkllm');
    await expect.poll(() => services.engine.loads).toHaveLength(1);
    expect((await send('model2.rkllm')).body).toEqual(alreadyLoaded);
    gate.resolve();
    expect((await first).status).toBe(200);
    expect(services.engine.loaded().map((model) => model.name)).toEqual(['model1.rkllm']);
  });

  it('refuses a model that is not there', async () => {
    const response = await load({ model_name: 'nope.rkllm' }).expect(400);
    expect(response.body).toEqual({
      error: 'Model nope.rkllm not found in the /models directory.',
    });
  });

  it.each([[{}], [{ model_name: '' }], [{ model_name: null }]])(
    'asks for a name, given %j',
    async (body) => {
      expect((await load(body).expect(400)).body).toEqual({
        error: 'Please enter the name of the model to be loaded.',
      });
    },
  );

  it('tells why a model could not be loaded', async () => {
    services.engine.loadError = new ApplianceError('load_failed', 'The model is for RK3576.');
    const response = await load({ model_name: 'model1.rkllm' }).expect(500);
    expect(response.body).toEqual({ error: 'The model is for RK3576.' });
  });

  it('lists the candidates of an ambiguous name', async () => {
    services.catalogue.error = new ApplianceError('model_ambiguous', 'Either a or b.');
    expect((await load({ model_name: 'm' }).expect(400)).body).toEqual({ error: 'Either a or b.' });
  });
});

describe('POST /unload_model', () => {
  it('unloads what is loaded, without a body', async () => {
    services = fakeServices('model1.rkllm', 'model2.rkllm');
    const response = await app().post('/unload_model').expect(200);
    expect(response.body).toEqual({ message: 'Model unloaded successfully.' });
    expect(services.engine.loaded()).toEqual([]);
  });

  it.each([[{ model_name: 'model1' }], [{ model: 'model1.rkllm' }]])(
    'unloads just %j',
    async (body) => {
      services = fakeServices('model1.rkllm', 'model2.rkllm');
      await app().post('/unload_model').send(body).expect(200);
      expect(services.engine.loaded().map((model) => model.name)).toEqual(['model2.rkllm']);
    },
  );

  it('unloads a model whose file is gone', async () => {
    services = fakeServices('deleted.rkllm');
    await app().post('/unload_model').send({ model: 'deleted.rkllm' }).expect(200);
  });

  it.each([[{}], [{ model: 'model1' }]])(
    'is 400 when nothing is loaded, given %j',
    async (body) => {
      const response = await app().post('/unload_model').send(body).expect(400);
      expect(response.body).toEqual(noneLoaded);
    },
  );

  it('is 400 for a model that is not loaded', async () => {
    services = fakeServices('model1.rkllm');
    const response = await app().post('/unload_model').send({ model: 'model2' }).expect(400);
    expect(response.body).toEqual({ error: 'No model model2 is currently loaded.' });
    expect(services.engine.loaded()).toHaveLength(1);
  });
});

describe('POST /unload_models', () => {
  it('unloads all, and is content with none', async () => {
    services = fakeServices('model1.rkllm', 'model2.rkllm');
    const response = await app().post('/unload_models').expect(200);
    expect(response.body).toEqual({ message: 'Models successfully unloaded!' });
    expect(services.engine.loaded()).toEqual([]);
    await app().post('/unload_models').expect(200);
  });
});

describe('GET /current_model', () => {
  it('names the model that was loaded last', async () => {
    services = fakeServices('model1.rkllm', 'model2.rkllm');
    const response = await app().get('/current_model').expect(200);
    expect(response.body).toEqual({ model_name: 'model2.rkllm' });
  });

  it('is 404 when nothing is loaded', async () => {
    expect((await app().get('/current_model').expect(404)).body).toEqual(noneLoaded);
  });
});

describe('GET /current_models', () => {
  it('describes everything that is loaded', async () => {
    services = fakeServices('model1.rkllm');
    const response = await app().get('/current_models').expect(200);
    expect(response.body).toEqual({
      models: [
        {
          name: 'model1.rkllm',
          model: 'model1.rkllm',
          size: 1_000_000,
          details: { format: 'rkllm' },
          loaded_at: '2025-01-12T10:00:00.000Z',
          expires_at: null,
          context_length: 4096,
          state: 'ready',
        },
      ],
    });
  });
});

describe.each(['delete', 'post'] as const)('%s /rm', (method) => {
  const remove = (body: object) => app()[method]('/rm').send(body);

  it.each([[{ model: 'model1.rkllm' }], [{ model_name: 'model1' }]])('deletes %j', async (body) => {
    const response = await remove(body).expect(200);
    expect(response.body).toEqual({ message: 'The model has been successfully deleted.' });
    expect(services.catalogue.names).toEqual(['model2.rkllm', 'model3.rkllm']);
  });

  it('unloads the model first, and no other', async () => {
    services = fakeServices('model1.rkllm', 'model2.rkllm');
    await remove({ model: 'model1.rkllm' }).expect(200);
    expect(services.engine.loaded().map((model) => model.name)).toEqual(['model2.rkllm']);
  });

  it('is 404 for a model that is not there', async () => {
    const response = await remove({ model: 'nope.rkllm' }).expect(404);
    expect(response.body).toEqual({ error: 'The model: nope.rkllm cannot be found.' });
  });

  it.each([[{}], [{ model: '' }], [{ model: null }]])('deletes nothing, given %j', async (body) => {
    expect((await remove(body).expect(400)).body).toEqual({ error: 'Please specify a model.' });
    expect(services.catalogue.names).toHaveLength(3);
  });

  it('keeps the status of other errors', async () => {
    services.catalogue.error = new ApplianceError('model_in_use', 'It is being downloaded.');
    expect((await remove({ model: 'model1' }).expect(409)).body).toEqual({
      error: 'It is being downloaded.',
    });
  });
});
