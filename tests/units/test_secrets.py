"""What looks like a secret is told from what only resembles one."""

import pytest

from fixtures.secrets import CREDENTIALS_IN_URL, is_authenticated, is_secret_file, is_secret_name, secret_names_in

# Names


@pytest.mark.parametrize(
    "name",
    [
        *("PASSWORD", "PGPASSWORD", "DATABASE_PASSWORD", "MYSQL_PWD", "DB_PASS", "RCLONE_CONFIG_PASS", "dbPassword"),
        *("DB_PASSWORD2", "passwd", "GPG_PASSPHRASE", "--password"),
        *("TOKEN", "NPM_TOKEN", "_authToken", "apiToken", "GITHUB_PAT", "TOKEN1", "REFRESH_TOKENS"),
        *("SECRET", "JWT_SECRET", "CLIENTSECRET", "APP_SECRETS", "client-secret", "org.example.secret-key"),
        *("API_KEY", "APIKEY", "apiKey", "STRIPE_SECRET_KEY", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "API_KEY2"),
        *("SSH_PRIVATE_KEY", "PRIVATEKEY", "ENCRYPTION_KEYS", "KEY", "privateKey"),
        *("GOOGLE_APPLICATION_CREDENTIALS", "DEPLOY_CREDS", "BASIC_AUTH", "SENTRY_DSN"),
        *("DATABASE_URL", "REPLICA_DATABASE_URL", "database-url", "databaseUrl"),
    ],
)
def test_name_says_secret(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name",
    [
        *("PATH", "PYTHONPATH", "HOME", "LANG", "NODE_ENV", "NODE_VERSION", "PYTHON_SHA256", "PYTHONUNBUFFERED", "TZ"),
        *("PWD", "OLDPWD", "PATCH_LEVEL", "DISPATCH_MODE", "COMPATIBLE", "PATTERN"),
        *("BYPASS_CACHE", "COMPASS_URL", "PASSENGER_PORT", "PASSIVE", "PGPASSFILE"),
        *("SECRETARIAT_EMAIL", "TOKENIZERS_PARALLELISM", "CREDIT_LIMIT", "DSNAME"),
        *("AUTHOR", "org.opencontainers.image.authors", "OAUTH_CLIENT_ID", "AUTH0_DOMAIN", "NEXTAUTH_URL"),
        *("PUBLIC_KEY", "JWT_PUBLIC_KEY", "publicKey", "CACHE_KEY", "SSH_HOST_KEYS", "PRIMARY_KEY", "FOREIGN_KEY2"),
        *("KEYBOARD_LAYOUT", "KEYCLOAK_REALM", "MONKEY", "KEEP_ALIVE", "KEYRING", "keyserver"),
        *("DATABASE_HOST", "DATABASE_NAME", "DATABASE_POOL_SIZE", "API_URL", "BASE_URL", "PUBLIC_URL"),
        *("PGHOST", "PGUSER", "PGDATABASE", "BACKUP_RECIPIENT", "BACKUP_BUCKET", "SPECTRAL_GENERATION"),
        *("SOURCE_COMMIT", "BUILD_VERSION", "RENDER_GIT_COMMIT", "org.opencontainers.image.revision", "", "_"),
    ],
)
def test_name_only_resembles_one_that_says_secret(name: str) -> None:
    assert not is_secret_name(name)


# Commands


@pytest.mark.parametrize(
    ("command", "names"),
    [
        ("NPM_TOKEN=abc npm ci", ["NPM_TOKEN"]),
        ("export DB_PASSWORD='a b' && migrate", ["DB_PASSWORD"]),
        ("PASSWORD= migrate", ["PASSWORD"]),
        ("API_KEY=$(cat /run/secrets/api) fetch", ["API_KEY"]),
        ("useradd --password=x spectral", ["password"]),
        ("curl --oauth2-bearer x 'https://example.org/?api_key=abc'", ["api_key"]),
        ("npm config set //registry.example/:_authToken=abc", ["_authToken"]),
        ("|2 API_KEY=a VERSION=1 /bin/sh -c uv sync", ["API_KEY"]),
        ("ENV PATH=/bin JWT_SECRET=x", ["JWT_SECRET"]),
        ("A_TOKEN=1 B=2 C_TOKEN=3 x", ["A_TOKEN", "C_TOKEN"]),
        ('echo "//registry.example/:_password=$P" > .npmrc', ["_password"]),
    ],
)
def test_secret_that_is_given_a_value_is_found(command: str, names: list[str]) -> None:
    assert secret_names_in(command) == names


