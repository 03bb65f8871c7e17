"""An FTP server for the files of a folder: anonymous, and for ann with the password p@ss. Prints its port, and ends with
its standard input.

With the files of a certificate and its key as further arguments it demands TLS.
"""

import sys
import threading

from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import FTPHandler
from pyftpdlib.servers import FTPServer


def main():
    folder, *certificate = sys.argv[1:]
    if certificate:
        import os
        import tempfile

        from pyftpdlib.handlers import TLS_FTPHandler

        handler = type("Handler", (TLS_FTPHandler,), {})
        both = tempfile.NamedTemporaryFile(delete=False)
        for part in certificate:
            with open(part, "rb") as file:
                both.write(file.read())
        both.close()
        handler.certfile = both.name
        handler.tls_control_required = True
        handler.tls_data_required = True
    else:
        handler = type("Handler", (FTPHandler,), {})
    handler.authorizer = DummyAuthorizer()
    handler.authorizer.add_anonymous(folder)
    handler.authorizer.add_user("ann", "p@ss", folder)
    server = FTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.socket.getsockname()[1], flush=True)
    sys.stdin.read()
    if certificate:
        os.unlink(both.name)


main()
