/** A project that depends on a person or on their connection, and who could take it over. */
type DependentProject = {
  name: string;
  organization: string;
  url: string;
  successors: { screenName: string }[];
};

/** This service has no projects yet, so none can depend on anybody. */
export const NO_PROJECTS: DependentProject[] = [];
