// SPDX-License-Identifier: Apache-2.0
import { Check } from 'lucide-react';
import { useT } from '@/shared/i18n/i18n';
import { steps, type Step } from './state';

interface StepperProps {
  value: Step;
  /** Result of each step, shown below its name. */
  notes: Record<Step, string>;
  done: Record<Step, boolean>;
  reachable: Record<Step, boolean>;
  onGo: (step: Step) => void;
}

/** All steps with their results; those within reach can be pressed, going back loses nothing. */
export function Stepper({ value, notes, done, reachable, onGo }: StepperProps) {
  const t = useT();
  return (
    <nav aria-label={t('connect:steps')}>
      <ol className="kz-steps">
        {steps.map((step, at) => (
          <li key={step}>
            <button type="button" className="kz-step" aria-current={step === value ? 'step' : undefined} data-done={(done[step] && step !== value) || undefined} data-testid={`step-${step}`}
              disabled={!reachable[step]} onClick={() => onGo(step)}>
              <i>{done[step] && step !== value ? <Check size={14} aria-hidden /> : at + 1}</i>
              <span><strong>{t(`connect:step.${step}`)}</strong><small>{notes[step]}</small></span>
            </button>
          </li>
        ))}
      </ol>
    </nav>
  );
}
