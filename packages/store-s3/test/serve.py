"""Serves moto on a free port until its standard input ends. Says `listening on PORT` on standard output."""

import os
import sys
import threading

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

moto = DomainDispatcherApplication(create_backend_app)
lock = threading.Lock()


def application(environ, start_response):
    # Moto looks whether a condition holds and writes then, so that of racing conditional writes two may win.
    with lock:
        return moto(environ, start_response)


def end_with_input():
    sys.stdin.buffer.read()
    os._exit(0)


server = make_server("127.0.0.1", 0, application, threaded=True)
threading.Thread(target=end_with_input, daemon=True).start()
print(f"listening on {server.port}", flush=True)
server.serve_forever()
