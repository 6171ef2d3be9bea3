"""Whatever is sent, no service breaks, and none tells of its inside."""

import http.client
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from fixtures.running import Running
from fixtures.waiting import wait_until

CHECKS = [
    *("not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance"),
    *("response_headers_conformance", "negative_data_rejection", "unsupported_method"),
]
EXAMPLES = "60"
#: What no description of an interface leads to; each is sent as it stands.
RAW = {
    "no such method": b"NONSENSE / HTTP/1.1\r\nHost: a\r\n\r\n",
    "no HTTP": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    "an older HTTP": b"GET /healthz HTTP/0.9\r\n\r\n",
    "a path that leads out": b"GET /../../etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n",
    "a path that leads out, in code": b"GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\nHost: a\r\n\r\n",
    "a broken escape": b"GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n",
    "NUL in the path": b"GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n",
    "no UTF-8 in the path": b"GET /\xff\xfe HTTP/1.1\r\nHost: a\r\n\r\n",
    "a long path": b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    "a long header": b"GET / HTTP/1.1\r\nHost: a\r\nX-A: " + b"a" * 70_000 + b"\r\n\r\n",
    "two lengths": b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\na",
    "a negative length": b"POST /healthz HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
    "a body with GET": b"GET /version HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n{{{",
    "no UTF-8 in a header": b"GET /version/detail HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \xff\xfe\r\n\r\n",
}
INSIDE = [b"Traceback", b"node_modules", b"/app/", b"    at ", b".py", b"root:x:"]


@pytest.fixture(params=["api", "dashboard", "operations"])
def service(request: pytest.FixtureRequest, services) -> Running:
    return services.all[request.param]


@pytest.mark.parametrize("with_token", [False, True], ids=["anybody", "who has the token"])
def test_api_keeps_to_its_own_description(services, with_token: bool, tmp_path: Path) -> None:
    check(services.api, CHECKS, services.token if with_token else None, tmp_path)


def test_api_keeps_to_it_without_a_database(api_alone, tmp_path: Path) -> None:
    """It may say 503 then, as the description says; what the first check calls an error of the server."""
    check(api_alone, [name for name in CHECKS if name != "not_a_server_error"], None, tmp_path)
    statuses = {line["status"] for line in api_alone.log if line.get("msg") == "request"}
    assert {status for status in statuses if status >= 500} == {503}


def check(running: Running, checks: list[str], token: str | None, folder: Path) -> None:
    """Have schemathesis ask, and find nothing; nor does the log tell of anything that broke."""
    assert running.address is not None
    address = "http://{}:{}".format(*running.address)
    done = subprocess.run(
        [
            *(Path(sys.executable).with_name("schemathesis"), "run", f"{address}/openapi.json"),
            *("--checks", ",".join(checks), "--max-examples", EXAMPLES, "--no-color", "--seed", "49"),
            *(["--header", f"Authorization: Bearer {token}"] if token else []),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=folder,
    )
    assert done.returncode == 0, done.stdout
    assert [line for line in running.log if "trace" in line] == []


@pytest.mark.parametrize("name", RAW)
def test_nonsense_is_refused_without_a_word_of_the_inside(service: Running, name: str) -> None:
    assert service.address is not None
    with socket.create_connection(service.address, timeout=10) as connection:
        connection.sendall(RAW[name])
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        body = answer.read()
    assert answer.status < 500
    assert [word for word in INSIDE if word in body] == []
    assert service.get("/healthz") == (200, b'{"status":"ok"}')


@pytest.mark.parametrize("path", ["/", "/nowhere", "/version", "/healthz", "/%zz"])
def test_every_answer_has_the_headers_that_protect_who_reads_it(service: Running, path: str) -> None:
    assert service.address is not None
    connection = http.client.HTTPConnection(*service.address, timeout=10)
    connection.request("GET", path)
    headers = connection.getresponse().headers
    connection.close()
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]


def test_log_has_a_line_for_each_request_and_no_token_in_it(services) -> None:
    path = "/of-this-test-alone"
    services.api.get(f"{path}?token={services.token}", {"Authorization": f"Bearer {services.token}"})

    def lines() -> list[tuple[str, int]]:
        return [(line["method"], line["status"]) for line in services.api.log if line.get("path") == path]

    wait_until(lambda: bool(lines()), "a line for the request", 10, lambda: services.api.text[-400:])
    assert lines() == [("GET", 404)]
    assert services.token not in services.api.text
