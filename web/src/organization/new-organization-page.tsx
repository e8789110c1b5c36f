import { useState } from 'react';
import { useLocation } from 'wouter';
import { type AnyProblemCode, Problem } from '../api.ts';
import { paths } from '../paths.ts';
import { explain } from '../problems.ts';
import { Button } from '../ui/button.tsx';
import { Card } from '../ui/card.tsx';
import { Field } from '../ui/field.tsx';
import { Notice } from '../ui/notice.tsx';
import { Page } from '../ui/page.tsx';
import { useCreateOrganization } from './queries.ts';
import { suggestSlug } from './slug.ts';

const AT_NAME: AnyProblemCode[] = ['invalid-name'];
const AT_SLUG: AnyProblemCode[] = ['invalid-slug', 'slug-taken'];

/** The first step after signing up: projects and people belong to an organization. */
export function NewOrganizationPage() {
  const [name, setName] = useState('');
  /** Null: follows the name. */
  const [typedSlug, setTypedSlug] = useState<string | null>(null);
  const create = useCreateOrganization();
  const [, navigate] = useLocation();
  const slug = typedSlug ?? suggestSlug(name);
  const problem = create.isError ? create.error : null;
  const at = (codes: AnyProblemCode[]) =>
    problem instanceof Problem && codes.includes(problem.code) ? explain(problem) : undefined;
  const elsewhere = problem && !at([...AT_NAME, ...AT_SLUG]);

  return (
    <Page title="Create an organization">
      <Card>
        <form
          className="grid gap-6"
          onSubmit={(event) => {
            event.preventDefault();
            create.mutate(
              { name, slug },
              { onSuccess: (created) => navigate(paths.organization(created.slug)) },
            );
          }}
        >
          <p className="text-ink-soft">
            An organization holds your projects and the people who work on them. You are its owner.
          </p>
          {elsewhere && (
            <Notice tone="bad">
              <p>{explain(problem)}</p>
            </Notice>
          )}
          <Field
            label="Name"
            value={name}
            maxLength={200}
            onChange={(event) => {
              setName(event.target.value);
              create.reset();
            }}
            error={at(AT_NAME)}
          />
          <Field
            label="URL name"
            value={slug}
            maxLength={200}
            spellCheck={false}
            autoCapitalize="none"
            onChange={(event) => {
              setTypedSlug(event.target.value);
              create.reset();
            }}
            hint={`Its address will be ${window.location.host}${paths.organization(slug || '…').replace('%E2%80%A6', '…')}`}
            error={at(AT_SLUG)}
          />
          <div>
            <Button type="submit" look="primary" busy={create.isPending || create.isSuccess}>
              Create organization
            </Button>
          </div>
        </form>
      </Card>
    </Page>
  );
}
