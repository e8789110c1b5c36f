/**
 * How the script is cut: what every page needs in one file, what the pages of projects share in another, and each page's
 * own. Left alone, the bundler makes a file of everything that two pages share, and a page then asks for a dozen.
 */
import type { BuildOptions } from 'vite';

export const chunks = {
  // A page names what it needs itself (`routes.tsx`).
  modulePreload: false,
  cssCodeSplit: false,
  rolldownOptions: {
    output: {
      codeSplitting: {
        groups: [
          {
            name: 'index',
            priority: 2,
            test: /rolldown|node_modules|vite\/|index\.html|\/src\/(ui\/(?!text-area|select|dialog|health|button-link|copy-field)|organization\/queries|(?!connection-words|impact|idempotency-key)[^/]+$)/,
          },
          {
            name: 'project',
            test: /\/src\/(ui\/health|idempotency-key|project\/(project-frame|queries|events)|repository\/(titles|leftovers|operation-words|queries))/,
          },
          // With what its dialogs, which come later, need of it.
          { name: 'activity-page', test: /\/src\/activity\/(?!gaps|facts|.*-dialog)/ },
          { name: 'dialog', priority: 1, test: /\/src\/ui\/dialog\./ },
          { name: 'select', priority: 1, test: /\/src\/ui\/select\./ },
          {
            name: 'dialogs',
            test: /\/src\/repository\/(gone-page|moved|commands|.*-dialog)\./,
          },
        ],
      },
    },
  },
} satisfies BuildOptions;
