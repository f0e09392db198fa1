# The ruleset that tflint brings with it: no plugin is downloaded.
plugin "terraform" {
  enabled = true
  preset  = "all"
}
