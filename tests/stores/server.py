"""A web server for the files of a folder that serves ranges. Prints its port, and ends with its standard input.

With the files of a certificate and its key as further arguments it speaks TLS.
"""

import http.server
import os
import re
import ssl
import sys
import threading


class Ranges(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        path = self.translate_path(self.path)
        if not os.path.isfile(path):
            return self.send_error(404)
        asked = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        with open(path, "rb") as file:
            status = os.fstat(file.fileno())
            size = status.st_size
            if not asked or int(asked[1]) >= size:
                return self.send_error(416) if asked else super().do_GET()
            first, last = int(asked[1]), min(int(asked[2]), size - 1)
            file.seek(first)
            body = file.read(last - first + 1)
        self.send_response(206)
        self.send_header("Content-Range", f"bytes {first}-{last}/{size}")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Last-Modified", self.date_time_string(status.st_mtime))
        self.end_headers()
        self.wfile.write(body)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True


def main():
    folder, *certificate = sys.argv[1:]
    os.chdir(folder)
    server = Server(("127.0.0.1", 0), Ranges)
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_address[1], flush=True)
    sys.stdin.read()


main()
