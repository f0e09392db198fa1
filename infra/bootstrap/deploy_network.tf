# EC2 gives ids and no names, so that what is the environment's is known by its tags: whoever makes it gives
# it infra/main's default_tags at once, and to what is there already they cannot be given.
locals {
  ec2 = "arn:${local.partition}:ec2:${local.region}:${local.account}"
  # An id is known only once there is something to have it.
  network = [
    for kind in ["internet-gateway", "route-table", "security-group", "security-group-rule", "subnet", "vpc", "vpc-endpoint"] :
    "${local.ec2}:${kind}/*"
  ]

  # As infra/main gives them.
  tags = { Project = var.name, Environment = var.environment }
}

data "aws_iam_policy_document" "deploy_network" {
  statement {
    sid = "MakeNetwork"
    actions = [
      "ec2:CreateInternetGateway",
      "ec2:CreateRouteTable",
      "ec2:CreateSecurityGroup",
      "ec2:CreateSubnet",
      "ec2:CreateVpc",
      "ec2:CreateVpcEndpoint",
    ]
    resources = local.network
  }

  statement {
    sid       = "TagWhatIsMade"
    actions   = ["ec2:CreateTags"]
    resources = local.network

    condition {
      test     = "StringEquals"
      variable = "ec2:CreateAction"
      values = [
        "AuthorizeSecurityGroupEgress",
        "AuthorizeSecurityGroupIngress",
        "CreateInternetGateway",
        "CreateRouteTable",
        "CreateSecurityGroup",
        "CreateSubnet",
        "CreateVpc",
        "CreateVpcEndpoint",
      ]
    }
  }

  # The exception: AWS makes a VPC's default security group, without tags.
  statement {
    sid     = "TagTheDefaultSecurityGroup"
    actions = ["ec2:CreateTags"]
    # Its id is not known before.
    resources = ["${local.ec2}:security-group/*"]
  }

  statement {
    sid = "ChangeNetwork"
    actions = [
      "ec2:AssociateRouteTable",
      "ec2:AttachInternetGateway",
      "ec2:AuthorizeSecurityGroupEgress",
      "ec2:AuthorizeSecurityGroupIngress",
      "ec2:CreateRoute",
      "ec2:CreateTags",
      "ec2:DeleteInternetGateway",
      "ec2:DeleteRoute",
      "ec2:DeleteRouteTable",
      "ec2:DeleteSecurityGroup",
      "ec2:DeleteSubnet",
      "ec2:DeleteTags",
      "ec2:DeleteVpc",
      "ec2:DeleteVpcEndpoints",
      "ec2:DetachInternetGateway",
      "ec2:DisassociateRouteTable",
      "ec2:ModifySubnetAttribute",
      "ec2:ModifyVpcAttribute",
      "ec2:ModifyVpcEndpoint",
      "ec2:ReplaceRoute",
      "ec2:ReplaceRouteTableAssociation",
      "ec2:RevokeSecurityGroupEgress",
      "ec2:RevokeSecurityGroupIngress",
    ]
    resources = local.network

    dynamic "condition" {
      for_each = local.tags

      content {
        test     = "StringEquals"
        variable = "aws:ResourceTag/${condition.key}"
        values   = [condition.value]
      }
    }
  }

  # A new rule has no tags yet, and those that AWS makes with a group have none. It takes the right to the
  # group as well, which the statement above gives.
  statement {
    sid     = "Rules"
    actions = ["ec2:AuthorizeSecurityGroupEgress", "ec2:AuthorizeSecurityGroupIngress", "ec2:RevokeSecurityGroupEgress", "ec2:RevokeSecurityGroupIngress"]
    # As above.
    resources = ["${local.ec2}:security-group-rule/*"]
  }
}
