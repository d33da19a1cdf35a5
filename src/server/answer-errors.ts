import type { FastifyError, FastifyInstance } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { type ErrorCode, SoftpromptError } from '../errors.js';
import { Refusal } from './server-refusals.js';

/** What is a mistake of the request; everything else is one of the service. */
const MISTAKES: ReadonlySet<ErrorCode> = new Set([
  'FIELD_MISSING',
  'PROMPT_TOO_LONG',
  'PROMPT_EMPTY',
  'SEQUENCE_TOO_LONG',
  'PROMPT_TASK',
  'DECODING_OPTION',
  'RECOMMEND_REQUEST',
  'RECOMMEND_FILTER',
  'RECOMMEND_OPTION',
  'RECOMMEND_ITEMS',
]);

interface Told {
  readonly status: number;
  readonly code: string;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Errors become answers of one form, which is OpenAI's too; what they say of this machine stays in the log. */
export function answerErrors(app: FastifyInstance): void {
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const told = toldOf(error);
    if (told.status >= 500 && !(error instanceof Refusal)) request.log.error({ err: error }, 'a request failed');
    reply
      .code(told.status)
      .headers(told.headers ?? {})
      .send(errorBody(told));
  });
  app.setNotFoundHandler((_, reply) => {
    reply
      .code(404)
      .send(errorBody({ status: 404, code: 'NOT_FOUND', message: 'There is no such address. See /openapi.json.' }));
  });
}

export function errorBody({ status, code, message }: Told) {
  const type =
    status === 401 || status === 403 ? 'authentication_error' : status < 500 ? 'invalid_request_error' : 'api_error';
  return { error: { code, message, type } };
}

/** The status that an error is answered with. */
export const statusOf = (error: unknown): number => toldOf(error as FastifyError).status;

function toldOf(error: FastifyError): Told {
  if (error instanceof Refusal) return error;
  if (error instanceof SoftpromptError) {
    if (MISTAKES.has(error.code)) {
      return { status: 400, code: error.code, message: `${error.facts.found}. Expected ${error.facts.expected}.` };
    }
    const status = error.code === 'STORE_UNAVAILABLE' ? 503 : 500;
    return { status, code: error.code, message: 'The service cannot answer this now; its log says why.' };
  }
  if (hasZodFastifySchemaValidationErrors(error)) {
    const [first] = error.validation;
    const place = `${error.validationContext ?? 'request'}${first!.instancePath.replaceAll('/', '.')}`;
    return { status: 400, code: 'REQUEST_INVALID', message: `${place}: ${first!.message ?? 'it is not as expected'}` };
  }
  const status = error.statusCode ?? 500;
  if (status >= 400 && status < 500) return { status, code: error.code ?? 'REQUEST_INVALID', message: error.message };
  return { status: 500, code: 'INTERNAL', message: 'The service has a fault; its log says which.' };
}
