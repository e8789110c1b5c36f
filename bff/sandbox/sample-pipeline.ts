/** The text of a small pipeline file. */
export const samplePipeline = (name: string) => `version: v1.0
name: ${name}
agent:
  machine:
    type: f1-standard-2
    os_image: ubuntu2404
blocks:
  - name: Test
    task:
      jobs:
        - name: All
          commands:
            - checkout
            - make test
`;
