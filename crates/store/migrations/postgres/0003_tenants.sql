-- Sign-ins and machine credentials belong to a tenant by its id, whatever it is called.

ALTER TABLE tenants ADD COLUMN admin_group TEXT COLLATE "C";
CREATE UNIQUE INDEX tenants_by_id ON tenants (tenant_id);

ALTER TABLE sessions ADD COLUMN tenant_id TEXT COLLATE "C";

CREATE TABLE machine_credentials (
    pool_id TEXT COLLATE "C" NOT NULL,
    sub TEXT COLLATE "C" NOT NULL,
    tenant_id TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (pool_id, sub)
);
CREATE INDEX machine_credentials_by_tenant ON machine_credentials (pool_id, tenant_id, sub);
