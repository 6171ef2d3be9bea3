"""tools/provision/forms.py: what is taken for a value of each form, and what is not."""

import importlib.util
from types import SimpleNamespace

import pytest

from fixtures.documents import HARNESS
from fixtures.provisioning import Entry, wrong_values

FORMS = ("database-url", "url", "password", "token", "service-account", "age-key", "private-key")
_spec = importlib.util.spec_from_file_location("provision_forms", HARNESS / "tools/provision/forms.py")
assert _spec
assert _spec.loader
forms = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(forms)


def entry(form: str, greatest: int = 4096) -> Entry:
    return Entry("the-secret", "THE_SECRET", "variable", form, "api", greatest, ("api",), "api-secrets")


@pytest.mark.parametrize("form", FORMS)
def test_right_value_is_taken(form: str) -> None:
    one = entry(form)
    forms.check(one, one.value())


@pytest.mark.parametrize("form", FORMS)
def test_wrong_values_are_refused_and_not_shown(form: str) -> None:
    one = entry(form)
    for value in wrong_values(one):
        with pytest.raises(forms.Refused) as refused:
            forms.check(one, value)
        assert value not in str(refused.value)


@pytest.mark.parametrize(
    "value", ["", " ", "\n", "x" * 5000, "two\nlines" * 8, " spaces at the ends of what was copied "]
)
def test_no_token(value: str) -> None:
    with pytest.raises(forms.Refused):
        forms.check(entry("token"), value)


def test_pooler_takes_the_login_with_the_name_of_its_database() -> None:
    one = entry("database-url")
    forms.check(one, one.value().replace("//api:", "//api.project:"))


def test_form_that_is_not_known_is_refused() -> None:
    with pytest.raises(forms.Refused):
        forms.check(SimpleNamespace(id="x", form="other", greatest_bytes=99), "value")