@pytest.mark.parametrize(
    "command",
    [
        "uv pip install token==1.0 secrets==2.0",
        "pip install 'password>=1.0' 'token!=2' 'auth~=3'",
        'test "$TOKEN" = abc',
        'test "$TOKEN" == abc',
        "unset NPM_TOKEN",
        "adduser --disabled-password --gecos '' spectral",
        "--mount=type=secret,id=npm_token,target=/run/token npm ci",
        "--mount=type=cache,target=/root/.cache/uv uv sync",
        "--mount=type=bind,source=tokenizer.json,target=/t.json x",
        "PATH=/opt/secret/bin:$PATH x",
        "LOG_FILE=password.log x",
        "npm config set public_key=abc",
        "deb [signed-by=/usr/share/keyrings/postgresql.gpg] https://example.org trixie main",
        "gpg --keyserver=hkps://keys.example.org --recv-keys 0123",
        "|1 VERSION=1 /bin/sh -c set -eux; apt-get update",
        'gnuArch="$(dpkg-architecture --query DEB_BUILD_GNU_TYPE)"; ./configure --build="$gnuArch" --with-ensurepip',
        "ENV PYTHON_SHA256=0123456789abcdef",
        "echo password",
        "",
    ],
)
def test_command_gives_no_secret(command: str) -> None:
    assert secret_names_in(command) == []
    assert not is_authenticated(command)


# Logins


@pytest.mark.parametrize(
    "command",
    [
        "curl -H 'Authorization: Basic ZGVwbG95' https://example.org",
        "curl --header Authorization:abc https://example.org",
        "wget --header='PRIVATE-TOKEN: abc' https://example.org",
        "curl -u deploy:hunter2 https://example.org",
        "curl --user deploy:hunter2 https://example.org",
        "curl --proxy-user=deploy:hunter2 https://example.org",
        "fetch --password hunter2",
        "fetch --api-key 0123",
        "fetch --access-token $TOKEN",
        "fetch --password=hunter2",
    ],
)
def test_command_that_logs_in_is_authenticated(command: str) -> None:
    assert is_authenticated(command)


@pytest.mark.parametrize(
    "command",
    [
        "setpriv --user 1000:1000 true",
        "chown -R 1000:1000 /app && useradd -u 1000 spectral",
        "usermod --password '!' root",
        'usermod --password "*" root',
        "adduser --no-password --disabled-login spectral",
        "sort -u names:sorted/x",
        "npm config set authorization-url https://example.org",
        "mysqld --skip-password --token-file /run/token",
    ],
)
def test_command_that_only_resembles_a_login_is_not(command: str) -> None:
    assert not is_authenticated(command)


# Addresses


@pytest.mark.parametrize(
    "text",
    [
        "https://user:hunter2@example.org/simple",
        "pip install --index-url 'https://user:hunter2@example.org/simple' x",
        "git+https://x-access-token:abc@example.org/team/project.git",
        "postgresql://workers:hunter2@database:5432/spectral",
        "jdbc:postgresql://workers:hunter2@database/spectral",
        "redis://:hunter2@cache:6379/0",
        "HTTPS://USER:HUNTER2@EXAMPLE.ORG",
        "https://$USER:hunter2@example.org",
        "amqp://guest:p%40ss@queue:5672",
        "https://user:hunter2@192.0.2.1:8443/",
        "https://user:sha256@example.org/",
    ],
)
def test_password_in_an_address_is_found(text: str) -> None:
    assert CREDENTIALS_IN_URL.search(text)


