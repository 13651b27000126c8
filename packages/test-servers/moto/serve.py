"""Serves moto on a free port until its standard input ends, which it does when the process that started it ends.

Says `listening on PORT` on standard output. With the argument `iam` every request must be signed by a user whose policies allow it;
`POST /test-servers/users` with {"name", "policy"} makes such a user without asking who wants it.
"""

import json
import os
import sys
import threading

enforces = "iam" in sys.argv[1:]
if enforces:
    os.environ["INITIAL_NO_AUTH_ACTION_COUNT"] = "0"

from flask import request
from moto.core import DEFAULT_ACCOUNT_ID
from moto.iam.access_control import IAMRequestBase
from moto.iam.models import iam_backends
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

create_aws_request = IAMRequestBase._create_aws_request


def create_aws_request_of_raw_target(self):
    # Moto signs the decoded target, so that a key with `=`, `+` or `%` and a list with `prefix=a/` would never match their signature.
    self._path = request.environ["RAW_URI"]
    return create_aws_request(self)


IAMRequestBase._create_aws_request = create_aws_request_of_raw_target


def create_user(body):
    iam = iam_backends[DEFAULT_ACCOUNT_ID]["aws"]
    iam.create_user("us-east-1", body["name"])
    iam.put_user_policy(body["name"], "policy", json.dumps(body["policy"]))
    key = iam.create_access_key(body["name"])
    return {"accessKeyId": key.access_key_id, "secretAccessKey": key.secret_access_key}


moto = DomainDispatcherApplication(create_backend_app)
one_at_a_time = threading.Lock()


def application(environ, start_response):
    if enforces and environ["PATH_INFO"] == "/test-servers/users":
        user = create_user(json.loads(Request(environ).get_data()))
        return Response(json.dumps(user), mimetype="application/json")(environ, start_response)
    # Moto looks whether a condition holds and writes then, so that of racing conditional writes two may win.
    with one_at_a_time:
        return moto(environ, start_response)


def end_with_input():
    sys.stdin.buffer.read()
    os._exit(0)


server = make_server("127.0.0.1", 0, application, threaded=True)
os.environ["MOTO_PORT"] = str(server.port)
threading.Thread(target=end_with_input, daemon=True).start()
print(f"listening on {server.port}", flush=True)
server.serve_forever()
