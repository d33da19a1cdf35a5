import { type ChatFrame, inChat } from '../prompt/in-chat.js';
import { parseTemplate } from '../prompt/parse-template.js';
import {
  type ChatTemplate,
  chatTemplateError,
  ggufChatTemplate,
  readChatTemplate,
  renderChat,
} from '../tokenizer/chat-template.js';
import { readGguf } from '../weights/gguf.js';
import type { FrozenModel } from './load-model.js';

/** The chat template that a model brings, beside its tokenizer or in its GGUF file. Errors: CHAT_TEMPLATE where it brings none. */
export async function chatTemplateOf({ checkpoint }: FrozenModel): Promise<ChatTemplate> {
  const { kind, path } = checkpoint.tokenizer;
  const beside = kind === 'gguf' ? undefined : await readChatTemplate(path);
  const gguf = beside === undefined ? checkpoint.gguf : undefined;
  const found = beside ?? (gguf === undefined ? undefined : ggufChatTemplate(gguf, (await readGguf(gguf)).metadata));
  if (found !== undefined) return found;
  throw chatTemplateError(
    `The model ${checkpoint.source} brings no chat template`,
    'chat_template.jinja, or chat_template in tokenizer_config.json or the GGUF metadata: it is one that was taught to chat',
    'Leave --chat out: the template is then read as it is. Or take the model that was tuned for instructions.',
  );
}

/** Stands for what the user says: letters that no template changes or looks for. */
const SAID = 'softpromptUserTurn';

/** What a chat template writes around the user's turn, behind a system message if there is one. Errors: CHAT_TEMPLATE. */
export function chatFrame(template: ChatTemplate, system?: string): ChatFrame {
  const instructed = system === undefined ? [] : [{ role: 'system', content: system }];
  const rendered = renderChat(template, [...instructed, { role: 'user', content: SAID }]);
  const [before, after, ...others] = rendered.split(SAID);
  if (after !== undefined && others.length === 0) return { before: before!, after };
  throw chatTemplateError(
    `The chat template of ${template.source} writes what the user says ${after === undefined ? 'nowhere' : 'several times'}`,
    'once',
    'Write its marks into the template yourself, without --chat.',
  );
}

/** Settings with their template as the model's chat has it; as they are where no chat is asked for. Errors: CHAT_TEMPLATE, TEMPLATE_INVALID. */
export async function settleChat<
  P extends { readonly template: string; readonly chat?: boolean | undefined; readonly system?: string | undefined },
>(plan: P, model: FrozenModel): Promise<P> {
  if (!plan.chat) return plan;
  const frame = chatFrame(await chatTemplateOf(model), plan.system);
  return { ...plan, template: inChat(parseTemplate(plan.template), frame).source, chat: false, system: undefined };
}
