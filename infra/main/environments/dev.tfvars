environment   = "dev"
force_destroy = true
