"""A stand-in for S3 with a bucket called "bucket". Prints its port, and ends with its standard input."""

import http.client
import logging
import sys

from moto.server import ThreadedMotoServer


def main():
    logging.getLogger("werkzeug").disabled = True
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    connection = http.client.HTTPConnection(host, port)
    connection.request("PUT", "/bucket")
    connection.getresponse().read()
    print(port, flush=True)
    sys.stdin.read()
    server.stop()


main()
