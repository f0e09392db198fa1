# What GitHub keeps of an environment's deployments. deploy.yml gives each its release's address.

# The releases of those that were in a state once, such as SUCCESS, the last first. One that GitHub does
# not tell is `unknown`, which sorts last.
deployments() { # environment state
  gh api graphql -f owner="${GH_REPO%/*}" -f name="${GH_REPO#*/}" -f environment="$1" \
    -f query='query($owner: String!, $name: String!, $environment: String!) {
      repository(owner: $owner, name: $name) {
        deployments(environments: [$environment], first: 100, orderBy: {field: CREATED_AT, direction: DESC}) {
          nodes { statuses(first: 20) { nodes { state environmentUrl } } }
        }
      }
    }' --jq ".data.repository.deployments.nodes[].statuses.nodes
      | select(any(.state == \"$2\"))
      | [.[].environmentUrl // empty | split(\"/\") | last] | first // \"unknown\""
}
