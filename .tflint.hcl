# The ruleset that tflint brings with it: no plugin is downloaded.
plugin "terraform" {
  enabled = true
  preset  = "all"
}

# A module's resources are in files named by what they hold, not all in main.tf.
rule "terraform_standard_module_structure" {
  enabled = false
}
