import { useParams } from '@tanstack/react-router';
import type { ComponentType } from 'react';
import { EmptyState } from '../ui/EmptyState';
import { PageBody, PageHeader, type PageHeaderProps } from '../ui/PageHeader';
import { Tab, Tabs } from '../ui/Tabs';
import { useTitle } from '../ui/useTitle';

export interface PageSection {
  /** Its segment of the address. */
  readonly id: string;
  readonly title: string;
  readonly Section: ComponentType;
}

export interface SectionedPageProps extends Omit<PageHeaderProps, 'title' | 'tabs'> {
  title: string;
  /** Address of the page and of its first section; the others are a segment behind it. */
  href: string;
  /** Of the page, for the window's title. */
  org?: string;
  sections: readonly [PageSection, ...PageSection[]];
  /** The sections are cards and forms, in one column; otherwise each fills the page. */
  column?: boolean;
}

/** A page of which the address names a section: `/o/demo/people/teams`. */
export function SectionedPage({ title, href, org, sections, column = false, ...header }: SectionedPageProps) {
  const { section = sections[0].id } = useParams({ strict: false });
  const current = sections.find(({ id }) => id === section);
  useTitle(...new Set([current?.title ?? title, title, ...(org === undefined ? [] : [org])]));
  const shown = current === undefined ? <EmptyState title="There is no such page here" /> : <current.Section />;
  return (
    <>
      <PageHeader
        {...header}
        title={title}
        tabs={
          <Tabs label={title}>
            {sections.map(({ id, title: words }) => <Tab key={id} to={id === sections[0].id ? href : `${href}/${id}`} open={id === section}>{words}</Tab>)}
          </Tabs>
        }
      />
      {column ? <PageBody><div className="max-w-3xl">{shown}</div></PageBody> : current === undefined ? <PageBody>{shown}</PageBody> : shown}
    </>
  );
}
