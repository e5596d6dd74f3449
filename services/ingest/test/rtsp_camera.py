"""An RTSP camera for tests: GStreamer's RTSP server plays an MP4 file to every caller, from its beginning.

Prints one JSON object a line: {"port": 40123} when it listens, then {"setup": "<Transport header>", "url": "…"} for each
stream a caller sets up. Ends when its standard input is closed.
"""
import argparse
import json
import sys
import threading

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import Gio, GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

ROLE = "viewer"
LOWER_TRANSPORTS = {"udp": GstRtsp.RTSPLowerTrans.UDP, "tcp": GstRtsp.RTSPLowerTrans.TCP}
VIDEO_PAYLOADERS = {"h264": "rtph264pay config-interval=-1", "hevc": "h265parse ! rtph265pay config-interval=-1"}
AUDIO_PAYLOADERS = {"aac": "rtpmp4gpay", "opus": "rtpopuspay"}


def options():
    parser = argparse.ArgumentParser()
    parser.add_argument("file")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--video", choices=VIDEO_PAYLOADERS, default="h264")
    parser.add_argument("--audio", choices=AUDIO_PAYLOADERS)
    parser.add_argument("--transport", choices=LOWER_TRANSPORTS, help="default: whichever the caller asks for")
    parser.add_argument("--user")
    parser.add_argument("--password")
    parser.add_argument("--certificate", help="PEM file; with --key the server speaks RTSPS only")
    parser.add_argument("--key")
    return parser.parse_args()


def factory(given):
    made = GstRtspServer.RTSPMediaFactory()
    video = f"d.video_0 ! queue ! {VIDEO_PAYLOADERS[given.video]} name=pay0 pt=96"
    audio = f" d.audio_0 ! queue ! {AUDIO_PAYLOADERS[given.audio]} name=pay1 pt=97" if given.audio else ""
    made.set_launch(f'( filesrc location="{given.file}" ! qtdemux name=d {video}{audio} )')
    if given.transport:
        made.set_protocols(LOWER_TRANSPORTS[given.transport])
    permissions = GstRtspServer.RTSPPermissions()
    permissions.add_permission_for_role(ROLE, "media.factory.access", True)
    permissions.add_permission_for_role(ROLE, "media.factory.construct", True)
    made.set_permissions(permissions)
    return made


def authentication(given):
    auth = GstRtspServer.RTSPAuth()
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", ROLE)
    if given.user:
        auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
        auth.add_digest(given.user, given.password, token)
    else:
        auth.set_default_token(token)
    if given.certificate:
        auth.set_tls_certificate(Gio.TlsCertificate.new_from_files(given.certificate, given.key))
    return auth


def say(what):
    print(json.dumps(what), flush=True)


def on_setup(_client, context):
    _result, transport = context.request.get_header(GstRtsp.RTSPHeaderField.TRANSPORT, 0)
    say({"setup": transport, "url": context.uri.get_request_uri()})


def main():
    given = options()
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(str(given.port))
    server.set_auth(authentication(given))
    for path in ("/main", "/small"):
        server.get_mount_points().add_factory(path, factory(given))
    server.connect("client-connected", lambda _server, client: client.connect("setup-request", on_setup))
    if server.attach(None) == 0:
        sys.exit(f"port {given.port} is taken")
    say({"port": server.get_bound_port()})
    loop = GLib.MainLoop()

    def end_with_the_test():
        sys.stdin.read()
        loop.quit()

    threading.Thread(target=end_with_the_test, daemon=True).start()
    loop.run()


main()
