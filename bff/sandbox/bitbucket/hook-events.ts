const of = (category: string, prefix: string, labels: Record<string, string>) =>
  Object.entries(labels).map(([name, label]) => ({
    category,
    event: `${prefix}:${name}`,
    label,
    description: `Whenever this happens: ${category.toLowerCase()} ${label.toLowerCase()}`,
  }));

/** Every event a repository's webhook may subscribe to. */
export const hookEvents = [
  ...of('Repository', 'repo', {
    push: 'Push',
    fork: 'Fork',
    updated: 'Updated',
    transfer: 'Transfer accepted',
    deleted: 'Deleted',
    created: 'Created',
    imported: 'Import',
    commit_comment_created: 'Commit comment created',
    commit_status_created: 'Build status created',
    commit_status_updated: 'Build status updated',
  }),
  ...of('Pull Request', 'pullrequest', {
    created: 'Created',
    updated: 'Updated',
    push: 'Push',
    approved: 'Approved',
    unapproved: 'Approval removed',
    changes_request_created: 'Changes requested',
    changes_request_removed: 'Changes request removed',
    fulfilled: 'Merged',
    rejected: 'Declined',
    comment_created: 'Comment created',
    comment_updated: 'Comment updated',
    comment_deleted: 'Comment deleted',
    comment_resolved: 'Comment resolved',
    comment_reopened: 'Comment reopened',
  }),
];
