"""boto3: what administrators do with users, groups, app clients and pools."""

import pytest

from support import new_email, new_user, refusal, tokens


@pytest.fixture
def fresh(admin):
    """A pool to delete, with an app client and a user."""
    pool = admin.create_user_pool(PoolName="fresh", UserPoolTags={"team": "blue"})["UserPool"]
    client = admin.create_user_pool_client(
        UserPoolId=pool["Id"],
        ClientName="fresh",
        ExplicitAuthFlows=["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
    )["UserPoolClient"]
    admin.admin_create_user(UserPoolId=pool["Id"], Username="ann", MessageAction="SUPPRESS")
    return pool, client


def attributes(admin, **user):
    listed = admin.admin_get_user(**user)["UserAttributes"]
    return {entry["Name"]: entry["Value"] for entry in listed if entry["Name"] != "sub"}


def test_disable_and_enable_user(admin, pool):
    name, _ = new_user(admin, pool.id)
    user = {"UserPoolId": pool.id, "Username": name}
    signed_in = tokens(admin, pool.public, name)
    admin.admin_disable_user(**user)
    assert admin.admin_get_user(**user)["Enabled"] is False
    assert refusal(admin.get_user, AccessToken=signed_in["AccessToken"]) == (
        "NotAuthorizedException",
        "User is disabled.",
    )
    admin.admin_enable_user(**user)
    assert refusal(admin.get_user, AccessToken=signed_in["AccessToken"]) == (
        "NotAuthorizedException",
        "Access Token has been revoked",
    )
    tokens(admin, pool.public, name)


def test_delete_user(admin, pool):
    name, _ = new_user(admin, pool.id)
    admin.admin_delete_user(UserPoolId=pool.id, Username=name)
    assert refusal(admin.admin_delete_user, UserPoolId=pool.id, Username=name) == (
        "UserNotFoundException",
        "User does not exist.",
    )
    name, _ = new_user(admin, pool.id)
    admin.delete_user(AccessToken=tokens(admin, pool.public, name)["AccessToken"])
    assert refusal(admin.admin_get_user, UserPoolId=pool.id, Username=name) == (
        "UserNotFoundException",
        "User does not exist.",
    )


def test_update_and_delete_user_attributes(admin, pool):
    (name, _), email = new_user(admin, pool.id), new_email()
    given = {"email": email, "email_verified": "true", "name": "Ann"}
    admin.admin_update_user_attributes(
        UserPoolId=pool.id,
        Username=name,
        UserAttributes=[{"Name": key, "Value": value} for key, value in given.items()],
    )
    user = {"UserPoolId": pool.id, "Username": email}
    assert attributes(admin, **user) == given
    tokens(admin, pool.public, email)
    admin.admin_delete_user_attributes(**user, UserAttributeNames=["name"])
    assert "name" not in attributes(admin, **user)


def test_groups(admin, fresh):
    pool = {"UserPoolId": fresh[0]["Id"]}
    for number in range(3):
        admin.create_group(**pool, GroupName=f"g{number}")
        admin.admin_add_user_to_group(**pool, Username="ann", GroupName=f"g{number}")
    group = admin.update_group(**pool, GroupName="g2", Description="Two", Precedence=0)["Group"]
    assert admin.get_group(**pool, GroupName="g2")["Group"] == group

    def names(operation, **more):
        size = {"PageSize": 2}
        pages = admin.get_paginator(operation).paginate(**pool, **more, PaginationConfig=size)
        return [group["GroupName"] for page in pages for group in page["Groups"]]

    assert names("list_groups") == ["g0", "g1", "g2"]
    assert names("admin_list_groups_for_user", Username="ann") == ["g2", "g0", "g1"]
    [ann] = admin.list_users_in_group(**pool, GroupName="g0")["Users"]
    assert ann["Username"] == "ann"
    admin.admin_remove_user_from_group(**pool, Username="ann", GroupName="g0")
    assert admin.list_users_in_group(**pool, GroupName="g0")["Users"] == []
    admin.delete_group(**pool, GroupName="g1")
    assert names("admin_list_groups_for_user", Username="ann") == ["g2"]
    admin.delete_user_pool(**pool)


def test_clients_and_pools(admin, fresh):
    pool, client = fresh
    own = {"UserPoolId": pool["Id"], "ClientId": client["ClientId"]}
    assert admin.describe_user_pool_client(**own)["UserPoolClient"] == client
    pages = admin.get_paginator("list_user_pool_clients").paginate(UserPoolId=pool["Id"])
    listed = [entry for page in pages for entry in page["UserPoolClients"]]
    assert listed == [own | {"ClientName": "fresh"}]
    admin.delete_user_pool_client(**own)
    with pytest.raises(admin.exceptions.ResourceNotFoundException):
        admin.describe_user_pool_client(**own)

    def ids():
        pages = admin.get_paginator("list_user_pools").paginate(PaginationConfig={"PageSize": 1})
        return {entry["Id"] for page in pages for entry in page["UserPools"]}

    assert pool["Id"] in ids()
    admin.delete_user_pool(UserPoolId=pool["Id"])
    assert pool["Id"] not in ids()


def test_tags(admin, fresh):
    arn = fresh[0]["Arn"]
    admin.tag_resource(ResourceArn=arn, Tags={"cost": "7"})
    assert admin.list_tags_for_resource(ResourceArn=arn)["Tags"] == {"cost": "7", "team": "blue"}
    admin.untag_resource(ResourceArn=arn, TagKeys=["team"])
    assert admin.list_tags_for_resource(ResourceArn=arn)["Tags"] == {"cost": "7"}
    admin.delete_user_pool(UserPoolId=fresh[0]["Id"])
