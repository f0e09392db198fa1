# The roles that the modules make. Whoever may write a role's policy may give it everything, so each
# of them has the boundary, which the deploy role cannot change.

data "aws_iam_policy_document" "deploy_roles" {
  statement {
    sid = "BoundedRoles"
    actions = [
      "iam:CreateRole",
      "iam:DeleteRolePolicy",
      "iam:PutRolePermissionsBoundary",
      "iam:PutRolePolicy",
    ]
    resources = [local.roles]

    condition {
      test     = "StringEquals"
      variable = "iam:PermissionsBoundary"
      values   = [aws_iam_policy.boundary.arn]
    }
  }

  statement {
    sid = "Roles"
    actions = [
      "iam:DeleteRole",
      "iam:TagRole",
      "iam:UntagRole",
      "iam:UpdateAssumeRolePolicy",
      "iam:UpdateRole",
      "iam:UpdateRoleDescription",
    ]
    resources = [local.roles]
  }

  statement {
    sid       = "GiveRoles"
    actions   = ["iam:PassRole"]
    resources = [local.roles]

    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values = [
        "chatbot.amazonaws.com",
        "ecs-tasks.amazonaws.com",
        "events.amazonaws.com",
        "lambda.amazonaws.com",
        "scheduler.amazonaws.com",
        "states.amazonaws.com",
      ]
    }
  }

  # An account's first cluster makes the one, its first channel of a chat the other.
  statement {
    sid     = "ServiceLinkedRole"
    actions = ["iam:CreateServiceLinkedRole"]
    resources = [
      for role in ["ecs.amazonaws.com/AWSServiceRoleForECS", "management.chatbot.amazonaws.com/AWSServiceRoleForAWSChatbot"] :
      "arn:${local.partition}:iam::${local.account}:role/aws-service-role/${role}"
    ]
  }
}
