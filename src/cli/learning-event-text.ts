import type { Output } from './output.js';

/** What commands that learn from texts tell alike. */
type LearningEvent =
  | { readonly event: 'model'; readonly source: string; readonly layers: number; readonly width: number }
  | { readonly event: 'data'; readonly train: number; readonly valid: number; readonly test: number }
  | { readonly event: 'note'; readonly text: string }
  | { readonly event: 'step'; readonly step: number; readonly steps: number; readonly loss: number };

/** Says such an event; of others nothing. */
export function sayLearningEvent(event: LearningEvent | { readonly event: string }, output: Output): void {
  const told = event as LearningEvent;
  switch (told.event) {
    case 'model':
      output.say(`Model   ${told.source} (${told.layers} layers, ${told.width} wide), frozen`);
      break;
    case 'data':
      output.say(`Data    ${told.train} to train, ${told.valid} to validate, ${told.test} to test`);
      break;
    case 'note':
      output.say(`Note    ${told.text}`);
      break;
    case 'step':
      output.progress('training', told.step, told.steps, `loss ${told.loss.toFixed(3)}`);
      break;
    default:
      break;
  }
}
