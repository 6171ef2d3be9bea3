"""The secret register is read, and what is not one is told of with its line."""

from pathlib import Path

import pytest

from fixtures.documents import HARNESS, Malformed
from fixtures.secret_register import SECRET_REGISTER, read_secret_register


def test_own_register_gives_each_service_its_own() -> None:
    register = read_secret_register(HARNESS)
    assert {secret.name for secret in register.of("backup-nightly")} == {"PGPASSWORD", "gcs-sa.json"}
    assert register.groups_of("api") == ["api-secrets"]
    assert register.groups_of("dashboard") == []
    assert {"DATABASE_URL", "PGPASSWORD", "GCS_SA_JSON", "VERSION_DETAIL_TOKEN"} == register.variables


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("    kind: file\n    form: token", "    kind: secret\n    form: token"),
        ("    name: PGPASSWORD", "    name: pg password"),
        ("    login: retention_run\n", ""),
        ("    services: [backup-nightly]\n    group: backup-nightly-secrets\n    scope: making", "    scope: making"),
    ],
)
def test_what_does_not_fit_is_told_of_with_its_line(old: str, new: str, tmp_path: Path) -> None:
    text = (HARNESS / SECRET_REGISTER).read_text()
    assert text.count(old) == 1
    (tmp_path / SECRET_REGISTER).parent.mkdir()
    (tmp_path / SECRET_REGISTER).write_text(text.replace(old, new))
    with pytest.raises(Malformed, match=rf"{SECRET_REGISTER}:\d+"):
        read_secret_register(tmp_path)