@pytest.mark.parametrize(
    "text",
    [
        "https://example.org/simple",
        "https://example.org:8443/simple",
        "https://example.org:8443/@types/node",
        "https://example.org/a:b@c",
        "postgresql://workers@database:5432/spectral",
        "ssh://git@example.org:22/team/project.git",
        "git+ssh://git@example.org/team/project.git@v1",
        "git@example.org:team/project.git",
        "https://user:$TOKEN@example.org",
        "https://user:${TOKEN}@example.org",
        "redis://:@cache:6379/0",
        f"docker-image://python:3.14@sha256:{'0' * 64}",
        f"docker-image://registry.example:5000/python:3.14@sha256:{'0' * 64}",
        "curl http://example.org:80 --user-agent a@b",
        "curl 'http://example.org:80' 'a@b'",
        "http://[::1]:8080/a@b",
        "user:hunter2@example.org",
        "mailto:someone@example.org",
        "file:///etc/a:b@c",
        "COPY --chown=1000:1000 a@b /",
    ],
)
def test_address_only_resembles_one_with_a_password(text: str) -> None:
    """A password that is a variable stands in no history; its name is looked at instead."""
    assert not CREDENTIALS_IN_URL.search(text)


# Files


@pytest.mark.parametrize(
    "path",
    [
        *(".env", "apps/api/.env", "/app/.env", ".env.production", ".env.local", "production.env", ".ENV"),
        *(".env*", ".env.*", "**/.env", "*.pem", "apps/*/.env?"),
        *(".npmrc", "/root/.npmrc", ".netrc", "/root/.pgpass", ".pypirc", "/etc/pip.conf", ".git-credentials"),
        *("server.key", "/etc/ssl/private/server.pem", "Server.PEM", "release.jks", "client.p12", "vault.kdbx"),
        *("id_rsa", "id_ed25519", "id_rsa.bak", "/root/.ssh/config", "/root/.gnupg/trustdb.gpg"),
        *(".ssh", ".ssh/", "./.ssh", "home/.aws", ".gnupg", ".config/gcloud", "/root/.aws/credentials", ".aws/*"),
        *(".git/config", "/src/.git/config", "/root/.docker/config.json", ".kube/config", "kubeconfig"),
        *("terraform.tfstate", "terraform.tfstate.backup", "prod.tfvars", "credentials.json", "gcs-sa-prod.json"),
        *("/root/.bash_history", "service-account.json", ".htpasswd"),
    ],
)
def test_file_looks_secret(path: str) -> None:
    assert is_secret_file(path)


@pytest.mark.parametrize(
    "path",
    [
        *(".env.example", "apps/api/.env.example", "env.py", "src/env.ts", "vite-env.d.ts", "environment.yaml"),
        *("/app/.venv/lib/python3.14/site-packages/certifi/cacert.pem", "/etc/ssl/certs/ca-certificates.crt"),
        *(".npmignore", ".npmrc.md", "pip.config.md", "passwd", "/etc/passwd", "/etc/shadow.md"),
        *("keys.py", "monkey.py", "keystore.py", "hotkeys.ts", "key", "pem", "x.keys"),
        *("id_rsa.pub", "/root/.ssh/id_ed25519.pub", "id_rsa_test.go", "ssh/config", "x.ssh/config", ".sshd/config"),
        *("aws/main.tf", "docs/aws/readme.md", "docker/config.json", "kube/config", "kubeconfig.py"),
        *(".git/HEAD", ".git/packed-refs", ".git/refs/heads/main", ".github/config.yml", ".gitconfig", ".gitignore"),
        *("main.tf", "variables.tf", "credentials.py", "credential-store.js", "service-account.md", "secrets.py"),
        *("password.ts", "tokenizer.json", "package.json", "requirements.txt", ".bashrc", ".dockerignore"),
        *("--from=builder", "--chown=1000:1000", ".", "*", "/app", "apps/api", "infra/docker/api.Dockerfile", ""),
        "src/fixtures.environment/config",
    ],
)
def test_file_only_resembles_a_secret_one(path: str) -> None:
    assert not is_secret_file(path)
